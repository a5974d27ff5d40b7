//! Figures: how many exports there were, how they ended, how large and how long they were.
//!
//! Every export counts once, however often it was downloaded: what its downloads come to stands in
//! its own row, and nothing is joined. What rows told that were deleted for their age stands in
//! `export_days`, into which they were folded by the very deletion.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::domain::{Format, Kind, Status, Timestamp, UserId};

use super::super::row::bytes;
use super::super::statement::sql;
use super::{Exports, StoreError};

/// A day of UTC, in milliseconds.
const DAY: i64 = 86_400_000;
/// With a package, by now or once.
const DONE: &str = "status IN ('completed', 'expired')";

/// Exports of one day, kind and format that stand alike, taken together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// When the day began on which they were asked for.
    pub day: Timestamp,
    /// What they are of.
    pub kind: Kind,
    /// In which shape.
    pub format: Format,
    /// Where they stand.
    pub status: Status,
    /// How many.
    pub exports: u64,
    /// Bytes of all their packages.
    pub bytes: u64,
    /// Bytes of the largest.
    pub largest: u64,
    /// Files in all their packages.
    pub files: u64,
    /// Files in the fullest.
    pub most_files: u64,
    /// Downloads of all.
    pub downloads: u64,
    /// How long those took, together, that have a package: from the start of the attempt that made it.
    pub took: Duration,
    /// The longest of them.
    pub longest: Duration,
}

/// What half of the exports with a package do not exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Middle {
    /// Bytes of the package.
    pub size: u64,
    /// How long it took to make.
    pub took: Duration,
    /// How long all but one of twenty took at most.
    pub took_mostly: Duration,
}

/// Figures of some exports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// By day, kind, format and status, in this order.
    pub lots: Vec<Lot>,
    /// The middle of those with a package, if there is one.
    pub middle: Option<Middle>,
}

impl Exports {
    /// Figures of the exports asked for since `from`: `owner`'s, or everyone's. Two questions, both
    /// by the index of their age.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stats(
        &self,
        owner: Option<&UserId>,
        from: Timestamp,
        now: Timestamp,
    ) -> Result<Stats, StoreError> {
        let mut values: Vec<Value> = vec![from.millis().into()];
        let of_owner = if owner.is_some() { " AND owner = $2" } else { "" };
        values.extend(owner.map(|owner| owner.as_str().into()));
        Ok(Stats {
            lots: self.lots(of_owner, values.clone(), now).await?,
            middle: self.middle(&format!("created_at >= $1{of_owner}"), values).await?,
        })
    }

    async fn lots(
        &self,
        of_owner: &str,
        mut values: Vec<Value>,
        now: Timestamp,
    ) -> Result<Vec<Lot>, StoreError> {
        values.push(now.millis().into());
        let now = values.len();
        let each = each_export();
        let text = format!(
            "SELECT midnight, kind, format, stands,
                CAST(sum(exports) AS BIGINT) AS exports,
                CAST(sum(bytes) AS BIGINT) AS bytes, CAST(max(largest) AS BIGINT) AS largest,
                CAST(sum(files) AS BIGINT) AS files, CAST(max(most_files) AS BIGINT) AS most_files,
                CAST(sum(downloads) AS BIGINT) AS downloads,
                CAST(sum(took) AS BIGINT) AS took, CAST(max(longest) AS BIGINT) AS longest
             FROM (
                SELECT {each},
                    CASE WHEN status = 'completed' AND expires_at <= ${now} THEN 'expired' ELSE status END AS stands
                FROM exports WHERE created_at >= $1{of_owner}
                UNION ALL
                SELECT day, owner, kind, format, exports, bytes, largest, files, most_files, downloads, took, longest,
                    status
                FROM export_days WHERE day >= $1{of_owner}
             ) AS every_one
             GROUP BY midnight, kind, format, stands ORDER BY midnight, kind, format, stands"
        );
        let reader = &self.database.reader;
        let rows = reader.query_all_raw(sql(reader, &text, values)).await?;
        rows.iter().map(lot).collect()
    }

    // By the package and not by the status: PostgreSQL would read everyone's who stands alike.
    async fn middle(&self, whose: &str, values: Vec<Value>) -> Result<Option<Middle>, StoreError> {
        let text = format!(
            "WITH done AS (
                SELECT file_size AS size, row_number() OVER (ORDER BY file_size) AS by_size,
                    completed_at - started_at AS took,
                    row_number() OVER (ORDER BY completed_at - started_at) AS by_took,
                    count(*) OVER () AS n
                FROM exports WHERE {whose} AND file_size IS NOT NULL AND started_at IS NOT NULL
             )
             SELECT max(CASE WHEN by_size = (n + 1) / 2 THEN size END) AS size,
                max(CASE WHEN by_took = (n + 1) / 2 THEN took END) AS took,
                max(CASE WHEN by_took = (n * 19 + 19) / 20 THEN took END) AS took_mostly
             FROM done"
        );
        let reader = &self.database.reader;
        let Some(row) = reader.query_one_raw(sql(reader, &text, values)).await? else { return Ok(None) };
        let number = |name: &str| row.try_get::<Option<i64>>("", name);
        let (size, took, mostly) = (number("size")?, number("took")?, number("took_mostly")?);
        Ok(size.map(|size| Middle {
            size: bytes(size),
            took: millis(took.unwrap_or(0)),
            took_mostly: millis(mostly.unwrap_or(0)),
        }))
    }
}

/// What one row of `exports` tells, as the columns of `export_days` have it, but for where it stands.
pub(super) fn each_export() -> String {
    let took = format!("coalesce(CASE WHEN {DONE} THEN completed_at - started_at END, 0)");
    format!(
        "created_at - created_at % {DAY} AS midnight, owner, kind, format, 1 AS exports,
        coalesce(file_size, 0) AS bytes, coalesce(file_size, 0) AS largest,
        coalesce(file_count, 0) AS files, coalesce(file_count, 0) AS most_files,
        download_count AS downloads, {took} AS took, {took} AS longest"
    )
}

fn lot(row: &QueryResult) -> Result<Lot, StoreError> {
    let word = |name: &str| row.try_get::<String>("", name);
    let number = |name: &str| row.try_get::<i64>("", name);
    let (kind, format, status) = (word("kind")?, word("format")?, word("stands")?);
    Ok(Lot {
        day: Timestamp::from_millis(number("midnight")?),
        kind: Kind::parse(&kind).ok_or_else(|| unknown("kind", &kind))?,
        format: Format::parse(&format).ok_or_else(|| unknown("format", &format))?,
        status: Status::parse(&status).ok_or_else(|| unknown("status", &status))?,
        exports: bytes(number("exports")?),
        bytes: bytes(number("bytes")?),
        largest: bytes(number("largest")?),
        files: bytes(number("files")?),
        most_files: bytes(number("most_files")?),
        downloads: bytes(number("downloads")?),
        took: millis(number("took")?),
        longest: millis(number("longest")?),
    })
}

fn millis(number: i64) -> Duration {
    Duration::from_millis(bytes(number))
}

fn unknown(column: &str, word: &str) -> StoreError {
    StoreError::Corrupt { table: "exports", what: format!("{column} is {word}") }
}
