//! Signed requests (RFC 9421).

use crate::domain::Caller;
use crate::http::kit::Call;
use crate::http::shared::Shared;
use crate::security::CredentialError;

/// The caller that a signature proves, if the request has one. With another credential beside it,
/// nobody could say which of the two was meant.
#[expect(clippy::unused_async, reason = "a nonce is written down before its request is believed")]
pub async fn caller(_call: &mut Call<Shared>) -> Option<Result<Caller, CredentialError>> {
    None
}
