//! Selectors, one shape for every kind.

use serde_json::Value;
use time::format_description::well_known::Iso8601;
use utoipa::ToSchema;

use crate::domain::{
    AnalyticsSelector, BulkSelector, ConversationSelector, CustomSelector, DateRange, ExportType,
    Granularity, Kind, ProjectId, ProjectSelector, Selection, Timestamp, TraceSelector, UserDataSelector,
    VersionId,
};
use crate::http::kit::{Fields, fields};

use super::words;

/// Globs in one selector.
const MOST_PATHS: usize = 100;
/// Ids in one selector.
const MOST_IDS: usize = 1000;
/// Bytes of an id.
const LONGEST_ID: usize = 200;
/// Bytes of the values of all parameters of a data set together.
const LONGEST_PARAMETERS: usize = 64 << 10;
/// Rows that can be asked for at most, so that databases can count them.
const MOST_ROWS: i64 = i32::MAX as i64;

/// Which part of what is exported; which members there are depends on the kind.
#[derive(Debug, Clone, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into the domain's own selectors")]
pub struct NewSelector {
    /// `project`: which one.
    #[schema(value_type = Option<String>, example = "shop")]
    project_id: ProjectId,
    /// `project`: a version of it: a tag, branch or commit of a git repository, or a registered
    /// snapshot. Left out: the tree as it lies there now; of a git project, what its `HEAD` stands
    /// for now.
    #[schema(value_type = Option<String>)]
    version_id: Option<VersionId>,
    /// `project`: `source_code` (when left out) or `full_project`.
    #[schema(value_type = Option<String>, example = "source_code")]
    export_type: ExportType,
    /// `project`: globs (gitignore syntax) one of which a path must match.
    #[schema(required = false, max_items = 100)]
    paths: Vec<String>,
    /// `project`: only what changed from this version on; the manifest lists what was deleted
    /// since. Whoever has that version deletes these, unpacks the package, and has this one.
    #[schema(value_type = Option<String>)]
    since: Option<VersionId>,
    /// Every kind of data: of when.
    #[schema(value_type = Option<NewDateRange>)]
    date_range: DateRange,
    /// `conversation`: these alone.
    #[schema(required = false, max_items = 1000)]
    conversation_ids: Vec<String>,
    /// `conversation`: those of these sessions of a widget.
    #[schema(required = false, max_items = 1000)]
    widget_session_ids: Vec<String>,
    /// `trace`: these alone.
    #[schema(required = false, max_items = 1000)]
    trace_ids: Vec<String>,
    /// `conversation` (messages) and `trace`: no more rows than this.
    #[schema(required = false, minimum = 1)]
    limit: Option<u64>,
    /// `analytics`: which; `GET /datasets` names them.
    #[schema(required = false)]
    report: Option<String>,
    /// `analytics`: `hour`, `day` (when left out), `week` or `month`.
    #[schema(value_type = Option<String>, example = "day")]
    granularity: Granularity,
    /// `custom`: which; `GET /datasets` names them and their parameters.
    #[schema(required = false)]
    dataset: Option<String>,
    /// `custom`: values by the names of its parameters.
    #[schema(value_type = Option<Object>)]
    parameters: Value,
    /// `bulk`: data of these kinds alone.
    #[schema(value_type = Option<Vec<String>>)]
    kinds: Vec<Kind>,
}

/// From one instant to another.
#[derive(Debug, Clone, ToSchema)]
#[expect(dead_code, reason = "documents what is read into the domain's own range")]
pub struct NewDateRange {
    /// From here on (RFC 3339); a day without a time begins it, in UTC.
    #[schema(value_type = Option<String>, example = "2026-01-01")]
    start: Option<Timestamp>,
    /// Up to here, without it; a day without a time is in it, as a whole.
    #[schema(value_type = Option<String>, example = "2026-03-31")]
    end: Option<Timestamp>,
}

/// The selector of an export of `kind`. Kinds that can do without one take none for all there is.
pub fn selection(kind: Kind, body: &mut Fields<'_>) -> Option<Selection> {
    let all = match kind {
        Kind::UserData => Some(Selection::UserData(UserDataSelector::default())),
        Kind::Conversation => Some(Selection::Conversation(ConversationSelector::default())),
        Kind::Trace => Some(Selection::Trace(TraceSelector::default())),
        Kind::Bulk => Some(Selection::Bulk(BulkSelector::default())),
        Kind::Project | Kind::Analytics | Kind::Custom => None,
    };
    if let Some(all) = all
        && !body.has("selector")
    {
        return body.optional("selector", |_| Ok(())).map(|_| all);
    }
    body.object("selector", |selector| match kind {
        Kind::Project => project(selector).map(Selection::Project),
        Kind::UserData => user_data(selector).map(Selection::UserData),
        Kind::Conversation => conversation(selector).map(Selection::Conversation),
        Kind::Analytics => analytics(selector).map(Selection::Analytics),
        Kind::Trace => trace(selector).map(Selection::Trace),
        Kind::Custom => custom(selector).map(Selection::Custom),
        Kind::Bulk => bulk(selector).map(Selection::Bulk),
    })
}

