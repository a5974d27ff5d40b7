//! What templates may come to, other than told.

use http::StatusCode;

use super::rooms::{invalid, unavailable};
use super::{Problem, RequestFault};
use crate::app::{TemplateError, TemplateFault};
use crate::http::kit::fields::FieldFault;

impl From<TemplateError> for Problem {
    fn from(error: TemplateError) -> Self {
        use TemplateError as E;
        let detail = error.to_string();
        match error {
            E::Unknown(_) => Self::new(StatusCode::NOT_FOUND, "TEMPLATE_NOT_FOUND", detail),
            E::Foreign | E::Shipped(_) | E::NotShareable => {
                Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail)
            }
            E::Reserved(_) => invalid("/name", detail),
            E::Taken(_) | E::TooMany => Self::new(StatusCode::CONFLICT, "CONFLICT", detail),
            E::Faulty(faults) => RequestFault::InvalidFields(faults.into_iter().map(field).collect()).into(),
            E::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}

fn field(fault: TemplateFault) -> FieldFault {
    FieldFault { message: fault.told(), pointer: fault.pointer }
}
