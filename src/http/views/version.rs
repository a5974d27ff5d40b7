//! A version of a project, and pages of them.

use std::path::PathBuf;

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::domain::{Timestamp, Version, VersionMark};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::listing::limit;
use super::project::absolute_path;

/// A version that can be exported.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Version)]
pub struct VersionView {
    /// What it is asked for by: a selector's `versionId` or `since`.
    #[schema(example = "v1.2.0")]
    id: String,
    /// `tag`, `branch` or `snapshot`.
    #[serde(rename = "type")]
    #[schema(example = "tag")]
    kind: &'static str,
    /// What it is called.
    name: String,
    /// The commit it stands for now; `null` for a snapshot.
    commit: Option<String>,
    /// When it was committed, or registered.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// The first line of the commit's message.
    subject: Option<String>,
}

impl From<Version> for VersionView {
    fn from(version: Version) -> Self {
        Self {
            id: version.id.to_string(),
            kind: version.kind.as_str(),
            name: version.name,
            commit: version.commit,
            created_at: version.created_at,
            subject: version.subject,
        }
    }
}

/// What is registered as a version.
#[derive(Debug, ToSchema)]
#[schema(as = NewVersion)]
pub struct NewVersionView {
    /// An absolute path on the server, of a folder that holds this version, below one of
    /// `projects.allowed_roots`.
    #[schema(value_type = String)]
    pub path: PathBuf,
}

impl FromFields for NewVersionView {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        Some(Self { path: body.required("path", absolute_path)? })
    }
}

/// Where a listing of versions begins, and how long it is.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct VersionsQuery {
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for VersionsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

impl VersionsQuery {
    /// Items on the page.
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).expect("at most 200")
    }

    /// The version before the page's first.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<VersionMark>, RequestFault> {
        self.cursor.as_deref().map(VersionMark::from_cursor).transpose()
    }
}

/// Some versions, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VersionsPage {
    items: Vec<VersionView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl VersionsPage {
    /// A page of `versions`; unless they were all, the next one begins after them.
    pub fn new(versions: Vec<Version>, was_all: bool) -> Self {
        let next_cursor = versions.last().filter(|_| !was_all).map(|last| last.mark().cursor());
        Self { items: versions.into_iter().map(VersionView::from).collect(), next_cursor }
    }

    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use serde_json::json;

    use super::*;
    use crate::domain::VersionKind;

    #[test]
    fn a_page_goes_on_after_its_last_version() {
        let version = Version {
            id: "feature/x.1".parse().expect("a version"),
            kind: VersionKind::Branch,
            name: "feature/x.1".into(),
            commit: Some("c".repeat(40)),
            created_at: Timestamp::from_millis(1_763_683_200_000),
            subject: Some("Say hello".into()),
        };
        assert_eq!(VersionsPage::new(vec![version.clone()], true).next_cursor(), None);
        let page = VersionsPage::new(vec![version], false);
        let query = fields::read::<VersionsQuery>(json!({"cursor": page.next_cursor()})).expect("a query");
        let mark = query.after().expect("ours").expect("one");
        assert_eq!(
            (mark.created_at, mark.kind),
            (Reverse(Timestamp::from_millis(1_763_683_200_000)), VersionKind::Branch)
        );
        assert_eq!(mark.id.as_str(), "feature/x.1");
        let query = fields::read::<VersionsQuery>(json!({"cursor": "djoxLnRhZy4"})).expect("well-formed");
        assert_eq!(query.after(), Err(RequestFault::InvalidCursor));
    }
}