fn project(selector: &mut Fields<'_>) -> Option<ProjectSelector> {
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

fn user_data(selector: &mut Fields<'_>) -> Option<UserDataSelector> {
    Some(UserDataSelector { date_range: date_range(selector)? })
}

fn conversation(selector: &mut Fields<'_>) -> Option<ConversationSelector> {
    let conversation_ids = ids(selector, "conversationIds");
    let widget_session_ids = ids(selector, "widgetSessionIds");
    let (date_range, limit) = (date_range(selector), limit(selector));
    Some(ConversationSelector {
        conversation_ids: conversation_ids?,
        widget_session_ids: widget_session_ids?,
        date_range: date_range?,
        limit: limit?,
    })
}

fn analytics(selector: &mut Fields<'_>) -> Option<AnalyticsSelector> {
    let report = selector.required("report", name);
    let range = match selector.has("dateRange") {
        true => date_range(selector),
        false => selector.fault("dateRange", "is required: an object with `start`, `end` or both"),
    };
    let steps = words(&Granularity::ALL);
    let granularity = selector.optional("granularity", fields::word(Granularity::parse, &steps));
    Some(AnalyticsSelector {
        report: report?,
        date_range: range?,
        granularity: granularity?.unwrap_or_default(),
    })
}

fn trace(selector: &mut Fields<'_>) -> Option<TraceSelector> {
    let trace_ids = ids(selector, "traceIds");
    let (date_range, limit) = (date_range(selector), limit(selector));
    Some(TraceSelector { trace_ids: trace_ids?, date_range: date_range?, limit: limit? })
}

fn custom(selector: &mut Fields<'_>) -> Option<CustomSelector> {
    let dataset = selector.required("dataset", name);
    let parameters = selector.optional("parameters", |value| match value {
        Value::Object(_) if value.to_string().len() > LONGEST_PARAMETERS => {
            Err(format!("must not take more than {LONGEST_PARAMETERS} bytes"))
        }
        Value::Object(members) => Ok(members),
        _ => Err("must be an object".to_owned()),
    });
    Some(CustomSelector { dataset: dataset?, parameters: parameters?.unwrap_or_default() })
}

fn bulk(selector: &mut Fields<'_>) -> Option<BulkSelector> {
    const KEPT: [Kind; 3] = [Kind::UserData, Kind::Conversation, Kind::Trace];
    let date_range = date_range(selector);
    let kept = words(&KEPT);
    let parse = |word: &str| KEPT.into_iter().find(|kind| kind.as_str() == word);
    let mut kinds = selector.choice("kinds", |value| fields::word(parse, &kept)(value))?;
    kinds.sort_by_key(|kind| kind.as_str());
    kinds.dedup();
    Some(BulkSelector { date_range: date_range?, kinds })
}

fn date_range(selector: &mut Fields<'_>) -> Option<DateRange> {
    if !selector.has("dateRange") {
        return selector.optional("dateRange", |_| Ok(())).map(|_| DateRange::default());
    }
    selector.object("dateRange", |range| {
        let start = range.optional("start", |value| moment(value, Edge::Start));
        let end = range.optional("end", |value| moment(value, Edge::End));
        let (start, end) = (start?, end?);
        match (start, end) {
            (Some(start), Some(end)) if start >= end => range.fault("end", "must come after `start`"),
            _ => Some(DateRange { start, end }),
        }
    })
}

/// Which edge of a day stands for it.
#[derive(Clone, Copy)]
enum Edge {
    Start,
    End,
}

fn moment(value: Value, edge: Edge) -> Result<Timestamp, String> {
    // A parser of dates alone takes whatever stands behind one, too.
    let day = value.as_str().filter(|text| text.len() == "2026-11-20".len());
    let Some(date) = day.and_then(|text| time::Date::parse(text, &Iso8601::DATE).ok()) else {
        return fields::instant(value).map_err(|_| {
            "must be an instant such as 2026-11-20T15:00:00Z, or a day such as 2026-11-20".to_owned()
        });
    };
    let day = match edge {
        Edge::Start => Some(date),
        Edge::End => date.next_day(),
    };
    let day = day.ok_or("is beyond what a calendar can tell")?;
    let seconds = day.midnight().assume_utc().unix_timestamp();
    Ok(Timestamp::from_millis(seconds.saturating_mul(1000)))
}

pub fn export_type(selector: &mut Fields<'_>) -> Option<ExportType> {
    let all = [ExportType::SourceCode, ExportType::FullProject];
    let parse = |word: &str| all.into_iter().find(|kind| kind.as_str() == word);
    let export_type = selector.optional("exportType", fields::word(parse, "source_code, full_project"))?;
    Some(export_type.unwrap_or_default())
}

pub fn paths(selector: &mut Fields<'_>) -> Option<Vec<String>> {
    let paths = selector.texts("paths")?;
    if paths.len() > MOST_PATHS {
        return selector.fault("paths", format!("must be at most {MOST_PATHS} globs"));
    }
    match paths.iter().all(|path| (1..=1024).contains(&path.len()) && !path.contains(char::is_control)) {
        true => Some(paths),
        false => selector.fault("paths", "must be globs of 1 to 1024 bytes without control characters"),
    }
}

/// In order and each once, so that the same ids are the same request.
fn ids(selector: &mut Fields<'_>, name: &str) -> Option<Vec<String>> {
    let mut ids = selector.choice(name, id)?;
    if ids.len() > MOST_IDS {
        return selector.fault(name, format!("must be at most {MOST_IDS} ids"));
    }
    ids.sort_unstable();
    ids.dedup();
    Some(ids)
}

fn id(value: Value) -> Result<String, String> {
    let id = fields::text(value)?;
    match (1..=LONGEST_ID).contains(&id.len()) && !id.contains(char::is_control) {
        true => Ok(id),
        false => Err(format!("must be an id of 1 to {LONGEST_ID} bytes without control characters")),
    }
}

fn limit(selector: &mut Fields<'_>) -> Option<Option<u64>> {
    let limit = selector.optional("limit", fields::whole(1..=MOST_ROWS))?;
    Some(limit.map(i64::unsigned_abs))
}

/// What a data set or a report may be called.
fn name(value: Value) -> Result<String, String> {
    let name = fields::text(value)?;
    let is_name = (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_name { Ok(name) } else { Err("must be a name of a-z, 0-9 and _".to_owned()) }
}
