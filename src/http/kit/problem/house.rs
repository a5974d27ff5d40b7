//! What may come of asking for what concerns the whole house, and of batches.

use http::StatusCode;

use super::Problem;
use super::rooms::unavailable;
use crate::app::{OfficeError, Unacceptable};
use crate::http::kit::fields::FieldFault;

impl From<OfficeError> for Problem {
    fn from(error: OfficeError) -> Self {
        use OfficeError as E;
        let detail = error.to_string();
        match error {
            E::NotAdmin => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::Store(error) => unavailable(&error),
            E::Storage(error) => unavailable(&error),
        }
    }
}

/// Every fault of every item, each with its place in the batch.
impl From<Unacceptable> for Problem {
    fn from(unacceptable: Unacceptable) -> Self {
        let detail = format!("{unacceptable}; see errors");
        let mut errors = Vec::new();
        for (place, error) in unacceptable.0 {
            let problem = Self::from(error);
            let item = format!("/items/{place}");
            if problem.errors().is_empty() {
                let message = problem.detail().to_owned();
                errors.push(FieldFault { pointer: item, message });
                continue;
            }
            errors.extend(problem.errors().iter().map(|fault| FieldFault {
                pointer: format!("{item}{}", fault.pointer),
                message: fault.message.clone(),
            }));
        }
        Self::new(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", detail).with_errors(errors)
    }
}
