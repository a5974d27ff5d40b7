//! What lies in a folder of a project.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{ExcludeReason, Folder, FolderItem};
use crate::domain::{ExportType, ProjectId, ProjectSelector, VersionId};
use crate::http::kit::{Fields, FromFields, fields};

use super::new_export::export_type;

/// The longest path that is asked for.
const LONGEST_PATH: usize = 4096;

/// Which folder, of which version.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TreeQuery {
    /// A version of the project; as it lies there now when left out.
    #[param(value_type = Option<String>)]
    version_id: Option<VersionId>,
    /// The folder, from the project's own on; that one when left out.
    #[param(value_type = Option<String>, example = "src/parser")]
    path: String,
    /// By whose rules things are left out: `source_code` (when left out) or `full_project`.
    #[param(value_type = Option<String>)]
    export_type: ExportType,
}

impl FromFields for TreeQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let version_id = query.optional("versionId", fields::parsed);
        let export_type = export_type(query);
        let path = query.optional("path", |value| match fields::text(value)? {
            path if path.len() > LONGEST_PATH => Err(format!("must be at most {LONGEST_PATH} bytes")),
            path => Ok(path),
        });
        Some(Self { version_id: version_id?, path: path?.unwrap_or_default(), export_type: export_type? })
    }
}

impl TreeQuery {
    /// The folder, as the paths of all that is in it begin; empty for the project's own.
    pub fn folder(&self) -> String {
        match self.path.trim_matches('/') {
            "" => String::new(),
            path => format!("{path}/"),
        }
    }

    /// What an export of it would select.
    pub fn of(self, project_id: ProjectId) -> ProjectSelector {
        let Self { version_id, export_type, .. } = self;
        ProjectSelector { project_id, version_id, export_type, paths: Vec::new(), since: None }
    }
}

/// What lies in a folder, as an export would meet it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ProjectTree)]
pub struct TreeView {
    #[schema(example = "shop")]
    project_id: String,
    version_id: Option<String>,
    /// The folder; empty for the project's own.
    #[schema(example = "src")]
    path: String,
    items: Vec<TreeItemView>,
    /// How many more items there are than are told: 2,000 are.
    left_out: usize,
}

/// A file, or a folder with all that is in it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProjectTreeItem)]
struct TreeItemView {
    #[schema(example = "parser")]
    name: String,
    /// From the project's folder on; what a selector's `paths` would say.
    #[schema(example = "src/parser")]
    path: String,
    /// `file` or `folder`.
    #[serde(rename = "type")]
    #[schema(example = "folder")]
    kind: &'static str,
    /// Bytes that would be packed of it.
    size: u64,
    /// Files that would be packed of it.
    files: u64,
    /// Why nothing of it would be packed; `null` otherwise.
    #[schema(example = "dependency")]
    excluded: Option<&'static str>,
}

impl From<FolderItem> for TreeItemView {
    fn from(item: FolderItem) -> Self {
        Self {
            name: item.name().to_owned(),
            kind: if item.is_folder { "folder" } else { "file" },
            size: item.bytes,
            files: item.files,
            excluded: item.excluded.map(ExcludeReason::as_str),
            path: item.path,
        }
    }
}

impl TreeView {
    /// What lies in the folder that was asked for.
    pub fn new(of: ProjectSelector, path: &str, folder: Folder) -> Self {
        Self {
            project_id: of.project_id.to_string(),
            version_id: of.version_id.map(|version| version.to_string()),
            path: path.trim_end_matches('/').to_owned(),
            left_out: folder.left_out,
            items: folder.items.into_iter().map(TreeItemView::from).collect(),
        }
    }
}
