//! Whoever is not let in: counted, and slowed when it goes on.

use crate::app::ProofError;
use crate::http::asked::Asked;
use crate::http::audit::Witness;
use crate::http::kit::problem::AccessFault;
use crate::http::kit::{Call, Problem};
use crate::http::shared::Shared;
use crate::security::CredentialError;
use crate::telemetry::Metrics;

/// Has every reason shown, so that the first failure of a kind is a rise and not a beginning.
pub fn count_from_zero(metrics: &Metrics) {
    for reason in CredentialError::REASONS.iter().chain(&AccessFault::REASONS) {
        metrics.auth_failures.with_label_values(&[*reason]).inc_by(0);
    }
}

/// What a request with this fault is told.
pub fn refused(call: &Call<Shared>, fault: AccessFault) -> Problem {
    if let Some(reason) = fault.reason() {
        call.state.desk.metrics().auth_failures.with_label_values(&[reason]).inc();
        Witness::refused(&call.parts.extensions, reason);
        tracing::debug!(reason, %fault, "a caller was refused");
    }
    slowed(call, fault).into()
}

/// The same fault, or that there were too many like it from there.
fn slowed(call: &Call<Shared>, fault: AccessFault) -> AccessFault {
    let AccessFault::Unproved(ProofError::Credential(error)) = &fault else { return fault };
    let Some(asked) = call.parts.extensions.get::<Asked>().filter(|_| error.is_a_try()) else { return fault };
    match call.state.desk.strangers().failed(asked.address) {
        Ok(()) => fault,
        Err(wait) => AccessFault::Slowed { wait },
    }
}
