//! What reading the audit may come to, other than that.

use http::StatusCode;

use super::Problem;
use super::rooms::unavailable;
use crate::app::AuditError;

impl From<AuditError> for Problem {
    fn from(error: AuditError) -> Self {
        use AuditError as E;
        match error {
            E::AdminsOnly => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", error.to_string()),
            E::Store(error) => unavailable(&error),
        }
    }
}
