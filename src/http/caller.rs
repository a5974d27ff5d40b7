//! `caller: Caller` among a handler's arguments *is* the authentication.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::domain::Caller;
use crate::security::CredentialError;

use super::kit::{Answer, Call, FromCall, Problem};
use super::shared::Shared;

impl FromCall<Shared> for Caller {
    const PROVES_CALLER: bool = true;

    /// Proved once per request, however often it is asked for.
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        if let Some(caller) = call.parts.extensions.get::<Self>() {
            return Ok(caller.clone());
        }
        let proved = bearer(&call.parts.headers).and_then(|token| call.state.authority.prove(token));
        let caller = proved.map_err(|error| refused(call, error))?;
        call.parts.extensions.insert(caller.clone());
        Ok(caller)
    }
}

fn refused(call: &Call<Shared>, error: CredentialError) -> Problem {
    call.state.desk.metrics().auth_failures.with_label_values(&[error.reason()]).inc();
    tracing::debug!(reason = error.reason(), %error, "credentials refused");
    error.into()
}

/// The token of the only `Authorization` line. With two, a proxy in front and we could take
/// different ones for the caller's.
///
/// Source: RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Result<&str, CredentialError> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let line = match (lines.next(), lines.next()) {
        (None, _) => return Err(CredentialError::Missing),
        (Some(only), None) => only.to_str().map_err(|_| CredentialError::NotABearer)?,
        (Some(_), Some(_)) => return Err(CredentialError::NotABearer),
    };
    match line.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim()),
        _ => Err(CredentialError::NotABearer),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_bearer_token_is_found_in_the_only_authorization_there_is() {
        for (lines, found) in [
            (&["Bearer a.b.c"][..], Ok("a.b.c")),
            (&["bearer  a.b.c "], Ok("a.b.c")),
            (&[], Err(CredentialError::Missing)),
            (&["Basic dXNlcjpwYXNz"], Err(CredentialError::NotABearer)),
            (&["Bearer"], Err(CredentialError::NotABearer)),
            (&["a.b.c"], Err(CredentialError::NotABearer)),
            (&["Bearer a.b.c", "Bearer a.b.c"], Err(CredentialError::NotABearer)),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(AUTHORIZATION, HeaderValue::from_static(line));
            }
            assert_eq!(bearer(&headers), found, "{lines:?}");
        }
    }
}
