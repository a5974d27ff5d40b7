//! The page for browsers that run no scripts.

use serde_json::{Value, json};

use crate::app::{Cursor, Desk, Filter, Requested, Wanted};
use crate::domain::{Caller, ExportId, Kind, Origin};
use crate::http::audit::Told;
use crate::http::caller::{GoodUntil, SessionAtHand, SessionCookie};
use crate::http::kit::problem::RequestFault;
use crate::http::kit::{Answer, App, IntoReply, Path, Query, Reply, Route, SeeOther, WithCookie, fields};
use crate::http::plain::{Form, Listed, SignInForm, as_page, list as written};
use crate::http::shared::Shared;
use crate::http::views::{Marker, NewExport, PlainQuery};

/// Exports on a page.
const A_PAGE: u64 = 50;
/// Projects to choose from.
const MOST_PROJECTS: usize = 200;
const HERE: &str = "/plain";

/// Show one's exports without scripts, and a form for another.
#[utoipa::path(get, path = "/plain", tag = "page", responses((status = 200, description = "the page")))]
pub async fn plain(
    App(desk): App<Desk>,
    caller: Caller,
    at_hand: SessionAtHand,
    Query(query): Query<PlainQuery>,
) -> Answer<Reply> {
    let after = query.cursor.as_deref().map(Cursor::from_cursor).transpose()?;
    let own = Filter { owner: Some(caller.user.clone()), ..Filter::default() };
    let page = desk.exports().list(&caller, own, after, A_PAGE).await?;
    let (projects, _) = desk.projects().list(&caller, None, MOST_PROJECTS).await?;
    let offered = [Kind::UserData, Kind::Conversation, Kind::Trace];
    let is_there = |kind: &Kind| desk.exports().datasets(&caller).any(|set| set.kind() == *kind);
    let listed = Listed {
        user: caller.user.to_string(),
        csrf: at_hand.token.csrf(),
        exports: page.items,
        projects: projects.into_iter().map(|project| project.id.to_string()).collect(),
        kinds: offered.into_iter().filter(is_there).collect(),
        next: page.next.map(|cursor| cursor.cursor()),
        now: desk.clock().now(),
    };
    Ok(written(&listed))
}

/// Sign in by a form.
#[utoipa::path(post, path = "/plain/sign-in", tag = "page", responses((status = 303, description = "signed in")))]
pub async fn plain_sign_in(
    App(desk): App<Desk>,
    _form: SignInForm,
    caller: Caller,
    GoodUntil(good_until): GoodUntil,
    cookie: SessionCookie,
) -> Answer<WithCookie<SeeOther>> {
    let (session, token) = desk.sessions().begin(&caller, good_until).await?;
    Ok(WithCookie { cookie: cookie.saying(&token, &session), reply: SeeOther(HERE) })
}

/// Sign out by a form.
#[utoipa::path(post, path = "/plain/sign-out", tag = "page", responses((status = 303, description = "signed out")))]
pub async fn plain_sign_out(
    App(desk): App<Desk>,
    _form: Form,
    at_hand: SessionAtHand,
    cookie: SessionCookie,
) -> Answer<WithCookie<SeeOther>> {
    desk.sessions().end(at_hand.session.id).await?;
    Ok(WithCookie { cookie: cookie.forgotten(), reply: SeeOther(HERE) })
}

/// Ask for an export by a form.
#[utoipa::path(post, path = "/plain/exports", tag = "page", responses((status = 303, description = "asked for")))]
pub async fn plain_request(
    App(desk): App<Desk>,
    form: Form,
    caller: Caller,
    origin: Origin,
) -> Answer<Reply> {
    let new: NewExport = fields::read(body(&form)).map_err(RequestFault::InvalidFields)?;
    let requested = desk.exports().request(&caller, Wanted::try_from(new)?, origin).await?;
    Ok(told(&requested))
}

/// Cancel an export by a form.
#[utoipa::path(post, path = "/plain/exports/{id}/cancel", tag = "page", responses((status = 303, description = "it stops")))]
pub async fn plain_cancel(
    App(desk): App<Desk>,
    _form: Form,
    caller: Caller,
    Path(id): Path<ExportId>,
) -> Answer<SeeOther> {
    desk.exports().cancel(&caller, id).await?;
    Ok(SeeOther(HERE))
}

/// Ask once more for what ended, by a form.
#[utoipa::path(post, path = "/plain/exports/{id}/retry", tag = "page", responses((status = 303, description = "asked for")))]
pub async fn plain_retry(
    App(desk): App<Desk>,
    _form: Form,
    caller: Caller,
    origin: Origin,
    Path(id): Path<ExportId>,
) -> Answer<Reply> {
    Ok(told(&desk.exports().retry(&caller, id, origin).await?))
}

/// Where these endpoints are found. What goes wrong in them is told as a page. They are in no document:
/// they are for people.
pub fn routes() -> Vec<Route<Shared>> {
    let routes = vec![
        Route::of::<__path_plain, _, _>(plain),
        Route::of::<__path_plain_sign_in, _, _>(plain_sign_in),
        Route::of::<__path_plain_sign_out, _, _>(plain_sign_out),
        Route::of::<__path_plain_request, _, _>(plain_request),
        Route::of::<__path_plain_cancel, _, _>(plain_cancel),
        Route::of::<__path_plain_retry, _, _>(plain_retry),
    ];
    routes.into_iter().map(|route| route.wrapped(as_page)).collect()
}

/// Back to the list; the audit is told what was asked for.
fn told(requested: &Requested) -> Reply {
    let reply = SeeOther(HERE).into_reply();
    match requested.deduplicated {
        true => reply,
        false => Told::of("export", &requested.export.id.to_string()).by(reply),
    }
}

/// What the form asks for, as a program would.
fn body(form: &Form) -> Value {
    let mut body = match form.field("what").split_once(':') {
        Some(("project", id)) => json!({"kind": "project", "selector": {"projectId": id}}),
        _ => json!({"kind": form.field("what")}),
    };
    if !form.field("format").is_empty() {
        body["format"] = form.field("format").into();
    }
    body
}
