//! What whoever comes by a link shows at the door.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::HeaderMap;
use http::header::AUTHORIZATION;

use crate::security::{LinkToken, Secret};

use super::kit::{Answer, Call, FromCall};

/// The longest password that is looked at, in bytes; none is kept that is longer.
const LONGEST_PASSWORD: usize = 1024;

/// The token in the path, which is its only parameter, and the password of HTTP Basic
/// authentication, if one was sent. The user name does not matter.
#[derive(Debug, Clone)]
pub struct Presented {
    /// `None` when what stands there can be no token.
    pub token: Option<LinkToken>,
    /// `None` when there is none, or nothing that is read as one.
    pub password: Option<Secret>,
}

impl<S: Send> FromCall<S> for Presented {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        let token = call.params.first().and_then(|text| LinkToken::parse(text));
        Ok(Self { token, password: password(&call.parts.headers) })
    }
}

/// The password in the only `Authorization` line.
///
/// Source: RFC 7617 §2; the scheme's case does not matter (RFC 9110 §11.1).
fn password(headers: &HeaderMap) -> Option<Secret> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return None };
    let (scheme, credentials) = line.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = String::from_utf8(BASE64.decode(credentials.trim()).ok()?).ok()?;
    let (_user, password) = decoded.split_once(':')?;
    let is_one = (1..=LONGEST_PASSWORD).contains(&password.len());
    is_one.then(|| Secret::new(password))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_password_is_found_whatever_the_user_is_called() {
        let of = |lines: &[String]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(AUTHORIZATION, HeaderValue::try_from(line).expect("a value"));
            }
            password(&headers).map(|password| password.expose().to_owned())
        };
        let basic = |text: &[u8]| format!("Basic {}", BASE64.encode(text));
        assert_eq!(of(&[basic(b":open")]).as_deref(), Some("open"));
        assert_eq!(of(&[basic(b"ada:open: sesame")]).as_deref(), Some("open: sesame"));
        assert_eq!(of(&[basic("x:äß".as_bytes()).to_lowercase().replacen("basic", "BASIC", 1)]), None);
        assert_eq!(of(&[basic("x:äß".as_bytes()).replacen("Basic", "bASIC", 1)]).as_deref(), Some("äß"));
        let long = [b":", &[b'x'; LONGEST_PASSWORD + 1][..]].concat();
        for wrong in [&[][..], &["Basic".into()], &["Basic %".into()], &["Bearer a.b.c".into()]] {
            assert_eq!(of(wrong), None, "{wrong:?}");
        }
        for wrong in [&b"no colon"[..], b"ada:", b":\xff", &long] {
            assert_eq!(of(&[basic(wrong)]), None);
        }
        assert_eq!(of(&[basic(b":a"), basic(b":a")]), None, "two may be read differently by two");
    }
}
