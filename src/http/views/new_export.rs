//! What a caller sends to get an export.

use std::time::Duration;

use serde_json::Value;
use utoipa::ToSchema;

use crate::app::{PRIORITIES, Wanted};
use crate::domain::{
    ExportType, Format, Kind, Options, Profile, ProjectId, ProjectSelector, Selection, Timestamp, VersionId,
};
use crate::http::kit::{FieldFault, Fields, FromFields, RequestFault, fields};

/// Kinds of the API that this version does not export.
const KINDS_TO_COME: [&str; 6] = ["user_data", "conversation", "analytics", "trace", "custom", "bulk"];
/// Globs in one selector.
const MOST_PATHS: usize = 100;
/// Seconds in a hundred years: whoever asks for more has mistyped, whatever the operator allows.
const LONGEST_RETENTION: i64 = 100 * 366 * 86_400;

/// A request for an export.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewExport {
    /// What to export.
    #[schema(value_type = String, example = "project")]
    kind: WantedKind,
    /// Which part of it.
    #[schema(value_type = NewSelector)]
    selector: Option<ProjectSelector>,
    /// The shape of the package; the kind's own when left out.
    #[schema(value_type = Option<String>, example = "zip")]
    format: Option<WantedFormat>,
    #[schema(value_type = Option<NewOptions>)]
    options: Options,
    /// How long the package is kept, counted from completion.
    #[schema(value_type = Option<u64>, example = 604_800)]
    retention_seconds: Option<Duration>,
    /// −10 to 10; higher runs sooner, above 0 for admins only.
    #[schema(value_type = Option<i32>, minimum = -10, maximum = 10)]
    priority: i32,
    /// Not before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Timestamp>,
}

/// Which part of a project.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into the domain's own selector")]
pub struct NewSelector {
    #[schema(value_type = String, example = "shop")]
    project_id: ProjectId,
    /// A version of it: a tag, branch or commit of a git repository, or a registered snapshot. Left
    /// out: the tree as it lies there now; of a git project, what its `HEAD` stands for now.
    #[schema(value_type = Option<String>)]
    version_id: Option<VersionId>,
    /// `source_code` (when left out) or `full_project`.
    #[schema(value_type = Option<String>, example = "source_code")]
    export_type: ExportType,
    /// Globs (gitignore syntax) one of which a path must match.
    #[schema(required = false, max_items = 100)]
    paths: Vec<String>,
    /// Only what changed from this version on; the manifest lists what was deleted since. Whoever
    /// has that version deletes these, unpacks the package, and has this one.
    #[schema(value_type = Option<String>)]
    since: Option<VersionId>,
}

/// What else may be chosen.
#[derive(Debug, Clone, ToSchema)]
#[expect(dead_code, reason = "documents what is read into the domain's own options")]
pub struct NewOptions {
    /// How hard the package is pressed: `fast`, `balanced` (when left out) or `small`.
    #[schema(value_type = Option<String>, example = "balanced")]
    profile: Option<Profile>,
}

/// A request for an export of the project that the path names.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewProjectExport {
    /// A version of it: a tag, branch or commit of a git repository, or a registered snapshot. Left
    /// out: the tree as it lies there now; of a git project, what its `HEAD` stands for now.
    #[schema(value_type = Option<String>)]
    version_id: Option<VersionId>,
    /// `source_code` (when left out) or `full_project`.
    #[schema(value_type = Option<String>, example = "source_code")]
    export_type: ExportType,
    /// Globs (gitignore syntax) one of which a path must match.
    #[schema(required = false, max_items = 100)]
    paths: Vec<String>,
    /// Only what changed from this version on; the manifest lists what was deleted since. Whoever
    /// has that version deletes these, unpacks the package, and has this one.
    #[schema(value_type = Option<String>)]
    since: Option<VersionId>,
    /// The shape of the package; the kind's own when left out.
    #[schema(value_type = Option<String>, example = "zip")]
    format: Option<WantedFormat>,
    #[schema(value_type = Option<NewOptions>)]
    options: Options,
    /// How long the package is kept, counted from completion.
    #[schema(value_type = Option<u64>, example = 604_800)]
    retention_seconds: Option<Duration>,
    /// −10 to 10; higher runs sooner, above 0 for admins only.
    #[schema(value_type = Option<i32>, minimum = -10, maximum = 10)]
    priority: i32,
    /// Not before this instant.
    #[schema(value_type = Option<String>, format = DateTime)]
    run_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Copy)]
