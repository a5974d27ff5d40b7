//! Lists that are paged by counting.

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::Filter;
use crate::domain::{Export, Format, Status, Timestamp};
use crate::http::address::OwnAddress;
use crate::http::kit::{Earlier, Fields, FromFields, fields};
use crate::http::views::filter::formats;
use crate::http::views::listing::limit;

use super::OlderExportView;

/// The farthest that a list is counted to: each page costs all those before it.
const FARTHEST: i64 = 1_000_000;

/// Which of the caller's exports are listed.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OlderExportsQuery {
    /// Only those that are `pending`, `processing`, `completed`, `failed` or `expired`; several with
    /// commas between.
    #[param(value_type = Option<String>, example = "pending")]
    status: Vec<Status>,
    /// Only those of this format.
    #[param(value_type = Option<String>)]
    format: Option<Format>,
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// How many come before the page.
    #[param(value_type = Option<u64>, minimum = 0, maximum = 1_000_000)]
    offset: u64,
}

impl FromFields for OlderExportsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let status = query.optional("status", statuses);
        let format = query.optional("format", fields::word(Format::parse, &formats()));
        let limit = limit(query);
        let offset = query.optional("offset", fields::whole_in_words(0..=FARTHEST));
        query.pass_over_the_rest();
        Some(Self {
            status: status?.unwrap_or_default(),
            format: format?,
            limit: limit?,
            offset: offset?.unwrap_or(0).unsigned_abs(),
        })
    }
}

impl OlderExportsQuery {
    /// Items on the page.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// How many come before it.
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// What is on it.
    pub fn filter(&self) -> Filter {
        Filter { statuses: self.status.clone(), format: self.format, ..Filter::default() }
    }
}

/// A word of then stands for everything that is told by it.
fn statuses(value: Value) -> Result<Vec<Status>, String> {
    let mut wanted = Vec::new();
    for word in fields::text(value)?.split(',').map(str::trim) {
        let meant =
            |status: &Status| Earlier::Data.word(*status) == word || Earlier::Jobs.word(*status) == word;
        let before = wanted.len();
        wanted.extend(Status::ALL.into_iter().filter(meant));
        if wanted.len() == before {
            let exact = Status::parse(word);
            wanted.push(exact.ok_or("must be one of pending, processing, completed, failed, expired")?);
        }
    }
    Ok(wanted)
}

/// Some of the caller's exports, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct OlderExportsPage {
    exports: Vec<OlderExportView>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Pagination {
    /// How many there are in all.
    total: u64,
    limit: u64,
    offset: u64,
    /// Whether there are some after these.
    has_more: bool,
}

impl OlderExportsPage {
    /// These exports, of `total`, that `query` asked for at `now` of a server known as `own`.
    pub fn new(
        exports: &[Export],
        total: u64,
        query: &OlderExportsQuery,
        own: &OwnAddress,
        now: Timestamp,
    ) -> Self {
        let has_more = query.offset + (exports.len() as u64) < total;
        Self {
            exports: exports.iter().map(|export| OlderExportView::new(export, own, now)).collect(),
            pagination: Pagination { total, limit: query.limit, offset: query.offset, has_more },
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_word_of_then_stands_for_all_that_is_told_by_it() {
        let of = |text: &str| statuses(json!(text)).expect("words");
        assert_eq!(of("pending"), [Status::Scheduled, Status::Queued]);
        assert_eq!(of("queued"), [Status::Scheduled, Status::Queued]);
        assert_eq!(of("processing"), [Status::Processing, Status::Cancelling]);
        assert_eq!(of("failed, expired"), [Status::Failed, Status::Cancelled, Status::Expired]);
        assert_eq!(of("cancelled"), [Status::Cancelled], "a word of today is understood, too");
        assert!(statuses(json!("done")).is_err() && statuses(json!("")).is_err());
        assert!(statuses(json!(["failed", "failed"])).is_err());
    }

    #[test]
    fn what_is_no_page_is_refused_and_what_is_not_known_passed_over() {
        let of = |query| fields::read::<OlderExportsQuery>(query);
        for wrong in [
            json!({"limit": "0"}),
            json!({"limit": "201"}),
            json!({"limit": "-1"}),
            json!({"limit": "1e3"}),
            json!({"offset": "-1"}),
            json!({"offset": "x"}),
            json!({"offset": "1000001"}),
            json!({"offset": "99999999999999999999"}),
            json!({"offset": ["1", "2"]}),
        ] {
            assert_eq!(of(wrong.clone()).map_err(|faults| faults.len()).err(), Some(1), "{wrong}");
        }
        let query = of(json!({"limit": "5", "offset": "10", "_": "171"})).expect("a query");
        assert_eq!((query.limit(), query.offset()), (5, 10));
    }
}
