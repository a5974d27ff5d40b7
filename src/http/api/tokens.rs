//! API tokens: made, listed, revoked.

use crate::app::Desk;
use crate::domain::{ApiToken, ApiTokenId, Caller};
use crate::endpoints;
use crate::http::audit::Told;
use crate::http::kit::{Answer, App, Created, IntoReply, Json, NoContent, Path, Query, Reply};
use crate::http::shared::Shared;
use crate::http::views::{MadeTokenView, NewTokenView, TokensQuery, TokensView};

/// Make an API token for a program, to be sent as `Authorization: Bearer exd_…`.
///
/// It may do what whoever makes it may, as far as its scopes go, and never more than the credential it
/// is made with. An API token or a machine's signature makes none: it would outlive them.
#[utoipa::path(post, path = "/api/v1/tokens", tag = "tokens", request_body = NewTokenView,
    responses((status = 201, description = "the token; `token` is told this once", body = MadeTokenView)))]
pub async fn make(App(desk): App<Desk>, caller: Caller, Json(new): Json<NewTokenView>) -> Answer<Reply> {
    let (token, secret) = desk.tokens().make(&caller, new.into()).await?;
    let (location, told) = (format!("/api/v1/tokens/{}", token.id), told(&token));
    Ok(told.by(Created { location, body: MadeTokenView::new(token, &secret) }.into_reply()))
}

/// List the tokens that are good, oldest first: one's own, or for an admin a user's.
#[utoipa::path(get, path = "/api/v1/tokens", tag = "tokens", params(TokensQuery),
    responses((status = 200, description = "the tokens, without what is secret of them", body = TokensView)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    Query(query): Query<TokensQuery>,
) -> Answer<Json<TokensView>> {
    Ok(Json(desk.tokens().list(&caller, query.owner()).await?.into()))
}

/// Revoke a token. It proves nobody from now on, and the sessions begun with it have ended.
#[utoipa::path(delete, path = "/api/v1/tokens/{tokenId}", tag = "tokens",
    params(("tokenId" = String, Path, description = "the token's id")),
    responses((status = 204, description = "it is revoked")))]
pub async fn revoke(App(desk): App<Desk>, caller: Caller, Path(id): Path<ApiTokenId>) -> Answer<NoContent> {
    desk.tokens().revoke(&caller, id).await?;
    Ok(NoContent)
}

endpoints!(Shared: make, list, revoke);

/// What the audit is to know of a token that was made.
fn told(token: &ApiToken) -> Told {
    let until = token.expires_at.map_or_else(|| "revoked".to_owned(), |end| end.to_string());
    let told = Told::of("token", &token.id.to_string()).with("name", token.name.as_str());
    told.with("reach", token.scopes.reach().word()).with("until", until.as_str())
}
