//! What is asked of listings, and their pages.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{Cursor, Filter, Outlook, Page};
use crate::domain::{ProjectId, Timestamp};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::{ExportFilter, ExportView, ProjectView};

/// Items on a page when the caller does not say.
pub(super) const USUAL_PAGE: i64 = 50;
/// Items on the largest page.
const LARGEST_PAGE: i64 = 200;

/// How much of a listing is asked for.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ExportsQuery {
    #[param(ignore)]
    filter: ExportFilter,
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for ExportsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let filter = ExportFilter::from_fields(query);
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { filter: filter?, limit: limit?, cursor: cursor? })
    }
}

impl ExportsQuery {
    /// Items on the page.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Where the page begins.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<Cursor>, RequestFault> {
        self.cursor.as_deref().map(Cursor::from_cursor).transpose()
    }

    /// What is on it.
    pub fn filter(self) -> Filter {
        self.filter.into()
    }
}

/// Where a listing of projects begins, and how long it is.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ProjectsQuery {
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for ProjectsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

impl ProjectsQuery {
    /// Items on the page.
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).expect("at most 200")
    }

    /// The project before the page's first.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<ProjectId>, RequestFault> {
        self.cursor.as_deref().map(ProjectId::from_cursor).transpose()
    }
}

/// Items on a page, as every listing asks for them.
pub(super) fn limit(query: &mut Fields<'_>) -> Option<u64> {
    Some(written_limit(query)?.unwrap_or(USUAL_PAGE.unsigned_abs()))
}

/// The same, if it is said.
pub(super) fn written_limit(query: &mut Fields<'_>) -> Option<Option<u64>> {
    let limit = query.optional("limit", fields::whole_in_words(1..=LARGEST_PAGE))?;
    Some(limit.map(i64::unsigned_abs))
}

/// Some exports, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExportsPage {
    items: Vec<ExportView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl ExportsPage {
    /// The page as it looks at `now`. Places in the queue are told of one export at a time only:
    /// each costs a count.
    pub fn new(page: &Page, now: Timestamp) -> Self {
        let items =
            page.items.iter().map(|export| ExportView::new(export, Outlook::default(), now)).collect();
        Self { items, next_cursor: page.next.as_ref().map(Marker::cursor) }
    }

    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

/// Some projects, by their ids.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProjectsPage {
    items: Vec<ProjectView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl ProjectsPage {
    /// A page; the next one begins after `last`.
    pub fn new(items: Vec<ProjectView>, last: Option<&ProjectId>) -> Self {
        Self { items, next_cursor: last.map(Marker::cursor) }
    }

    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::Status;

    #[test]
    fn a_query_becomes_a_filter() {
        let query = fields::read::<ExportsQuery>(json!({
            "status": ["queued,processing", "pending"], "kind": "project", "projectId": "shop",
            "createdAfter": "2026-01-01T00:00:00Z", "limit": "200",
        }))
        .expect("a query");
        assert_eq!((query.limit(), query.after()), (200, Ok(None)));
        let filter = query.filter();
        assert_eq!(filter.statuses, [Status::Queued, Status::Processing, Status::Queued]);
        assert!(filter.created_after.is_some() && filter.owner.is_none());
    }

    #[test]
    fn what_a_listing_does_not_know_is_refused() {
        let faulty = json!({
            "status": "queued,done", "limit": "201", "userId": "a/b", "offset": "7", "createdBefore": "now"
        });
        let faults = fields::read::<ExportsQuery>(faulty).expect_err("faulty");
        let pointers: Vec<_> = faults.iter().map(|fault| &*fault.pointer).collect();
        assert_eq!(pointers, ["/status", "/createdBefore", "/userId", "/limit", "/offset"]);
        let query = fields::read::<ProjectsQuery>(json!({"cursor": "made-up"})).expect("well-formed");
        assert_eq!(query.after(), Err(RequestFault::InvalidCursor));
    }
}
