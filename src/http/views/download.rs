//! Downloads as they are told, and pages of them.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app;
use crate::app::{DownloadMark, DownloadRow};
use crate::domain::{LinkId, Mode, Timestamp, UserId};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::listing::limit;

/// One download of a package, whatever the number of its requests.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Download)]
pub struct DownloadView {
    #[schema(value_type = String)]
    id: Uuid,
    /// Who; `null` for whoever came by a link.
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// The link by which they came.
    #[schema(value_type = Option<String>)]
    link_id: Option<LinkId>,
    #[schema(value_type = String, format = DateTime)]
    started_at: Timestamp,
    /// When bytes of it were last sent.
    #[schema(value_type = String, format = DateTime)]
    last_at: Timestamp,
    /// From the first to the last of these instants, pauses included.
    duration_seconds: u64,
    /// Bytes sent, repeated ones included.
    bytes: u64,
    /// Bytes of the whole package; `null` while that is being built.
    size: Option<u64>,
    /// Whether every byte of the package was sent.
    complete: bool,
    /// Whether something is being sent just now.
    active: bool,
    /// From where it began.
    #[schema(value_type = String)]
    address: IpAddr,
    /// The program's `User-Agent`.
    user_agent: Option<String>,
    /// Who sent its first bytes: `direct` is this server, `accel` the nginx in front of it.
    #[schema(value_type = String, example = "direct")]
    mode: Mode,
}

impl From<DownloadRow> for DownloadView {
    fn from(row: DownloadRow) -> Self {
        Self {
            id: row.id,
            user_id: row.to.link.is_none().then_some(row.to.user),
            link_id: row.to.link,
            started_at: row.began_at,
            last_at: row.last_at,
            duration_seconds: row.last_at.since(row.began_at).as_secs(),
            bytes: row.bytes,
            size: Some(row.size).filter(|size| *size > 0),
            complete: row.complete,
            active: row.ended_at.is_none(),
            address: row.to.address,
            user_agent: row.to.agent,
            mode: row.mode,
        }
    }
}

/// Where a listing of downloads begins, and how long it is.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DownloadsQuery {
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for DownloadsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

impl DownloadsQuery {
    /// Items on the page.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// The download before the page's first.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<DownloadMark>, RequestFault> {
        self.cursor.as_deref().map(DownloadMark::from_cursor).transpose()
    }
}

/// Some downloads of an export, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DownloadsPage {
    items: Vec<DownloadView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl From<app::DownloadsPage> for DownloadsPage {
    fn from(page: app::DownloadsPage) -> Self {
        let items = page.items.into_iter().map(DownloadView::from).collect();
        Self { items, next_cursor: page.next.as_ref().map(Marker::cursor) }
    }
}

impl DownloadsPage {
    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}
