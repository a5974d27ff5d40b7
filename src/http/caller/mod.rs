//! `caller: Caller` among a handler's arguments *is* the authentication.
//!
//! There are several ways in, each in a file of its own; whichever was taken, one [`Caller`] comes
//! out. How far a credential reaches is looked at here too, once for every endpoint.

mod bearer;
mod cookie;
mod csrf;
mod door;
mod on_behalf;
mod reach;
mod signed;

pub use bearer::GoodUntil;
pub use cookie::{SessionAtHand, SessionCookie};
pub use door::count_from_zero;
pub use reach::asks_only;

use crate::domain::Caller;
use crate::security::{ApiTokenSecret, CredentialError};

use super::audit::Witness;
use super::kit::problem::AccessFault;
use super::kit::{Answer, Call, FromCall};
use super::shared::Shared;

impl FromCall<Shared> for Caller {
    const PROVES_CALLER: bool = true;

    /// Proved once per request, however often it is asked for.
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        if let Some(caller) = call.parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let caller = admitted(call).await.map_err(|fault| door::refused(call, fault))?;
        Witness::proved(&call.parts.extensions, &caller);
        call.parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

/// Refuses what a browser sent for another site's page, before there is a session to protect.
///
/// # Errors
/// The answer to such a request.
pub fn from_here(call: &Call<Shared>) -> Answer<()> {
    csrf::is_from_here(&call.parts, &call.state.addressing).map_err(|fault| door::refused(call, fault))
}

/// Whoever is proved, as whoever they act for, if they may do what they ask for at all.
async fn admitted(call: &mut Call<Shared>) -> Result<Caller, AccessFault> {
    let caller = on_behalf::of(proved(call).await?, &call.parts.headers)?;
    if caller.may_write() || reach::only_asks(&call.parts) { Ok(caller) } else { Err(AccessFault::ReadOnly) }
}

/// Whoever the request's credential proves. A browser sends cookies along by itself, so what was
/// sent on purpose wins over them.
async fn proved(call: &mut Call<Shared>) -> Result<Caller, AccessFault> {
    if let Some(signed) = signed::caller(call).await {
        return Ok(signed?);
    }
    match bearer::bearer(&call.parts.headers) {
        Ok(token) if ApiTokenSecret::is_meant(token) => Ok(call.state.desk.tokens().prove(token).await?),
        Ok(token) => Ok(call.state.authority.prove(token).await?),
        Err(CredentialError::Missing) => cookie::caller(call).await,
        Err(error) => Err(error.into()),
    }
}
