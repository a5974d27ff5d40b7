//! API tokens, as their owners see them.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::NewToken;
use crate::domain::{ApiToken, Scope, Scopes, Timestamp, UserId};
use crate::http::kit::{Fields, FromFields, fields};
use crate::security::ApiTokenSecret;

/// Characters of the longest name.
const LONGEST_NAME: usize = 100;
/// Ten years, in seconds; whoever wants more says nothing.
const LONGEST: i64 = 315_360_000;

/// An API token. The token itself is told once, when it is made; it is kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Token)]
pub struct TokenView {
    #[schema(example = "01987b3e-5d1c-7c3a-9f5e-0123456789ab")]
    id: String,
    /// By which its owner knows it.
    #[schema(example = "nightly backup")]
    name: String,
    /// What it may be used for; a wider scope includes the narrower ones.
    #[schema(value_type = Vec<String>, example = json!(["exports:read", "exports:write"]))]
    scopes: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// From when on it proves nobody; `null`: until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// To about a minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

/// A token that was made just now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MadeToken)]
pub struct MadeTokenView {
    /// To be sent as `Authorization: Bearer …`. It is not told again.
    #[schema(example = "exd_…")]
    token: String,
    #[serde(flatten)]
    view: TokenView,
}

/// The tokens of a user that are good, oldest first; never more than 100.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensView {
    items: Vec<TokenView>,
}

impl From<ApiToken> for TokenView {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id.to_string(),
            scopes: token.scopes.words(),
            name: token.name,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

impl MadeTokenView {
    /// The token that `secret` is.
    pub fn new(token: ApiToken, secret: &ApiTokenSecret) -> Self {
        Self { token: secret.expose(), view: token.into() }
    }
}

impl From<Vec<ApiToken>> for TokensView {
    fn from(tokens: Vec<ApiToken>) -> Self {
        Self { items: tokens.into_iter().map(TokenView::from).collect() }
    }
}

/// What a token is to be like.
#[derive(Debug, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = NewToken)]
pub struct NewTokenView {
    /// 1 to 100 characters, to know it by.
    name: String,
    /// At least one of `exports:read`, `exports:write` and, made by an admin, `admin`.
    #[schema(value_type = Vec<String>, example = json!(["exports:read"]))]
    scopes: Scopes,
    /// At least 1; until it is revoked when left out.
    #[schema(value_type = Option<i64>)]
    expires_in_seconds: Option<u64>,
}

impl FromFields for NewTokenView {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let name = body.required("name", name);
        let scopes = body.required("scopes", scopes);
        let seconds = body.optional("expiresInSeconds", fields::whole(1..=LONGEST));
        let expires_in_seconds = seconds?.and_then(|seconds| u64::try_from(seconds).ok());
        Some(Self { name: name?, scopes: scopes?, expires_in_seconds })
    }
}

impl From<NewTokenView> for NewToken {
    fn from(new: NewTokenView) -> Self {
        let NewTokenView { name, scopes, expires_in_seconds } = new;
        Self { name, scopes, lifetime: expires_in_seconds.map(Duration::from_secs) }
    }
}

/// A name that can be shown in a line.
fn name(value: Value) -> Result<String, String> {
    let text = fields::text(value)?;
    let right = (1..=LONGEST_NAME).contains(&text.chars().count()) && !text.contains(char::is_control);
    if right && !text.trim().is_empty() {
        Ok(text)
    } else {
        Err("must have 1 to 100 characters, none of them control characters".into())
    }
}

fn scopes(value: Value) -> Result<Scopes, String> {
    let words = || format!("must list at least one of {}", Scope::ALL.map(Scope::word).join(", "));
    let Value::Array(items) = value else { return Err(words()) };
    let known: Option<Vec<Scope>> = items.iter().map(|item| item.as_str().and_then(Scope::parse)).collect();
    known.and_then(Scopes::new).ok_or_else(words)
}

/// Whose tokens are listed.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TokensQuery {
    /// This user's; for admins.
    #[param(value_type = Option<String>)]
    user_id: Option<UserId>,
}

impl TokensQuery {
    /// Whose, if the caller says.
    pub const fn owner(&self) -> Option<&UserId> {
        self.user_id.as_ref()
    }
}

impl FromFields for TokensQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        Some(Self { user_id: query.optional("userId", fields::parsed)? })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_fault_of_a_token_is_told() {
        let read = |body| fields::read::<NewTokenView>(body);
        let new =
            read(json!({"name": "bäckup", "scopes": ["admin", "exports:read", "admin"]})).expect("right");
        assert_eq!((new.scopes.words(), new.expires_in_seconds), (vec!["exports:read", "admin"], None));
        let faults = read(json!({"name": "a\nb", "scopes": ["all"], "expiresInSeconds": 0, "owner": "eve"}));
        let pointers: Vec<_> = faults.expect_err("faulty").into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/name", "/scopes", "/expiresInSeconds", "/owner"]);
        for scopes in [json!([]), json!("admin"), json!(null), json!([1]), json!(["exports:read", "x"])] {
            assert!(read(json!({"name": "a", "scopes": scopes})).is_err(), "{scopes}");
        }
        for name in ["", " ", &"x".repeat(101), "a\u{0}"] {
            assert!(read(json!({"name": name, "scopes": ["admin"]})).is_err(), "{name:?}");
        }
        assert!(read(json!({"name": "ä".repeat(100), "scopes": ["admin"]})).is_ok());
    }
}
