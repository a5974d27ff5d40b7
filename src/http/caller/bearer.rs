//! `Authorization: Bearer …`.

use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::domain::{Caller, Proof, Timestamp};
use crate::http::kit::{Answer, Call, FromCall};
use crate::http::shared::Shared;
use crate::security::{CredentialError, jwt};

/// How long what proved the caller is good, as far as it says so itself. Of API tokens their rows
/// tell.
#[derive(Debug, Clone, Copy)]
pub struct GoodUntil(pub Option<Timestamp>);

impl FromCall<Shared> for GoodUntil {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        let caller = Caller::from_call(call).await?;
        let token = bearer(&call.parts.headers).ok().filter(|_| caller.proof == Proof::Jwt);
        Ok(Self(token.and_then(jwt::expiry_of)))
    }
}

/// The token of the only `Authorization` line. With two, a proxy in front and we could take
/// different ones for the caller's.
///
/// Source: RFC 6750 §2.1; the scheme's case does not matter (RFC 9110 §11.1).
pub fn bearer(headers: &HeaderMap) -> Result<&str, CredentialError> {
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