enum WantedKind {
    Made(Kind),
    NotMade(&'static str),
}

#[derive(Debug, Clone)]
enum WantedFormat {
    Made(Format),
    NotMade(String),
}

impl WantedFormat {
    fn of(word: String) -> Self {
        Format::parse(&word).map_or(Self::NotMade(word), Self::Made)
    }
}

impl FromFields for NewExport {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let kind = body.required("kind", fields::word(wanted_kind, &words(&Kind::ALL)));
        if let Some(kind @ WantedKind::NotMade(_)) = kind {
            // The rest is for a version that knows it.
            body.pass_over_the_rest();
            return Some(Self::of(kind, None));
        }
        let selector = body.object("selector", selector);
        let format = body.optional("format", wanted_format);
        let options = options(body);
        let retention = body.optional("retentionSeconds", seconds);
        let priority = body.optional("priority", priority);
        let run_at = body.optional("runAt", fields::instant);
        Some(Self {
            kind: kind?,
            selector: Some(selector?),
            format: format?,
            options: options?,
            retention_seconds: retention?,
            priority: priority?.unwrap_or_default(),
            run_at: run_at?,
        })
    }
}

impl NewExport {
    /// The plainest request for that part of a project.
    pub fn of_project(selector: ProjectSelector) -> Self {
        Self::of(WantedKind::Made(Kind::Project), Some(selector))
    }

    /// The same in the shape that `format` names; the kind's own when nothing is said.
    #[must_use]
    pub fn as_format(self, format: Option<String>) -> Self {
        Self { format: format.map(WantedFormat::of), ..self }
    }

    /// The same, not before `run_at`.
    #[must_use]
    pub fn not_before(self, run_at: Timestamp) -> Self {
        Self { run_at: Some(run_at), ..self }
    }

    fn of(kind: WantedKind, selector: Option<ProjectSelector>) -> Self {
        Self {
            kind,
            selector,
            format: None,
            options: Options::default(),
            retention_seconds: None,
            priority: 0,
            run_at: None,
        }
    }
}

impl FromFields for NewProjectExport {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let version_id = body.optional("versionId", fields::parsed);
        let export_type = export_type(body);
        let paths = paths(body);
        let since = body.optional("since", fields::parsed);
        let format = body.optional("format", wanted_format);
        let options = options(body);
        let retention = body.optional("retentionSeconds", seconds);
        let priority = body.optional("priority", priority);
        let run_at = body.optional("runAt", fields::instant);
        Some(Self {
            version_id: version_id?,
            export_type: export_type?,
            paths: paths?,
            since: since?,
            format: format?,
            options: options?,
            retention_seconds: retention?,
            priority: priority?.unwrap_or_default(),
            run_at: run_at?,
        })
    }
}

impl NewProjectExport {
    /// The same, of project `project_id`.
    pub fn of(self, project_id: ProjectId) -> NewExport {
        let Self {
            version_id,
            export_type,
            paths,
            since,
            format,
            options,
            retention_seconds,
            priority,
            run_at,
        } = self;
        NewExport {
            kind: WantedKind::Made(Kind::Project),
            selector: Some(ProjectSelector { project_id, version_id, export_type, paths, since }),
            format,
            options,
            retention_seconds,
            priority,
            run_at,
        }
    }
}

