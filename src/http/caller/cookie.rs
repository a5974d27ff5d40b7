//! The cookie of a page where somebody has signed in.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::HeaderValue;
use http::header::COOKIE;

use crate::domain::{Caller, Session};
use crate::http::kit::problem::AccessFault;
use crate::http::kit::{Answer, Call, FromCall};
use crate::http::shared::Shared;
use crate::security::{CredentialError, SessionToken, ShownSession};

use super::{csrf, reach};

/// Of clients that come by http.
const NAME: &str = "exportd_session";
/// Of clients that come by https: by this name no cookie is taken that was set by http, or by a
/// neighbour for the whole domain, so none but ours is there.
///
/// Source: RFC 6265bis §4.1.3.2.
const HOST_NAME: &str = "__Host-exportd_session";

/// The session that proved the caller, with its secret.
#[derive(Debug, Clone)]
pub struct SessionAtHand {
    /// The session.
    pub session: Session,
    /// Its secret.
    pub token: SessionToken,
}

impl FromCall<Shared> for SessionAtHand {
    const PROVES_CALLER: bool = true;

    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        Caller::from_call(call).await?;
        let at_hand = call.parts.extensions.get::<Self>().cloned();
        at_hand.ok_or_else(|| AccessFault::NoSession.into())
    }
}

/// The caller whose session the request's cookie is of.
pub async fn caller(call: &mut Call<Shared>) -> Result<Caller, AccessFault> {
    let SessionCookie { name } = SessionCookie::of(call);
    let lines = call.parts.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes);
    let token = match SessionToken::shown(lines, name) {
        ShownSession::None => return Err(CredentialError::Missing.into()),
        ShownSession::Broken => return Err(CredentialError::BrokenSession.into()),
        ShownSession::Several => return Err(CredentialError::SeveralSessions.into()),
        ShownSession::One(token) => token,
    };
    let session = call.state.desk.sessions().prove(&token).await?;
    if reach::is_unsafe(&call.parts) {
        csrf::check(&call.parts, &token, &call.state.addressing)?;
    }
    let caller = session.caller();
    call.parts.extensions.insert(SessionAtHand { session, token });
    Ok(caller)
}

/// How the cookie of a session is written for the client of a request.
#[derive(Debug, Clone, Copy)]
pub struct SessionCookie {
    name: &'static str,
}

impl SessionCookie {
    fn of(call: &Call<Shared>) -> Self {
        let is_secure = call.state.addressing.is_secure(&call.parts);
        Self { name: if is_secure { HOST_NAME } else { NAME } }
    }

    /// One that says `token`, the secret of `session`, until that ends.
    pub fn saying(self, token: &SessionToken, session: &Session) -> HeaderValue {
        let seconds = session.expires_at.since(session.created_at).as_secs();
        self.written(&token.expose(), i64::try_from(seconds).unwrap_or(i64::MAX))
    }

    /// One that takes the place of whatever was there, and ends at once.
    pub fn forgotten(self) -> HeaderValue {
        self.written("", 0)
    }

    fn written(self, value: &str, seconds: i64) -> HeaderValue {
        let cookie = Cookie::build((self.name, value))
            .http_only(true)
            .same_site(SameSite::Strict)
            .path("/")
            .secure(self.name == HOST_NAME)
            .max_age(Duration::seconds(seconds));
        let line = HeaderValue::try_from(cookie.to_string()).expect("base64url, numbers and words of ours");
        sensitive(line)
    }
}

/// Not to be seen where headers are shown, nor to be guessed from how well they compress.
fn sensitive(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

impl FromCall<Shared> for SessionCookie {
    async fn from_call(call: &mut Call<Shared>) -> Answer<Self> {
        Ok(Self::of(call))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Role, Scope, SessionId, Timestamp};

    #[test]
    fn a_cookie_is_for_this_host_and_its_pages_only_and_out_of_reach_for_scripts() {
        let (token, at) = (SessionToken::new(), Timestamp::from_millis);
        let session = Session {
            id: SessionId::new(),
            user: "ada".parse().expect("a user"),
            role: Role::User,
            scope: Scope::Write,
            acting: None,
            token_hash: token.hash(),
            api_token: None,
            created_at: at(500),
            expires_at: at(90_500),
            last_used_at: at(500),
        };
        let line = SessionCookie { name: NAME }.saying(&token, &session);
        let expected =
            format!("exportd_session={}; HttpOnly; SameSite=Strict; Path=/; Max-Age=90", token.expose());
        assert_eq!(line, expected.as_str());
        assert!(line.is_sensitive());
        let line = SessionCookie { name: HOST_NAME }.forgotten();
        assert_eq!(line, "__Host-exportd_session=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0");
    }
}
