//! Everyone's exports at a glance: why they fail, what their packages take, what sweeps did.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::app::{Cause, Kept, Stock};
use crate::domain::{Format, PastSweep, Swept, Timestamp, UserId};
use crate::http::kit::{Fields, FromFields, fields};
use crate::telemetry::whole_millis;

use super::listing::limit;

/// Days that are looked back on when the caller does not say.
const USUAL_DAYS: i64 = 7;
/// The most that are.
const MOST_DAYS: i64 = 366;

/// Of how many days causes are told.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FailuresQuery {
    /// Of how many days, back from now: 1 to 366, 7 when left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 366)]
    days: u32,
}

impl FromFields for FailuresQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let days = query.optional("days", fields::whole_in_words(1..=MOST_DAYS))?;
        Some(Self { days: u32::try_from(days.unwrap_or(USUAL_DAYS)).ok()? })
    }
}

impl FailuresQuery {
    /// Of how many days.
    pub const fn days(self) -> u32 {
        self.days
    }
}

/// How many sweeps are told.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SweepsQuery {
    /// At most so many: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
}

impl FromFields for SweepsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        Some(Self { limit: limit(query)? })
    }
}

impl SweepsQuery {
    /// At most so many.
    pub const fn limit(self) -> u64 {
        self.limit
    }
}

/// Why exports failed, the most frequent cause first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Failures)]
pub struct CausesView {
    items: Vec<CauseView>,
}

/// Exports that failed for the same reason.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = FailuresCause)]
struct CauseView {
    /// As `error.code` of each of them; `errorCode` finds them in lists.
    #[schema(example = "TOO_MANY_FILES")]
    code: &'static str,
    #[schema(example = "project")]
    kind: &'static str,
    #[schema(example = "zip")]
    format: &'static str,
    /// How many.
    exports: u64,
    /// Of how many users.
    users: u64,
    #[schema(value_type = String, format = DateTime)]
    first_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    last_at: Timestamp,
    example: ExampleView,
}

/// One of them: the one that was asked for last.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FailuresExample)]
struct ExampleView {
    id: String,
    /// What its owner was told.
    message: String,
}

impl From<Vec<Cause>> for CausesView {
    fn from(causes: Vec<Cause>) -> Self {
        let view = |cause: Cause| CauseView {
            code: cause.code.as_str(),
            kind: cause.kind.as_str(),
            format: cause.format.as_str(),
            exports: cause.exports,
            users: cause.users,
            first_at: cause.first_at,
            last_at: cause.last_at,
            example: ExampleView { id: cause.example.0.to_string(), message: cause.example.1 },
        };
        Self { items: causes.into_iter().map(view).collect() }
    }
}

/// What packages take.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Storage)]
pub struct StockView {
    /// As `storage.backend` has it.
    #[schema(example = "local")]
    backend: &'static str,
    /// Of all our files on the disk; what packages share counts once.
    used_bytes: u64,
    /// Free on their file system.
    free_bytes: u64,
    /// Of their file system.
    total_bytes: u64,
    /// With less than this free no job is started (`storage.reserve`).
    reserve_bytes: u64,
    /// Packages that can be downloaded.
    packages: u64,
    /// Those of them that expire within a day.
    expiring_within_day: KeptView,
    by_format: Vec<KeptOfFormatView>,
    /// At most 50, the largest part first.
    users: Vec<KeptOfUserView>,
}

/// Packages taken together, each counted by itself, also where two share their bytes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StoragePart)]
struct KeptView {
    packages: u64,
    bytes: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StorageOfFormat)]
struct KeptOfFormatView {
    #[schema(example = "zip")]
    format: &'static str,
    #[serde(flatten)]
    kept: KeptView,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StorageOfUser)]
struct KeptOfUserView {
    user_id: String,
    #[serde(flatten)]
    kept: KeptView,
}

impl From<Kept> for KeptView {
    fn from(Kept { packages, bytes }: Kept) -> Self {
        Self { packages, bytes }
    }
}

impl From<Stock> for StockView {
    fn from(stock: Stock) -> Self {
        let of_format =
            |(format, kept): (Format, Kept)| KeptOfFormatView { format: format.as_str(), kept: kept.into() };
        let of_user =
            |(user, kept): (UserId, Kept)| KeptOfUserView { user_id: user.to_string(), kept: kept.into() };
        Self {
            backend: "local",
            used_bytes: stock.used,
            free_bytes: stock.free,
            total_bytes: stock.total,
            reserve_bytes: stock.reserve,
            packages: stock.by_format.iter().map(|(_, kept)| kept.packages).sum(),
            expiring_within_day: stock.expiring.into(),
            by_format: stock.by_format.into_iter().map(of_format).collect(),
            users: stock.by_user.into_iter().map(of_user).collect(),
        }
    }
}

/// What sweeps did that did something, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Cleanups)]
pub struct PastSweepsView {
    items: Vec<PastSweepView>,
}

/// A sweep that is over.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Cleanup)]
struct PastSweepView {
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The server's, as among the queue's `workers`.
    worker: String,
    /// `tick` for what is due, `deep` once a day and at each start, `asked` when somebody asked for it.
    #[schema(example = "tick")]
    reason: &'static str,
    expired: u64,
    deleted_files: u64,
    freed_bytes: u64,
    orphans_removed: u64,
    pruned_rows: u64,
    errors: u64,
    duration_millis: u64,
}

impl From<Vec<PastSweep>> for PastSweepsView {
    fn from(sweeps: Vec<PastSweep>) -> Self {
        let view = |past: PastSweep| {
            let Swept { expired, deleted_files, freed_bytes, orphans_removed, pruned_rows, errors } =
                past.swept;
            PastSweepView {
                at: past.at,
                worker: past.worker,
                reason: past.occasion.as_str(),
                expired,
                deleted_files,
                freed_bytes,
                orphans_removed,
                pruned_rows,
                errors,
                duration_millis: whole_millis(past.took),
            }
        };
        Self { items: sweeps.into_iter().map(view).collect() }
    }
}
