//! What permissions may come to, other than told.

use http::StatusCode;

use super::Problem;
use super::rooms::unavailable;
use crate::app::PermissionError;

impl From<PermissionError> for Problem {
    fn from(error: PermissionError) -> Self {
        use PermissionError as E;
        let detail = error.to_string();
        match error {
            E::NotAnAdmin => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            E::Changed => Self::new(StatusCode::PRECONDITION_FAILED, "PRECONDITION_FAILED", detail),
            E::Store(error) => unavailable(&error),
        }
    }
}
