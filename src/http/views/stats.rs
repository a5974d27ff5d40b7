//! Figures, and what can be exported as what.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::{Figures, Lot, Middle, Whose};
use crate::domain::{Compression, Format, Kind, Status, Timestamp};
use crate::http::kit::{Fields, FromFields, fields};

/// Days that are counted when the caller does not say.
const USUAL_DAYS: i64 = 30;
/// The most that are: a leap year's.
const MOST_DAYS: i64 = 366;

/// What is counted.
#[derive(Debug, Clone, Copy, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatsQuery {
    /// Everyone's exports instead of one's own; for admins.
    #[param(value_type = Option<bool>)]
    include_system: bool,
    /// Of how many days, this one included: 1 to 366, 30 when left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 366)]
    days: u32,
}

impl FromFields for StatsQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let include_system = query.optional("include_system", flag);
        let days = query.optional("days", fields::whole_in_words(1..=MOST_DAYS));
        let days = u32::try_from(days?.unwrap_or(USUAL_DAYS)).ok()?;
        Some(Self { include_system: include_system?.unwrap_or(false), days })
    }
}

impl StatsQuery {
    /// Whose exports.
    pub const fn whose(self) -> Whose {
        if self.include_system { Whose::Everyones } else { Whose::Own }
    }

    /// Of how many days.
    pub const fn days(self) -> u32 {
        self.days
    }
}

fn flag(value: Value) -> Result<bool, String> {
    match fields::text(value)?.as_str() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}

/// Figures of exports. Each counts once, on the day it was asked for, however often it was downloaded.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Stats)]
pub struct StatsView {
    /// Midnight (UTC) before the first day.
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    /// When it was counted.
    #[schema(value_type = String, format = DateTime)]
    to: Timestamp,
    #[serde(flatten)]
    all: SumView,
    /// How many stand where; only where there are some.
    by_status: BTreeMap<&'static str, u64>,
    /// How long exports with a package took, from the start of the attempt that made it.
    duration: DurationView,
    /// How large their packages are.
    package: PackageView,
    by_kind_and_format: Vec<KindView>,
    /// Days with exports, first to last.
    by_day: Vec<DayView>,
}

/// Exports taken together.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatsSum)]
struct SumView {
    exports: u64,
    /// With a package, by now or once.
    completed: u64,
    failed: u64,
    /// Completed of completed and failed, 0 to 1.
    success_rate: Option<f64>,
    /// Bytes of all packages.
    bytes: u64,
    /// Downloads of all packages.
    downloads: u64,
}

/// In milliseconds: many take less than a second.
#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatsDuration)]
struct DurationView {
    average_millis: Option<u64>,
    /// What half of them do not exceed.
    median_millis: Option<u64>,
    /// What all but one of twenty do not exceed.
    p95_millis: Option<u64>,
    longest_millis: Option<u64>,
}

#[derive(Debug, Default, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = StatsPackage)]
struct PackageView {
    average_bytes: Option<u64>,
    /// What half of them do not exceed.
    median_bytes: Option<u64>,
    largest_bytes: Option<u64>,
    /// Files in all packages.
    files: u64,
    /// Files in the fullest.
    most_files: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatsKind)]
struct KindView {
    kind: &'static str,
    format: &'static str,
    #[serde(flatten)]
    sum: SumView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatsDay)]
struct DayView {
    /// In UTC.
    #[schema(example = "2026-11-20")]
    date: String,
    #[serde(flatten)]
    sum: SumView,
}

impl From<Figures> for StatsView {
    fn from(Figures { from, to, stats }: Figures) -> Self {
        let lots = &stats.lots;
        let mut by_status = BTreeMap::new();
        let mut by_kind: BTreeMap<(&str, &str), Vec<&Lot>> = BTreeMap::new();
        let mut by_day: BTreeMap<Timestamp, Vec<&Lot>> = BTreeMap::new();
        for lot in lots {
            *by_status.entry(lot.status.as_str()).or_default() += lot.exports;
            by_kind.entry((lot.kind.as_str(), lot.format.as_str())).or_default().push(lot);
            by_day.entry(lot.day).or_default().push(lot);
        }
        let kind = |((kind, format), lots): (_, Vec<_>)| KindView { kind, format, sum: SumView::of(lots) };
        let day = |(day, lots): (Timestamp, Vec<_>)| DayView { date: day.date(), sum: SumView::of(lots) };
        Self {
            from,
            to,
            all: SumView::of(lots),
            by_status,
            duration: DurationView::of(lots, stats.middle),
            package: PackageView::of(lots, stats.middle),
            by_kind_and_format: by_kind.into_iter().map(kind).collect(),
            by_day: by_day.into_iter().map(day).collect(),
        }
    }
}

