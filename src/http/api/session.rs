//! The session of a page where somebody has signed in.

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::caller::{GoodUntil, SessionAtHand, SessionCookie};
use crate::http::kit::{Answer, App, Created, Json, NoContent, WithCookie};
use crate::http::shared::Shared;
use crate::http::views::SessionView;

/// Sign in: begin a session with any other credential, for a page that cannot keep one.
///
/// The session is in a cookie that no script can read and that other sites' pages cannot have
/// sent. Whatever changes something by it carries `csrfToken` as `X-CSRF-Token`.
#[utoipa::path(post, path = "/api/v1/session", tag = "session",
    responses((status = 201, description = "the session; its cookie is in `Set-Cookie`", body = SessionView)))]
pub async fn begin(
    App(desk): App<Desk>,
    caller: Caller,
    GoodUntil(good_until): GoodUntil,
    cookie: SessionCookie,
) -> Answer<WithCookie<Created<SessionView>>> {
    let (session, token) = desk.sessions().begin(&caller, good_until).await?;
    let cookie = cookie.saying(&token, &session);
    let (location, body) = ("/api/v1/session".to_owned(), SessionView::new(session, &token));
    Ok(WithCookie { cookie, reply: Created { location, body } })
}

/// Show who is signed in, and the CSRF token again.
#[utoipa::path(get, path = "/api/v1/session", tag = "session",
    responses((status = 200, description = "the session", body = SessionView)))]
pub async fn show(at_hand: SessionAtHand) -> Answer<Json<SessionView>> {
    let SessionAtHand { session, token } = at_hand;
    Ok(Json(SessionView::new(session, &token)))
}

/// Sign out: the session ends at once, wherever its cookie went.
#[utoipa::path(delete, path = "/api/v1/session", tag = "session",
    responses((status = 204, description = "it has ended")))]
pub async fn end(
    App(desk): App<Desk>,
    at_hand: SessionAtHand,
    cookie: SessionCookie,
) -> Answer<WithCookie<NoContent>> {
    desk.sessions().end(at_hand.session.id).await?;
    Ok(WithCookie { cookie: cookie.forgotten(), reply: NoContent })
}

endpoints!(Shared: begin, show, end);
