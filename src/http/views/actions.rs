//! What is done to many exports at once, and what came of it.

use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::{Acted, Deed, MOST_AT_ONCE, Which};
use crate::domain::{Export, ExportId, Timestamp};
use crate::http::audit::Told;
use crate::http::kit::{Fields, FromFields, Problem, fields};

use super::ExportFilter;

/// Seconds of the longest time that can be said, far above what any operator allows.
const LONGEST: i64 = 100 * 366 * 86_400;

/// What to do, and to which exports: to those of `ids`, or to all that `filter` means; one of the two is
/// given.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into `NewActions`")]
pub struct ActionsBody {
    /// `cancel`, `retry`, `delete` or `extend`.
    #[schema(example = "retry")]
    action: String,
    /// These exports.
    #[schema(max_items = 1000)]
    ids: Option<Vec<String>>,
    /// All to which this applies and to which it can be done, the oldest 1,000 at a call. What was asked
    /// for again already is not retried once more.
    filter: Option<ExportFilter>,
    /// To extend: for how long from now on; as long as when nothing is said, if left out.
    #[schema(minimum = 1)]
    retention_seconds: Option<u64>,
    /// Only tell what would be done.
    dry_run: Option<bool>,
}

/// What to do, and to which exports.
#[derive(Debug)]
pub struct NewActions {
    /// What.
    pub deed: Deed,
    /// To which.
    pub which: Which,
    /// Only tell what would be done.
    pub dry_run: bool,
}

impl FromFields for NewActions {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let deed = body.required("action", fields::word(deed, "cancel, retry, delete, extend"));
        let ids = body.optional("ids", ids);
        let filter = match body.has("filter") {
            true => body.object("filter", ExportFilter::from_fields).map(Some),
            false => body.optional("filter", |_| Err("is nothing".into())),
        };
        let lifetime = lifetime(body);
        let dry_run = body.optional("dryRun", fields::flag);
        let (deed, ids, filter, lifetime, dry_run) = (deed?, ids?, filter?, lifetime?, dry_run?);
        let which = match (ids, filter) {
            (Some(ids), None) => Which::These(ids),
            (None, Some(filter)) => Which::All(filter.into()),
            (None, None) | (Some(_), Some(_)) => return body.fault_of_all("must have either ids or filter"),
        };
        let deed = match deed {
            Deed::Extend(_) => Deed::Extend(lifetime),
            _ if lifetime.is_some() => {
                return body.fault("retentionSeconds", "is only for the action extend");
            }
            deed => deed,
        };
        Some(Self { deed, which, dry_run: dry_run.unwrap_or(false) })
    }
}

/// For how long a package is to be kept.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(rename_all = "camelCase")]
pub struct NewExtension {
    /// From now on; as long as when nothing is said, if left out.
    #[schema(value_type = Option<u64>, minimum = 1, example = 604_800)]
    retention_seconds: Option<Duration>,
}

impl FromFields for NewExtension {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        Some(Self { retention_seconds: lifetime(body)? })
    }
}

impl NewExtension {
    /// From now on.
    pub const fn lifetime(self) -> Option<Duration> {
        self.retention_seconds
    }
}

fn lifetime(body: &mut Fields<'_>) -> Option<Option<Duration>> {
    let seconds = body.optional("retentionSeconds", fields::whole(1..=LONGEST))?;
    Some(seconds.map(|seconds| Duration::from_secs(seconds.unsigned_abs())))
}

fn deed(word: &str) -> Option<Deed> {
    Some(match word {
        "cancel" => Deed::Cancel,
        "retry" => Deed::Retry,
        "delete" => Deed::Delete,
        "extend" => Deed::Extend(None),
        _ => return None,
    })
}

/// The word of `deed`.
pub const fn word(deed: Deed) -> &'static str {
    match deed {
        Deed::Cancel => "cancel",
        Deed::Retry => "retry",
        Deed::Delete => "delete",
        Deed::Extend(_) => "extend",
    }
}

