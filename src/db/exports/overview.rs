//! Everyone's exports at a glance: why they fail, and what their packages take.

use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::domain::{ExportId, FailureCode, Format, Kind, Timestamp, UserId};

use super::super::row::{big, bytes};
use super::super::statement::sql;
use super::{Exports, StoreError};

/// Causes that are told at most; there are not many more codes, kinds and formats.
const MOST_CAUSES: u64 = 500;

/// Exports that failed for the same reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The reason.
    pub code: FailureCode,
    /// What they were of.
    pub kind: Kind,
    /// In which shape.
    pub format: Format,
    /// How many.
    pub exports: u64,
    /// Of how many users.
    pub users: u64,
    /// When the first of them failed.
    pub first_at: Timestamp,
    /// When the last of them did.
    pub last_at: Timestamp,
    /// The one that was asked for last, and what it was told.
    pub example: (ExportId, String),
}

/// Packages that are there, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Kept {
    /// How many.
    pub packages: u64,
    /// How large, each counted by itself, also where two share their bytes.
    pub bytes: u64,
}

impl Exports {
    /// Why exports failed since `from`, the most frequent first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn causes(&self, from: Timestamp) -> Result<Vec<Cause>, StoreError> {
        let text = "WITH causes AS (
                SELECT failure ->> 'code' AS code, kind, format, count(*) AS n, count(DISTINCT owner) AS users,
                    min(completed_at) AS first_at, max(completed_at) AS last_at, max(id) AS example
                FROM exports WHERE status = 'failed' AND completed_at >= $1
                GROUP BY failure ->> 'code', kind, format)
            SELECT causes.*, e.failure ->> 'message' AS message
            FROM causes JOIN exports e ON e.id = causes.example ORDER BY n DESC, last_at DESC LIMIT $2";
        let reader = &self.database.reader;
        let values = [from.millis().into(), big(MOST_CAUSES).into()];
        let rows = reader.query_all_raw(sql(reader, text, values)).await?;
        rows.iter().map(cause).collect()
    }

    /// What the packages take that are there at `now`: by format, the largest part first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_by_format(&self, now: Timestamp) -> Result<Vec<(Format, Kept)>, StoreError> {
        let all = self.kept_by("format", 100, now).await?.into_iter();
        all.map(|(word, kept)| Ok((Format::parse(&word).ok_or_else(|| corrupt("format", &word))?, kept)))
            .collect()
    }

    /// The same by user, at most so many.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_by_user(&self, most: u64, now: Timestamp) -> Result<Vec<(UserId, Kept)>, StoreError> {
        let all = self.kept_by("owner", most, now).await?.into_iter();
        all.map(|(word, kept)| Ok((word.parse().map_err(|_| corrupt("owner", &word))?, kept))).collect()
    }

    /// What the packages take that are there at `now` and not at `then`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn expiring(&self, now: Timestamp, then: Timestamp) -> Result<Kept, StoreError> {
        let text = "SELECT count(*) AS packages, CAST(coalesce(sum(file_size), 0) AS BIGINT) AS bytes
            FROM exports WHERE status = 'completed' AND expires_at > $1 AND expires_at <= $2";
        let reader = &self.database.reader;
        let asked = sql(reader, text, [now.millis().into(), then.millis().into()]);
        reader.query_one_raw(asked).await?.as_ref().map_or(Ok(Kept::default()), kept)
    }

    async fn kept_by(
        &self,
        column: &str,
        most: u64,
        now: Timestamp,
    ) -> Result<Vec<(String, Kept)>, StoreError> {
        let text = format!(
            "SELECT {column} AS word, count(*) AS packages, CAST(sum(file_size) AS BIGINT) AS bytes
             FROM exports WHERE status = 'completed' AND expires_at > $1
             GROUP BY {column} ORDER BY bytes DESC, word LIMIT $2"
        );
        let reader = &self.database.reader;
        let values: [Value; 2] = [now.millis().into(), big(most).into()];
        let rows = reader.query_all_raw(sql(reader, &text, values)).await?;
        rows.iter().map(|row| Ok((row.try_get("", "word")?, kept(row)?))).collect()
    }
}

fn kept(row: &QueryResult) -> Result<Kept, StoreError> {
    Ok(Kept { packages: bytes(row.try_get("", "packages")?), bytes: bytes(row.try_get("", "bytes")?) })
}

fn cause(row: &QueryResult) -> Result<Cause, StoreError> {
    let word = |name: &str| row.try_get::<String>("", name);
    let number = |name: &str| row.try_get::<i64>("", name);
    let (code, kind, format, example) = (word("code")?, word("kind")?, word("format")?, word("example")?);
    Ok(Cause {
        code: FailureCode::parse(&code).ok_or_else(|| corrupt("failure", &code))?,
        kind: Kind::parse(&kind).ok_or_else(|| corrupt("kind", &kind))?,
        format: Format::parse(&format).ok_or_else(|| corrupt("format", &format))?,
        exports: bytes(number("n")?),
        users: bytes(number("users")?),
        first_at: Timestamp::from_millis(number("first_at")?),
        last_at: Timestamp::from_millis(number("last_at")?),
        example: (example.parse().map_err(|_| corrupt("id", &example))?, word("message")?),
    })
}

fn corrupt(column: &str, word: &str) -> StoreError {
    StoreError::Corrupt { table: "exports", what: format!("{column} is {word}") }
}
