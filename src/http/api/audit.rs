//! Reading the audit.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::Caller;
use crate::endpoints;
use crate::http::audit::{Form, Told, all};
use crate::http::kit::{Answer, App, IntoReply, Page, Query, Reply};
use crate::http::shared::Shared;
use crate::http::views::{AuditPageView, AuditQuery, address_of_next};

/// Read who did what, newest first; for admins. To read it is an entry too.
///
/// As `csv` or `jsonl` (by `format` or by `Accept`) it is everything that is meant, oldest first: with
/// `limit` or `cursor`, which are of pages, it is refused. In CSV a cell that a spreadsheet would take for a formula
/// (it begins with `=`, `+`, `-`, `@`, a tab or a carriage return) has an apostrophe before it.
#[utoipa::path(get, path = "/api/v1/admin/audit", tag = "admin", params(AuditQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next. Or all, as lines",
        content((AuditPageView = "application/json"), (String = "text/csv"), (String = "application/jsonl")))))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    asked: Parts,
    Query(query): Query<AuditQuery>,
) -> Answer<Reply> {
    let form = query.form().unwrap_or_else(|| Form::accepted(&asked.headers));
    if form != Form::Json {
        query.of_no_page()?;
    }
    let (below, limit, filter) = (query.below()?, query.limit(), query.filter());
    let reply = match form {
        Form::Json => {
            let page = desk.audits().page(&caller, &filter, below, limit).await?;
            let body = AuditPageView::from(page);
            let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
            Page { body, next }.into_reply()
        }
        Form::Csv | Form::JsonLines => {
            all(desk.audits().all(&caller, filter).await?, form, desk.clock().now())
        }
    };
    let told = Told::default().with("format", form.as_str());
    Ok(told.with("query", asked.uri.query().unwrap_or_default()).by(reply))
}

endpoints!(Shared: list);