fn ids(value: Value) -> Result<Vec<ExportId>, String> {
    let Value::Array(items) = value else { return Err("must be a list of ids".into()) };
    if !(1..=MOST_AT_ONCE).contains(&items.len()) {
        return Err(format!("must have 1 to {MOST_AT_ONCE} ids"));
    }
    items.into_iter().map(fields::parsed).collect()
}

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Actions)]
pub struct ActedView {
    #[schema(example = "retry")]
    action: &'static str,
    /// Exports to which it can be done.
    matching: u64,
    /// Those to which it was done; none by a dry run.
    done: u64,
    /// Those that were left for another call: a call does 1,000.
    remaining: u64,
    dry_run: bool,
    /// The first 20 to which it can be done, as they stand now.
    sample: Vec<SampleView>,
    /// Those to which it could not be done.
    failed: Vec<NotActedView>,
}

/// One export, in short.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ActionsSample)]
struct SampleView {
    id: String,
    #[schema(example = "ada")]
    user_id: String,
    file_name: String,
    #[schema(example = "failed")]
    status: &'static str,
}

/// An export to which it could not be done, and why, as if it had been asked for alone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ActionsFailure)]
pub struct NotActedView {
    /// Which.
    pub id: String,
    /// For programs.
    #[schema(example = "NOT_CANCELLABLE")]
    pub code: &'static str,
    /// For people.
    pub detail: String,
}

impl NotActedView {
    /// `problem` with the export `id`.
    pub fn new(id: ExportId, problem: &Problem) -> Self {
        Self { id: id.to_string(), code: problem.code(), detail: problem.detail().to_owned() }
    }
}

impl ActedView {
    /// What came of `deed` at `now`; `failed` is told by whoever knows problems.
    pub fn new(deed: Deed, dry_run: bool, acted: &Acted, failed: Vec<NotActedView>, now: Timestamp) -> Self {
        let sample = |export: &Export| SampleView {
            id: export.id.to_string(),
            user_id: export.owner.to_string(),
            file_name: export.file_name(),
            status: export.status_at(now).as_str(),
        };
        Self {
            action: word(deed),
            matching: acted.matching,
            done: acted.done.len() as u64,
            remaining: acted.remaining,
            dry_run,
            sample: acted.sample.iter().map(sample).collect(),
            failed,
        }
    }

    /// What the audit is to know of it as a whole.
    pub fn told(&self) -> Told {
        Told::default()
            .with("action", self.action)
            .with("matching", self.matching)
            .with("done", self.done)
            .with("failed", self.failed.len() as u64)
            .with("dryRun", self.dry_run)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_done_is_said_once_and_to_which() {
        let id = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";
        let read = |body: Value| fields::read::<NewActions>(body);
        let extend = json!({"action": "extend", "ids": [id], "retentionSeconds": 60, "dryRun": true});
        let extend = read(extend).expect("right");
        assert_eq!((extend.deed, extend.dry_run), (Deed::Extend(Some(Duration::from_secs(60))), true));
        assert!(matches!(extend.which, Which::These(ids) if ids.len() == 1));
        let all =
            read(json!({"action": "retry", "filter": {"status": "failed", "q": "shop"}})).expect("right");
        assert!(matches!(all.which, Which::All(filter) if filter.search.as_deref() == Some("shop")));
        for (wrong, pointer) in [
            (json!({"action": "eat", "ids": [id]}), "/action"),
            (json!({"action": "retry"}), ""),
            (json!({"action": "retry", "ids": [id], "filter": {}}), ""),
            (json!({"action": "retry", "ids": []}), "/ids"),
            (json!({"action": "retry", "ids": vec![id; 1001]}), "/ids"),
            (json!({"action": "retry", "ids": ["7"]}), "/ids"),
            (json!({"action": "retry", "filter": {"staus": "failed"}}), "/filter/staus"),
            (json!({"action": "cancel", "filter": {}, "retentionSeconds": 60}), "/retentionSeconds"),
            (json!({"action": "extend", "filter": {}, "retentionSeconds": 0}), "/retentionSeconds"),
        ] {
            let faults = read(wrong.clone()).expect_err("wrong");
            assert_eq!(faults[0].pointer, pointer, "{wrong}");
        }
    }
}
