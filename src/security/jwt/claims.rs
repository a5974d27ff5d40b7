//! What a token says, and whether that is enough.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use serde::{Deserialize, Serialize};

use crate::domain::{Caller, Role, Scope, Timestamp, UserId};
use crate::security::CredentialError;

use super::{Config, SKEW};

/// The claims that matter here (RFC 7519 §4.1, and `userId`, `role` of earlier systems). Others
/// are none of our business.
#[derive(Debug, Deserialize)]
pub(super) struct Presented {
    sub: Option<String>,
    #[serde(rename = "userId")]
    user_id: Option<String>,
    role: Option<String>,
    scope: Option<String>,
    /// Seconds since 1970; RFC 7519 §2 allows fractions.
    exp: Option<f64>,
    nbf: Option<f64>,
    iss: Option<String>,
    aud: Option<Audience>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    fn names(&self, wanted: &str) -> bool {
        match self {
            Self::One(name) => name == wanted,
            Self::Several(names) => names.iter().any(|name| name == wanted),
        }
    }
}

impl Presented {
    /// The caller that these claims describe at `now`.
    pub fn caller(&self, rules: &Rules, now: Timestamp) -> Result<Caller, CredentialError> {
        self.check_time(now)?;
        if rules.issuer.is_some() && self.iss != rules.issuer {
            return Err(CredentialError::WrongIssuer);
        }
        if let Some(wanted) = &rules.audience
            && !self.aud.as_ref().is_some_and(|audience| audience.names(wanted))
        {
            return Err(CredentialError::WrongAudience);
        }
        Ok(Caller { scope: self.scope(), ..Caller::new(self.user()?, self.role()?) })
    }

    fn check_time(&self, now: Timestamp) -> Result<(), CredentialError> {
        let at = instant(self.exp.ok_or(CredentialError::NoExpiry)?);
        if now >= at.plus(SKEW) {
            return Err(CredentialError::Expired { at });
        }
        match self.nbf.map(instant) {
            Some(from) if now.plus(SKEW) < from => Err(CredentialError::NotYetValid { from }),
            _ => Ok(()),
        }
    }

    /// Two names that differ would let a token mean one user here and another elsewhere.
    fn user(&self) -> Result<UserId, CredentialError> {
        let name = match (&self.sub, &self.user_id) {
            (Some(sub), Some(user)) if sub != user => return Err(CredentialError::NoUser),
            (Some(name), _) | (None, Some(name)) => name,
            (None, None) => return Err(CredentialError::NoUser),
        };
        name.parse().map_err(|_| CredentialError::NoUser)
    }

    /// `role` where there is one, because it is the narrower word; else an `admin` among the
    /// space-separated `scope` (RFC 8693 §4.2).
    fn role(&self) -> Result<Role, CredentialError> {
        let scopes = self.scope.as_deref().unwrap_or_default();
        match self.role.as_deref() {
            Some("user") => Ok(Role::User),
            Some("admin") => Ok(Role::Admin),
            Some(_) => Err(CredentialError::UnknownRole),
            None if scopes.split_ascii_whitespace().any(|scope| scope == "admin") => Ok(Role::Admin),
            None => Ok(Role::User),
        }
    }

    /// The widest of the scopes that are about exports. A token that says nothing about exports
    /// reaches as far as its role; one that says something not understood here, no further than
    /// to look.
    fn scope(&self) -> Scope {
        let words = || self.scope.iter().flat_map(|scopes| scopes.split_ascii_whitespace());
        let known = words().filter_map(Scope::parse).max();
        let is_about_exports = words().any(|word| word.starts_with("exports:"));
        known.unwrap_or(if is_about_exports { Scope::Read } else { Scope::Admin })
    }
}

/// Whom tokens must be from, and for.
#[derive(Debug)]
pub(super) struct Rules {
    pub issuer: Option<String>,
    pub audience: Option<String>,
}

impl Rules {
    pub fn of(config: &Config) -> Self {
        Self { issuer: config.issuer.clone(), audience: config.audience.clone() }
    }
}

/// What a token that exportd signs says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claims {
    sub: UserId,
    role: Role,
    /// Seconds since 1970.
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
}

impl Claims {
    /// `user` is of this `role` until `expires_at`, to the second.
    pub fn new(user: UserId, role: Role, expires_at: Timestamp) -> Self {
        Self { sub: user, role, exp: expires_at.millis().div_euclid(1000), iss: None, aud: None }
    }

    /// The same with the issuer and the audience that `config` will ask for.
    #[must_use]
    pub fn within(self, config: &Config) -> Self {
        Self { iss: config.issuer.clone(), aud: config.audience.clone(), ..self }
    }
}

/// When `token` expires by its own word. For one that was proved: nothing is checked here.
pub fn expiry_of(token: &str) -> Option<Timestamp> {
    #[derive(Deserialize)]
    struct Expiring {
        exp: f64,
    }
    let payload = BASE64URL.decode(token.split('.').nth(1)?).ok()?;
    let Expiring { exp } = serde_json::from_slice(&payload).ok()?;
    Some(instant(exp))
}

/// A NumericDate (RFC 7519 §2). One beyond the calendar's ends stands at that end: a float
/// becomes the nearest integer there is.
fn instant(seconds: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "a cast from float saturates, as documented")]
    Timestamp::from_millis((seconds * 1000.0) as i64)
}