fn is_done(lot: &Lot) -> bool {
    matches!(lot.status, Status::Completed | Status::Expired)
}

impl SumView {
    fn of<'l>(lots: impl IntoIterator<Item = &'l Lot>) -> Self {
        let mut sum = Self::default();
        for lot in lots {
            sum.exports += lot.exports;
            sum.bytes += lot.bytes;
            sum.downloads += lot.downloads;
            if is_done(lot) {
                sum.completed += lot.exports;
            } else if lot.status == Status::Failed {
                sum.failed += lot.exports;
            }
        }
        let ended = sum.completed + sum.failed;
        sum.success_rate = (ended > 0).then(|| sum.completed as f64 / ended as f64);
        sum
    }
}

impl DurationView {
    fn of(lots: &[Lot], middle: Option<Middle>) -> Self {
        let Some(middle) = middle else { return Self::default() };
        let done = || lots.iter().filter(|lot| is_done(lot));
        let took: Duration = done().map(|lot| lot.took).sum();
        let count = done().map(|lot| lot.exports).sum::<u64>().max(1);
        Self {
            average_millis: Some(millis(took) / count),
            median_millis: Some(millis(middle.took)),
            p95_millis: Some(millis(middle.took_mostly)),
            longest_millis: done().map(|lot| millis(lot.longest)).max(),
        }
    }
}

impl PackageView {
    fn of(lots: &[Lot], middle: Option<Middle>) -> Self {
        let Some(middle) = middle else { return Self::default() };
        let done = || lots.iter().filter(|lot| is_done(lot));
        let count = done().map(|lot| lot.exports).sum::<u64>().max(1);
        Self {
            average_bytes: Some(done().map(|lot| lot.bytes).sum::<u64>() / count),
            median_bytes: Some(middle.size),
            largest_bytes: done().map(|lot| lot.largest).max(),
            files: done().map(|lot| lot.files).sum(),
            most_files: done().map(|lot| lot.most_files).max(),
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// What can be exported as what.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Formats)]
pub struct FormatsView {
    items: Vec<FormatsOfKindView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FormatsOfKind)]
struct FormatsOfKindView {
    #[schema(example = "project")]
    kind: &'static str,
    /// The one that is meant when none is named comes first.
    formats: Vec<FormatView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Format)]
struct FormatView {
    #[schema(example = "tar.gz")]
    format: &'static str,
    /// `Content-Type` of its packages.
    #[schema(example = "application/gzip")]
    media_type: &'static str,
    /// Of their file names, without a dot.
    #[schema(example = "tar.gz")]
    extension: &'static str,
    /// What `options.compression` may be; nothing for archives, which are compressed by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    compressions: Vec<CompressionView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Compression)]
struct CompressionView {
    #[schema(example = "gzip")]
    compression: &'static str,
    #[schema(example = "application/gzip")]
    media_type: &'static str,
    /// Of their file names, without a dot.
    #[schema(example = "csv.gz")]
    extension: String,
}

impl FormatsView {
    /// Of every kind that this server exports.
    pub fn all() -> Self {
        let format = |format: &Format| FormatView {
            format: format.as_str(),
            media_type: format.media_type(),
            extension: format.extension(),
            compressions: match format.archive() {
                Some(_) => Vec::new(),
                None => Compression::ALL.map(|compression| compression_of(*format, compression)).into(),
            },
        };
        let of_kind = |kind: Kind| FormatsOfKindView {
            kind: kind.as_str(),
            formats: kind.formats().iter().map(format).collect(),
        };
        Self { items: Kind::ALL.into_iter().map(of_kind).collect() }
    }
}

fn compression_of(format: Format, compression: Compression) -> CompressionView {
    CompressionView {
        compression: compression.as_str(),
        media_type: compression.media_type(format),
        extension: format!("{}{}", format.extension(), compression.suffix()),
    }
}

/// Figures as an earlier system had them: one's own, and for admins everyone's beside them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OlderStats)]
pub struct OlderStatsView {
    /// The caller's.
    pub user: StatsView,
    /// Everyone's, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pub system: Option<StatsView>,
}
