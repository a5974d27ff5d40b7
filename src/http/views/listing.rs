//! What is asked of listings, and their pages.

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::{Cursor, Filter, Outlook, Page};
use crate::domain::{Format, Kind, ProjectId, Status, Timestamp, UserId};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::{ExportView, ProjectView};

/// Items on a page when the caller does not say.
const USUAL_PAGE: i64 = 50;
/// Items on the largest page.
const LARGEST_PAGE: i64 = 200;

/// Which exports are listed.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct ExportsQuery {
    /// Only those of these statuses, separated by commas.
    #[param(value_type = Option<String>, example = "queued,processing")]
    status: Vec<Status>,
    /// Only those of this kind.
    #[param(value_type = Option<String>)]
    kind: Option<Kind>,
    /// Only those of this format.
    #[param(value_type = Option<String>)]
    format: Option<Format>,
    /// Only those of this project.
    #[param(value_type = Option<String>)]
    project_id: Option<ProjectId>,
    /// Only those asked for after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    created_after: Option<Timestamp>,
    /// Only those asked for before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    created_before: Option<Timestamp>,
    /// Only this user's; for admins, who otherwise see everyone's.
    #[param(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for ExportsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let status = query.optional("status", statuses);
        let kind = query.optional("kind", fields::word(Kind::parse, &words(Kind::ALL.map(Kind::as_str))));
        let format = query.optional("format", fields::word(Format::parse, &formats()));
        let project_id = query.optional("projectId", fields::parsed);
        let created_after = query.optional("createdAfter", fields::instant);
        let created_before = query.optional("createdBefore", fields::instant);
        let user_id = query.optional("userId", fields::parsed);
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self {
            status: status?.unwrap_or_default(),
            kind: kind?,
            format: format?,
            project_id: project_id?,
            created_after: created_after?,
            created_before: created_before?,
            user_id: user_id?,
            limit: limit?,
            cursor: cursor?,
        })
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
        Filter {
            statuses: self.status,
            kind: self.kind,
            format: self.format,
            project: self.project_id,
            created_after: self.created_after,
            created_before: self.created_before,
            owner: self.user_id,
        }
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
    let limit = query.optional("limit", fields::whole_in_words(1..=LARGEST_PAGE))?;
    Some(limit.unwrap_or(USUAL_PAGE).unsigned_abs())
}

/// Every format, as a refusal lists them.
pub(super) fn formats() -> String {
    words(Format::ALL.map(Format::as_str))
}

fn words<const N: usize>(words: [&str; N]) -> String {
    words.join(", ")
}

fn statuses(value: Value) -> Result<Vec<Status>, String> {
    let words = match value {
        Value::Array(several) => {
            several.into_iter().map(fields::text).collect::<Result<Vec<_>, _>>()?.join(",")
        }
        one => fields::text(one)?,
    };
    let statuses = words.split(',').map(|word| Status::parse(word.trim())).collect::<Option<_>>();
    let all = || Status::ALL.map(Status::as_str).join(", ");
    statuses.ok_or_else(|| format!("must be one or several of {}", all()))
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
