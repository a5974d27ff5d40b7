//! What each route does.

use http::Method;

use crate::domain::audit::Action;

/// How much depends on an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// It changes something, or tells who did: its entry is written before it is answered.
    Act,
    /// It changes nothing, but it is to be known who did it.
    Look,
    /// A download: whoever counts it tells, once per download; here, only that it was refused.
    Download,
    /// It may be done by anyone as often as they like; here, only that it was refused.
    Harmless,
}

/// What it is done to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Nothing that has an id, or what the handler tells.
    Nothing,
    /// What the path's parameter of this number names.
    Param(&'static str, usize),
    /// What was made, which is the end of `Location`.
    Made(&'static str),
}

/// What a route does.
#[derive(Debug)]
pub struct Line {
    /// The method.
    pub method: Method,
    /// The path; what its parameters are called does not matter.
    pub path: &'static str,
    /// What it does.
    pub action: Action,
    /// How much depends on that.
    pub weight: Weight,
    /// What it does it to.
    pub about: About,
    /// A parameter of the path that is to be known too, by name and number.
    pub beside: Option<(&'static str, usize)>,
}

impl Line {
    const fn new(method: Method, path: &'static str, action: Action, weight: Weight, about: About) -> Self {
        Self { method, path, action, weight, about, beside: None }
    }

    const fn beside(mut self, name: &'static str, place: usize) -> Self {
        self.beside = Some((name, place));
        self
    }
}

use About::{Made, Nothing, Param};
use Action as A;
use Weight::{Act, Download, Harmless, Look};

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;
const EXPORT: About = Param("export", 0);

/// Every route that changes something or gives something away. A line without a route does no harm;
/// a route without a line fails a test.
#[rustfmt::skip]
pub static TABLE: &[Line] = &[
    Line::new(POST, "/api/v1/exports", A::ExportRequested, Act, Made("export")),
    Line::new(POST, "/api/v1/exports/batch", A::ExportRequested, Act, Nothing),
    Line::new(POST, "/api/v1/exports/actions", A::ExportsActedOn, Act, Nothing),
    Line::new(POST, "/api/v1/exports/estimate", A::AccessRefused, Harmless, Nothing),
    Line::new(POST, "/api/v1/exports/{id}/cancel", A::ExportCancelled, Act, EXPORT),
    Line::new(POST, "/api/v1/exports/{id}/retry", A::ExportRetried, Act, Made("export")).beside("retried", 0),
    Line::new(POST, "/api/v1/exports/{id}/extend", A::ExportExtended, Act, EXPORT),
    Line::new(POST, "/api/v1/exports/{id}/verify", A::ExportVerified, Look, EXPORT),
    Line::new(DELETE, "/api/v1/exports/{id}", A::ExportDeleted, Act, EXPORT),
    Line::new(GET, "/api/v1/exports/{id}/download", A::PackageDownloaded, Download, EXPORT),
    Line::new(GET, "/api/v1/exports/{id}/entries/{path}", A::EntryDownloaded, Look, EXPORT).beside("entry", 1),
    Line::new(POST, "/api/v1/exports/{id}/links", A::LinkMade, Act, Made("link")).beside("export", 0),
    Line::new(DELETE, "/api/v1/exports/{id}/links/{linkId}", A::LinkRevoked, Act, Param("link", 1)).beside("export", 0),
    Line::new(GET, "/d/{token}", A::PackageDownloaded, Download, Nothing),
    Line::new(PUT, "/api/v1/projects/{projectId}", A::ProjectRegistered, Act, Param("project", 0)),
    Line::new(DELETE, "/api/v1/projects/{projectId}", A::ProjectForgotten, Act, Param("project", 0)),
    Line::new(POST, "/api/v1/projects/{projectId}/exports", A::ExportRequested, Act, Made("export")),
    Line::new(PUT, "/api/v1/projects/{projectId}/versions/{versionId}", A::VersionRegistered, Act, Param("version", 1)).beside("project", 0),
    Line::new(POST, "/api/v1/templates", A::TemplateChanged, Act, Made("template")),
    Line::new(PUT, "/api/v1/templates/{id}", A::TemplateChanged, Act, Param("template", 0)),
    Line::new(DELETE, "/api/v1/templates/{id}", A::TemplateChanged, Act, Param("template", 0)),
    Line::new(POST, "/api/v1/tokens", A::TokenMade, Act, Made("token")),
    Line::new(DELETE, "/api/v1/tokens/{id}", A::TokenRevoked, Act, Param("token", 0)),
    Line::new(POST, "/api/v1/session", A::SessionBegun, Act, Nothing),
    Line::new(DELETE, "/api/v1/session", A::SessionEnded, Act, Nothing),
    Line::new(GET, "/api/v1/admin/audit", A::AuditRead, Act, Nothing),
    Line::new(PUT, "/api/v1/admin/permissions/{userId}", A::PermissionChanged, Act, Param("user", 0)),
    Line::new(DELETE, "/api/v1/admin/permissions/{userId}", A::PermissionChanged, Act, Param("user", 0)),
    Line::new(PUT, "/api/v1/admin/limits/{userId}", A::LimitsChanged, Act, Param("user", 0)),
    Line::new(PATCH, "/api/v1/admin/limits/{userId}", A::LimitsChanged, Act, Param("user", 0)),
    Line::new(DELETE, "/api/v1/admin/limits/{userId}", A::LimitsChanged, Act, Param("user", 0)),
    Line::new(PATCH, "/api/v1/admin/config", A::ConfigChanged, Act, Nothing),
    Line::new(POST, "/api/v1/admin/cleanup", A::CleanupRun, Act, Nothing),
    Line::new(POST, "/api/v1/admin/queue/pause", A::QueueChanged, Act, Nothing),
    Line::new(POST, "/api/v1/admin/queue/resume", A::QueueChanged, Act, Nothing),
    // Forms of pages without scripts.
    Line::new(POST, "/plain/sign-in", A::SessionBegun, Act, Nothing),
    Line::new(POST, "/plain/sign-out", A::SessionEnded, Act, Nothing),
    Line::new(POST, "/plain/exports", A::ExportRequested, Act, Nothing),
    Line::new(POST, "/plain/exports/{id}/cancel", A::ExportCancelled, Act, EXPORT),
    Line::new(POST, "/plain/exports/{id}/retry", A::ExportRetried, Act, Nothing).beside("retried", 0),
    // The older paths.
    Line::new(POST, "/v1/projects/{projectId}/export", A::ExportRequested, Act, Made("export")),
    Line::new(GET, "/v1/export-jobs/{id}/download", A::PackageDownloaded, Download, EXPORT),
    Line::new(GET, "/api/tool-registry/export-jobs/{id}/download", A::PackageDownloaded, Download, EXPORT),
    Line::new(GET, "/api/exports/{id}/download", A::PackageDownloaded, Download, EXPORT),
    Line::new(POST, "/api/exports/{id}/verify", A::ExportVerified, Look, EXPORT),
    Line::new(POST, "/api/exports/user", A::ExportRequested, Act, Made("export")),
    Line::new(POST, "/api/exports/bulk", A::ExportRequested, Act, Made("export")),
    Line::new(POST, "/api/exports/schedule", A::ScheduleChanged, Act, Made("schedule")),
    Line::new(POST, "/api/exports/process-scheduled", A::ScheduleChanged, Act, Nothing),
    Line::new(POST, "/api/exports/cleanup", A::CleanupRun, Act, Nothing),
];

/// What a route does, if it is one that does something.
pub fn line(method: &Method, path: &str) -> Option<&'static Line> {
    TABLE.iter().find(|line| line.method == *method && is_one_path(line.path, path))
}

/// Whether two patterns match the same paths.
fn is_one_path(one: &str, other: &str) -> bool {
    let is_one = |(a, b): (&str, &str)| a == b || (a.starts_with('{') && b.starts_with('{'));
    one.split('/').count() == other.split('/').count() && one.split('/').zip(other.split('/')).all(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::api;

    /// Whether a route changes something or gives something away, as far as its method and path tell.
    fn does_something(method: &Method, path: &str) -> bool {
        let gives_away = path.ends_with("/download") || path.starts_with("/d/") || path.ends_with("/{path}");
        ![Method::GET, Method::HEAD].contains(method) || gives_away || path.starts_with("/api/v1/admin/audit")
    }

    #[test]
    fn no_route_that_does_something_is_forgotten() {
        for route in api::routes().iter().filter(|route| does_something(&route.method, &route.path)) {
            let (method, path) = (&route.method, &route.path);
            assert!(line(method, path).is_some(), "{method} {path} wants its line in the audit's table");
        }
    }

    #[test]
    fn no_two_lines_are_of_one_route() {
        for (index, one) in TABLE.iter().enumerate() {
            let twin = TABLE[..index]
                .iter()
                .find(|other| other.method == one.method && is_one_path(other.path, one.path));
            assert!(twin.is_none(), "{} {}", one.method, one.path);
        }
    }

    #[test]
    fn a_parameter_is_one_by_whatever_name() {
        let found = |path| line(&Method::DELETE, path).map(|line| line.action);
        assert_eq!(found("/api/v1/exports/{exportId}"), Some(Action::ExportDeleted));
        assert_eq!(found("/api/v1/exports/{id}/links"), None);
        assert_eq!(found("/api/v1/exports"), None);
    }
}
