//! The line in which a queued export stands.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::ConnectionTrait;

use crate::domain::{Export, InLine, Limits, Line, Policy, Timestamp};

use super::super::row::{big, bytes};
use super::super::statement::sql;
use super::claim::WAITING;
use super::{Exports, StoreError};

/// Of each user so many times as many queued exports are looked at as stand before the one that
/// is asked about: others may have more jobs at a time.
const OTHERS: u64 = 8;
/// But no more than these.
const MOST: u64 = 20_000;
/// Exports that ended lately, from which it is told how long the next ones take.
const LATELY: u64 = 100;

impl Exports {
    /// The line in which `export` stands, and how long exports of its kind have taken lately, if
    /// any has ended. `alive_since` is when a node that lives was last seen at least.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn line(
        &self,
        export: &Export,
        configured: &Limits,
        alive_since: Timestamp,
        now: Timestamp,
    ) -> Result<(Line, Option<Duration>), StoreError> {
        let rank = self.rank(export).await?;
        let mut users = self.waiting(export, rank, configured).await?;
        let mut running = 0;
        for (owner, ran) in self.running(now).await? {
            running += 1;
            let in_line = users.entry(owner).or_insert_with(|| InLine {
                queued: 0,
                running: Vec::new(),
                at_a_time: u64::MAX,
                last_claim: Timestamp::from_millis(0),
            });
            in_line.running.push(ran);
        }
        let usual = self.usual(export).await?;
        let slots = self.slots(alive_since).await?.max(running).max(1);
        let mut users: Vec<(String, InLine)> = users.into_iter().collect();
        users.sort_by(|one, other| one.0.cmp(&other.0));
        let mine = users.iter().position(|(owner, _)| owner == export.owner.as_str()).unwrap_or(0);
        let users = users.into_iter().map(|(_, in_line)| in_line).collect();
        Ok((Line { slots, usual: usual.unwrap_or(Duration::from_secs(1)), users, mine }, usual))
    }

    /// How many of its owner's queued exports begin before it, itself included.
    async fn rank(&self, export: &Export) -> Result<u64, StoreError> {
        let text = "SELECT count(*) AS n FROM exports
            WHERE status = 'queued' AND owner = $1 AND (rank_at, id) <= ($2, $3)";
        let rank_at = super::request::rank_at(export.run_at, export.priority);
        let values = [export.owner.as_str().into(), rank_at.into(), export.id.to_string().into()];
        let reader = &self.database.reader;
        let row = reader.query_one_raw(sql(reader, text, values)).await?;
        let rank: i64 = row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(1);
        Ok(bytes(rank).max(1))
    }

    /// Everyone who has something queued.
    async fn waiting(
        &self,
        export: &Export,
        rank: u64,
        configured: &Limits,
    ) -> Result<HashMap<String, InLine>, StoreError> {
        let text = format!(
            "WITH RECURSIVE {WAITING}
             SELECT w.owner AS owner, coalesce(t.last_claim, 0) AS last_claim,
                (SELECT count(*) FROM (
                    SELECT 1 AS one FROM exports q WHERE q.status = 'queued' AND q.owner = w.owner LIMIT $1
                 ) AS few) AS queued,
                coalesce((SELECT jobs_per_user FROM limits WHERE user_id = w.owner),
                    (SELECT jobs_per_user FROM limits WHERE user_id = ''), $2) AS at_a_time
             FROM waiting w LEFT JOIN tenants t ON t.user_id = w.owner WHERE w.owner IS NOT NULL"
        );
        let at_a_time = configured[Policy::JobsPerUser].most().map_or(i64::MAX, big);
        let most = big(rank.saturating_mul(OTHERS).min(MOST));
        let reader = &self.database.reader;
        let mut users = HashMap::new();
        for row in reader.query_all_raw(sql(reader, &text, [most.into(), at_a_time.into()])).await? {
            let owner: String = row.try_get("", "owner")?;
            let mut in_line = InLine {
                queued: bytes(row.try_get("", "queued")?),
                running: Vec::new(),
                at_a_time: bytes(row.try_get("", "at_a_time")?),
                last_claim: Timestamp::from_millis(row.try_get("", "last_claim")?),
            };
            if owner == export.owner.as_str() {
                in_line.queued = rank;
            }
            users.insert(owner, in_line);
        }
        // It may have been claimed just now.
        users.entry(export.owner.to_string()).or_insert_with(|| InLine {
            queued: rank,
            running: Vec::new(),
            at_a_time: bytes(at_a_time),
            last_claim: Timestamp::from_millis(0),
        });
        Ok(users)
    }

    /// Whose jobs run, each with how long it has.
    async fn running(&self, now: Timestamp) -> Result<Vec<(String, Duration)>, StoreError> {
        let text = "SELECT owner, coalesce(started_at, $1) AS since FROM exports
            WHERE status IN ('processing', 'cancelling')";
        let reader = &self.database.reader;
        let rows = reader.query_all_raw(sql(reader, text, [now.millis().into()])).await?;
        let job = |row: sea_orm::QueryResult| {
            Ok((row.try_get("", "owner")?, now.since(Timestamp::from_millis(row.try_get("", "since")?))))
        };
        rows.into_iter().map(job).collect()
    }

    /// How many jobs the nodes that live run at a time.
    async fn slots(&self, alive_since: Timestamp) -> Result<u64, StoreError> {
        let text = "SELECT CAST(coalesce(sum(slots), 0) AS BIGINT) AS n FROM nodes WHERE seen_at >= $1";
        let reader = &self.database.reader;
        let row = reader.query_one_raw(sql(reader, text, [alive_since.millis().into()])).await?;
        Ok(bytes(row.map(|row| row.try_get("", "n")).transpose()?.unwrap_or(0)))
    }

    /// How long exports of the kind of `export` have taken lately; `None` before the first one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn usual(&self, export: &Export) -> Result<Option<Duration>, StoreError> {
        let text = "SELECT CAST(avg(completed_at - started_at) AS BIGINT) AS usual FROM (
                SELECT kind, status, started_at, completed_at FROM exports
                WHERE completed_at IS NOT NULL ORDER BY completed_at DESC LIMIT $2) AS lately
            WHERE kind = $1 AND status IN ('completed', 'expired') AND started_at IS NOT NULL";
        let reader = &self.database.reader;
        let values = [export.selection.kind().as_str().into(), big(LATELY).into()];
        let row = reader.query_one_raw(sql(reader, text, values)).await?;
        let usual = row.map(|row| row.try_get::<Option<i64>>("", "usual")).transpose()?.flatten();
        Ok(usual.map(|millis| Duration::from_millis(bytes(millis))))
    }
}
