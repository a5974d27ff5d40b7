//! A session, as its page sees it.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{Role, Scope, Session, Timestamp, UserId};
use crate::security::SessionToken;

/// Who is signed in. The session itself is in a cookie that no script can read.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Session)]
pub struct SessionView {
    #[schema(value_type = String, example = "ada")]
    user: UserId,
    #[schema(value_type = String, example = "user")]
    role: Role,
    /// How far the session reaches: as far as the credential it was begun with.
    #[schema(value_type = String, example = "exports:write")]
    scope: Scope,
    /// The admin, or the key, that acts for the user; `null` when they act for themselves.
    acting: Option<String>,
    /// To be sent as `X-CSRF-Token` with every request that changes something.
    csrf_token: String,
    /// When it ends at the latest; earlier when it is not used.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SessionView {
    /// The session that `token` is the secret of.
    pub fn new(session: Session, token: &SessionToken) -> Self {
        let Session { user, role, scope, acting, expires_at, .. } = session;
        Self { user, role, scope, acting, csrf_token: token.csrf(), expires_at }
    }
}
