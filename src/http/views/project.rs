//! A project, as its owner sees it.

use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::NewProject;
use crate::domain::{Project, ProjectSource, Timestamp};
use crate::http::kit::{Fields, FromFields, fields};

/// A project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Project)]
pub struct ProjectView {
    id: String,
    /// What people call it.
    name: String,
    /// What it is built with.
    framework: Option<String>,
    source: SourceView,
    /// `null` for a folder that was found, not registered.
    #[schema(value_type = Option<String>, format = DateTime)]
    registered_at: Option<Timestamp>,
}

/// Where its source lies.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
struct SourceView {
    /// `directory` or `git`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// As registered; `null` where the server found it itself: where that is, is its own affair.
    path: Option<String>,
}

impl From<Project> for ProjectView {
    fn from(project: Project) -> Self {
        let path = project.registered_at.map(|_| project.source.path().display().to_string());
        Self {
            id: project.id.to_string(),
            name: project.name,
            framework: project.framework,
            source: SourceView { kind: project.source.as_str(), path },
            registered_at: project.registered_at,
        }
    }
}

/// What is registered.
#[derive(Debug, ToSchema)]
#[schema(as = NewProject)]
pub struct NewProjectView {
    /// What people call it; its id when left out.
    name: Option<String>,
    /// What it is built with.
    framework: Option<String>,
    #[schema(value_type = NewSource)]
    source: ProjectSource,
}

/// Where its source lies.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents what is read into a source")]
pub struct NewSource {
    /// `directory`: a folder, exported as it is; `git`: a repository, of which any revision can be.
    #[schema(rename = "type", example = "directory")]
    kind: String,
    /// An absolute path on the server, below one of `projects.allowed_roots`.
    path: String,
}

impl FromFields for NewProjectView {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let name = body.optional("name", title);
        let framework = body.optional("framework", title);
        let source = body.object("source", |source| {
            let kind = source.required("type", fields::word(source_kind, "directory, git"));
            let path = source.required("path", absolute_path);
            Some(kind?(path?))
        });
        Some(Self { name: name?, framework: framework?, source: source? })
    }
}

impl From<NewProjectView> for NewProject {
    fn from(new: NewProjectView) -> Self {
        Self { name: new.name, framework: new.framework, source: new.source }
    }
}

fn title(value: Value) -> Result<String, String> {
    let title = fields::text(value)?;
    let right = (1..=200).contains(&title.chars().count()) && !title.contains(char::is_control);
    if right {
        Ok(title)
    } else {
        Err("must have 1 to 200 characters, none of them control characters".into())
    }
}

fn source_kind(word: &str) -> Option<fn(PathBuf) -> ProjectSource> {
    match word {
        "directory" => Some(|path| ProjectSource::Directory { path }),
        "git" => Some(|path| ProjectSource::Git { path }),
        _ => None,
    }
}

/// A path on the server, as a caller may name one.
pub fn absolute_path(value: Value) -> Result<PathBuf, String> {
    let text = fields::text(value)?;
    let path = PathBuf::from(&text);
    let right = path.is_absolute() && text.len() <= 4096 && !text.contains(char::is_control);
    if right { Ok(path) } else { Err("must be an absolute path without control characters".into()) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_project_is_registered_by_its_folder() {
        let new =
            fields::read::<NewProjectView>(json!({"source": {"type": "directory", "path": "/srv/shop"}}));
        let source = NewProject::from(new.expect("enough")).source;
        assert_eq!(source, ProjectSource::Directory { path: "/srv/shop".into() });
        let faults = fields::read::<NewProjectView>(json!({
            "name": "a\nb", "framework": "", "source": {"type": "svn", "path": "shop", "branch": "main"}
        }));
        let pointers: Vec<_> = faults.expect_err("faulty").into_iter().map(|fault| fault.pointer).collect();
        assert_eq!(pointers, ["/name", "/framework", "/source/type", "/source/path", "/source/branch"]);
    }

    #[test]
    fn where_the_server_keeps_a_found_project_is_not_told() {
        let mut project = Project {
            owner: "ana".parse().expect("a user"),
            id: "shop".parse().expect("a project"),
            name: "Shop".into(),
            framework: None,
            source: ProjectSource::Directory { path: "/srv/projects/ana/shop".into() },
            registered_at: None,
        };
        let found = serde_json::to_value(ProjectView::from(project.clone())).expect("JSON");
        assert_eq!(found["source"], json!({"type": "directory", "path": null}));
        project.registered_at = Some(Timestamp::from_millis(0));
        let registered = serde_json::to_value(ProjectView::from(project)).expect("JSON");
        assert_eq!(registered["source"]["path"], "/srv/projects/ana/shop");
    }
}
