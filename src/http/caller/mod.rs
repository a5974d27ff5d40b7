//! `caller: Caller` among a handler's arguments *is* the authentication.
//!
//! There are several ways in, each in a file of its own; whichever was taken, one [`Caller`] comes
//! out.

mod bearer;
mod signed;

use crate::domain::Caller;
use crate::security::CredentialError;

use super::audit::Witness;
use super::kit::{Answer, Call, FromCall, Problem};
use super::shared::Shared;

impl FromCall<Shared> for Caller {
    const PROVES_CALLER: bool = true;

    /// Proved once per request, however often it is asked for.
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        if let Some(caller) = call.parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = proved(call).await.map_err(|error| refused(call, error))?;
        Witness::proved(&call.parts.extensions, &caller);
        call.parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

async fn proved(call: &mut Call<Shared>) -> Result<Caller, CredentialError> {
    if let Some(signed) = signed::caller(call).await {
        return signed;
    }
    call.state.authority.prove(bearer::bearer(&call.parts.headers)?).await
}

fn refused(call: &Call<Shared>, error: CredentialError) -> Problem {
    Witness::refused(&call.parts.extensions, error.reason());
    call.state.desk.metrics().auth_failures.with_label_values(&[error.reason()]).inc();
    tracing::debug!(reason = error.reason(), %error, "credentials refused");
    error.into()
}
