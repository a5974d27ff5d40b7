//! Exports that are to be made later.

use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::domain::{ExportType, ProjectId, ProjectSelector, Timestamp, VersionId};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};
use crate::http::views::NewExport;

use super::data::{NewDataExport, object};

/// A request for an export at a time to come.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase", as = OlderNewPlan)]
pub struct NewPlan {
    /// `user_data` or `bulk`; also `source_code` or `full_project`, of the project `projectId`.
    #[schema(value_type = String, example = "user_data")]
    export_type: What,
    /// In which shape.
    format: Option<String>,
    /// Not before this instant; at once if it has passed.
    #[schema(value_type = String, format = DateTime)]
    scheduled_at: Timestamp,
    /// As for an export at once.
    #[schema(value_type = Option<Object>)]
    options: Map<String, Value>,
    /// Of which project.
    #[schema(value_type = Option<String>)]
    project_id: Option<ProjectId>,
    /// Of which version of it.
    #[schema(value_type = Option<String>)]
    version_id: Option<VersionId>,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Data(&'static str),
    Project(ExportType),
}

impl What {
    fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "user_data" => Self::Data("user_data"),
            "bulk" | "bulk_data" => Self::Data("bulk"),
            "source_code" | "project" => Self::Project(ExportType::SourceCode),
            "full_project" => Self::Project(ExportType::FullProject),
            _ => return None,
        })
    }
}

impl FromFields for NewPlan {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let words = "user_data, bulk, source_code, full_project";
        let what = body.required("exportType", fields::word(What::parse, words));
        let format = body.optional("format", fields::text);
        let scheduled_at = body.required("scheduledAt", fields::instant);
        let options = body.optional("options", object);
        let project_id = match what {
            Some(What::Project(_)) => body.required("projectId", fields::parsed).map(Some),
            _ => body.optional("projectId", fields::parsed),
        };
        let version_id = body.optional("versionId", fields::parsed);
        body.pass_over_the_rest();
        Some(Self {
            export_type: what?,
            format: format?,
            scheduled_at: scheduled_at?,
            options: options?.unwrap_or_default(),
            project_id: project_id?,
            version_id: version_id?,
        })
    }
}

impl NewPlan {
    /// The same as it is asked for today: an export that does not run before its time.
    ///
    /// # Errors
    /// What `POST /exports` would find wrong with it.
    pub fn wanted(self) -> Result<NewExport, RequestFault> {
        let Self { export_type, format, scheduled_at, options, project_id, version_id } = self;
        let new = match (export_type, project_id) {
            (What::Project(export_type), Some(project_id)) => {
                let (paths, since) = (Vec::new(), None);
                let part = ProjectSelector { project_id, version_id, export_type, paths, since };
                NewExport::of_project(part).as_format(format)
            }
            (What::Project(_), None) => NewDataExport::new(format, options).of("project")?,
            (What::Data(kind), _) => NewDataExport::new(format, options).of(kind)?,
        };
        Ok(new.not_before(scheduled_at))
    }
}