impl TryFrom<NewExport> for Wanted {
    type Error = RequestFault;

    fn try_from(new: NewExport) -> Result<Self, RequestFault> {
        let NewExport { kind, selector, format, options, retention_seconds, priority, run_at } = new;
        let kind = match kind {
            WantedKind::Made(kind) => kind,
            WantedKind::NotMade(kind) => {
                return Err(RequestFault::KindNotMade { kind, made: words(&Kind::ALL) });
            }
        };
        let format = match format {
            None => None,
            Some(WantedFormat::Made(format)) => Some(format),
            Some(WantedFormat::NotMade(format)) => {
                return Err(RequestFault::FormatNotMade { kind, format, made: words(kind.formats()) });
            }
        };
        if kind != Kind::Project {
            return Err(RequestFault::KindNotMade { kind: kind.as_str(), made: words(&Kind::ALL) });
        }
        let selection = Selection::Project(selector.ok_or_else(missing_selector)?);
        Ok(Self { selection, format, options, retention: retention_seconds, priority, run_at })
    }
}

fn missing_selector() -> RequestFault {
    let (pointer, message) = ("/selector".to_owned(), "is required".to_owned());
    RequestFault::InvalidFields(vec![FieldFault { pointer, message }])
}

fn wanted_kind(word: &str) -> Option<WantedKind> {
    let not_made = || KINDS_TO_COME.into_iter().find(|kind| *kind == word).map(WantedKind::NotMade);
    Kind::parse(word).map(WantedKind::Made).or_else(not_made)
}

fn selector(selector: &mut Fields<'_>) -> Option<ProjectSelector> {
    let project_id = selector.required("projectId", fields::parsed);
    let version_id = selector.optional("versionId", fields::parsed);
    let (export_type, paths) = (export_type(selector), paths(selector));
    let since = selector.optional("since", fields::parsed);
    Some(ProjectSelector {
        project_id: project_id?,
        version_id: version_id?,
        export_type: export_type?,
        paths: paths?,
        since: since?,
    })
}

fn options(body: &mut Fields<'_>) -> Option<Options> {
    if !body.has("options") {
        return body.optional("options", |_| Ok(())).map(|_| Options::default());
    }
    body.object("options", |options| {
        let profile = options.optional("profile", fields::word(Profile::parse, "fast, balanced, small"))?;
        Some(Options { profile })
    })
}

pub(super) fn export_type(selector: &mut Fields<'_>) -> Option<ExportType> {
    let all = [ExportType::SourceCode, ExportType::FullProject];
    let parse = |word: &str| all.into_iter().find(|kind| kind.as_str() == word);
    let export_type = selector.optional("exportType", fields::word(parse, "source_code, full_project"))?;
    Some(export_type.unwrap_or_default())
}

fn paths(selector: &mut Fields<'_>) -> Option<Vec<String>> {
    let paths = selector.texts("paths")?;
    if paths.len() > MOST_PATHS {
        return selector.fault("paths", format!("must be at most {MOST_PATHS} globs"));
    }
    match paths.iter().all(|path| (1..=1024).contains(&path.len()) && !path.contains(char::is_control)) {
        true => Some(paths),
        false => selector.fault("paths", "must be globs of 1 to 1024 bytes without control characters"),
    }
}

fn wanted_format(value: Value) -> Result<WantedFormat, String> {
    fields::text(value).map(WantedFormat::of)
}

fn seconds(value: Value) -> Result<Duration, String> {
    let seconds = fields::whole(1..=LONGEST_RETENTION)(value)?;
    Ok(Duration::from_secs(seconds.unsigned_abs()))
}

fn priority(value: Value) -> Result<i32, String> {
    let (lowest, highest) = PRIORITIES.into_inner();
    let priority = fields::whole(lowest.into()..=highest.into())(value)?;
    i32::try_from(priority).map_err(|error| error.to_string())
}

fn words<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
