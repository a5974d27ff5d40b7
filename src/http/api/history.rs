//! Who downloaded.

use http::request::Parts;

use crate::app::Desk;
use crate::domain::{Caller, ExportId};
use crate::endpoints;
use crate::http::kit::{Answer, App, Page, Path, Query};
use crate::http::shared::Shared;
use crate::http::views::{DownloadsPage, DownloadsQuery, address_of_next};

/// List who downloaded an export's package, newest first: when, from where, how many bytes and
/// whether all of them. What is under way is told as it was a second ago, or later.
#[utoipa::path(get, path = "/api/v1/exports/{id}/downloads", tag = "downloads",
    params(("id" = String, Path, description = "the export"), DownloadsQuery),
    responses((status = 200, description = "a page; `Link` and `nextCursor` lead to the next", body = DownloadsPage)))]
pub async fn list(
    App(desk): App<Desk>,
    caller: Caller,
    Path(id): Path<ExportId>,
    asked: Parts,
    Query(query): Query<DownloadsQuery>,
) -> Answer<Page<DownloadsPage>> {
    let (after, limit) = (query.after()?, query.limit());
    let body = DownloadsPage::from(desk.exports().downloads(&caller, id, after, limit).await?);
    let next = body.next_cursor().map(|cursor| address_of_next(&asked.uri, cursor));
    Ok(Page { body, next })
}

endpoints!(Shared: list);
