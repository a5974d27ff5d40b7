//! What a caller sends to get an export.

use std::time::Duration;

use serde_json::Value;
use utoipa::ToSchema;

use crate::app::{PRIORITIES, Wanted};
use crate::domain::{
    Compression, ExportType, Format, Kind, Options, Profile, ProjectId, ProjectSelector, Selection,
    Timestamp, VersionId,
};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

mod selectors;

pub(super) use selectors::{NewSelector, export_type};

/// Seconds in a hundred years: whoever asks for more has mistyped, whatever the operator allows.
const LONGEST_RETENTION: i64 = 100 * 366 * 86_400;

/// A request for an export.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewExport {
    /// What to export.
    #[schema(value_type = String, example = "project")]
    kind: Kind,
    /// Which part of it; all there is, where a kind can do without.
    #[schema(value_type = Option<NewSelector>)]
    selector: Selection,
    /// The shape of the package; the kind's own when left out.
    #[schema(value_type = Option<String>, example = "zip")]
    format: Option<WantedFormat>,
    /// `compression`, `profile` and the like; and the `template` of the report that data become, as
    /// `html`, `pdf` or `markdown`: its id, or the name of one that is shipped.
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
    /// True to have the source as it is now, though there is an identical export already: then only
    /// one that has not begun yet is the answer. Charged as any new one; what did not change is
    /// taken from the package before.
    #[schema(value_type = Option<bool>)]
    fresh: bool,
}

/// What else may be chosen.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into the domain's own options")]
pub struct NewOptions {
    /// How hard the package is pressed: `fast`, `balanced` (when left out) or `small`.
    #[schema(value_type = Option<String>, example = "balanced")]
    profile: Option<Profile>,
    /// What a document is compressed with: `none` (when left out), `gzip` or `zstd`.
    #[schema(value_type = Option<String>, example = "none")]
    compression: Option<Compression>,
    /// Whether a document tells what it is of, where its format has a place for that. True when left
    /// out.
    include_metadata: Option<bool>,
    /// Whether columns are there that only the system itself needs; for admins.
    include_system_fields: Option<bool>,
    /// Whether CSV begins with a byte order mark, by which some spreadsheets know UTF-8.
    bom: Option<bool>,
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
    /// True to have the source as it is now, though there is an identical export already.
    #[schema(value_type = Option<bool>)]
    fresh: bool,
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
        let kind = body.required("kind", fields::word(Kind::parse, &words(&Kind::ALL)));
        // Without a kind there is no saying what is wrong with a selector.
        let selector = match kind {
            Some(kind) => selectors::selection(kind, body),
            None => body.optional("selector", |_| Ok(())).and(None),
        };
        let format = body.optional("format", wanted_format);
        let template = body.optional("template", template);
        let options = options(body).and_then(|options| Some(Options { template: template?, ..options }));
        let retention = body.optional("retentionSeconds", seconds);
        let priority = body.optional("priority", priority);
        let run_at = body.optional("runAt", fields::instant);
        let fresh = body.optional("fresh", fields::flag);
        Some(Self {
            kind: kind?,
            selector: selector?,
            format: format?,
            options: options?,
            retention_seconds: retention?,
            priority: priority?.unwrap_or_default(),
            run_at: run_at?,
            fresh: fresh?.unwrap_or_default(),
        })
    }
}

impl NewExport {
    /// The plainest request for that part of a project.
    pub fn of_project(selector: ProjectSelector) -> Self {
        Self {
            kind: Kind::Project,
            selector: Selection::Project(selector),
            format: None,
            options: Options::default(),
            retention_seconds: None,
            priority: 0,
            run_at: None,
            fresh: false,
        }
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
}

impl FromFields for NewProjectExport {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let version_id = body.optional("versionId", fields::parsed);
        let (export_type, paths) = (selectors::export_type(body), selectors::paths(body));
        let since = body.optional("since", fields::parsed);
        let format = body.optional("format", wanted_format);
        let options = options(body);
        let retention = body.optional("retentionSeconds", seconds);
        let priority = body.optional("priority", priority);
        let run_at = body.optional("runAt", fields::instant);
        let fresh = body.optional("fresh", fields::flag);
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
            fresh: fresh?.unwrap_or_default(),
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
            fresh,
        } = self;
        NewExport {
            kind: Kind::Project,
            selector: Selection::Project(ProjectSelector {
                project_id,
                version_id,
                export_type,
                paths,
                since,
            }),
            format,
            options,
            retention_seconds,
            priority,
            run_at,
            fresh,
        }
    }
}

impl TryFrom<NewExport> for Wanted {
    type Error = RequestFault;

    fn try_from(new: NewExport) -> Result<Self, RequestFault> {
        let NewExport { kind, selector, format, options, retention_seconds, priority, run_at, fresh } = new;
        let format = match format {
            None => None,
            Some(WantedFormat::Made(format)) => Some(format),
            Some(WantedFormat::NotMade(format)) => {
                return Err(RequestFault::FormatNotMade { kind, format, made: words(kind.formats()) });
            }
        };
        Ok(Self {
            selection: selector,
            format,
            options,
            retention: retention_seconds,
            priority,
            run_at,
            fresh,
        })
    }
}

fn options(body: &mut Fields<'_>) -> Option<Options> {
    if !body.has("options") {
        return body.optional("options", |_| Ok(())).map(|_| Options::default());
    }
    body.object("options", |options| {
        let profile = options.optional("profile", fields::word(Profile::parse, "fast, balanced, small"));
        let compressions = Compression::ALL.map(Compression::as_str).join(", ");
        let compression = options.optional("compression", fields::word(Compression::parse, &compressions));
        let include_metadata = options.optional("includeMetadata", fields::flag);
        let include_system_fields = options.optional("includeSystemFields", fields::flag);
        let bom = options.optional("bom", fields::flag);
        Some(Options {
            profile: profile?,
            compression: compression?,
            include_metadata: include_metadata?,
            include_system_fields: include_system_fields?,
            bom: bom?,
            template: None,
        })
    })
}

fn template(value: Value) -> Result<String, String> {
    let template = fields::text(value)?;
    match (1..=100).contains(&template.len()) && !template.contains(char::is_control) {
        true => Ok(template),
        false => Err("must be the id of a template, or the name of one that is shipped".to_owned()),
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
