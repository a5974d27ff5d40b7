//! Finding: one by its id, pages of many.

use sea_orm::{ConnectionTrait, Value};
use uuid::Uuid;

use crate::domain::{Export, ExportId, Status, Timestamp, UserId};

use super::super::row::{COLUMNS, big, bytes};
use super::super::statement::{places, sql};
use super::{Cursor, Exports, Filter, Page, StoreError, exports, words};

impl Exports {
    /// The export `id`; for a user, if it is theirs. To look for another's takes the same way, and
    /// as long, as to look for one that is not there.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, id: ExportId) -> Result<Option<Export>, StoreError> {
        let mut text = format!("SELECT {COLUMNS} FROM exports WHERE id = $1");
        let mut values: Vec<Value> = vec![id.to_string().into()];
        if let Some(user) = self.database.acts().user() {
            text.push_str(" AND owner = $2");
            values.push(user.as_str().into());
        }
        Ok(exports(&self.database.reader().await?, &text, values).await?.pop())
    }

    /// Whose the export `id` is, and nothing else of it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn owner(&self, id: ExportId) -> Result<Option<UserId>, StoreError> {
        let reader = &self.database.reader().await?;
        let asked = sql(reader, "SELECT owner FROM exports WHERE id = $1", [id.to_string().into()]);
        let Some(row) = reader.query_one_raw(asked).await? else { return Ok(None) };
        let owner: String = row.try_get("", "owner")?;
        let corrupt = |_| StoreError::Corrupt { table: "exports", what: format!("owner of {id}") };
        owner.parse().map(Some).map_err(corrupt)
    }

    /// Whether a worker works on `id` of another process than the one that holds the package store
    /// `store`. Asked in one statement: what ends in between is worked on nowhere.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_worked_on_elsewhere(&self, id: ExportId, store: Uuid) -> Result<bool, StoreError> {
        let reader = &self.database.reader().await?;
        let text =
            "SELECT 1 AS one FROM exports WHERE id = $1 AND status = 'processing' AND worker NOT LIKE $2";
        let values = [id.to_string().into(), format!("{store}.%").into()];
        Ok(reader.query_one_raw(sql(reader, text, values)).await?.is_some())
    }

    /// A page of the exports that `filter` lets through, newest first, from after `after` on.
    /// Goes by an index whatever the page's number: no page counts the ones before it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &Filter,
        after: Option<Cursor>,
        limit: u64,
        now: Timestamp,
    ) -> Result<Page, StoreError> {
        let mut conditions = Conditions::default();
        conditions.add_filter(filter, now);
        if let Some(cursor) = after {
            let place = [cursor.created_at.millis().into(), cursor.id.to_string().into()];
            conditions.add(|from| format!("(created_at, id) < (${from}, ${})", from + 1), place);
        }
        let Conditions { text, mut values } = conditions;
        values.push(big(limit + 1).into());
        let text = format!(
            "SELECT {COLUMNS} FROM exports WHERE {text} ORDER BY created_at DESC, id DESC LIMIT ${}",
            values.len()
        );
        let mut items = exports(&self.database.reader().await?, &text, values).await?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next =
            items.last().filter(|_| more).map(|last| Cursor { created_at: last.created_at, id: last.id });
        Ok(Page { items, next })
    }

    /// The exports that `filter` lets through, newest first, from number `offset` on, and how many
    /// there are in all. Each page costs those before it: for clients that know no cursors.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn slice(
        &self,
        filter: &Filter,
        offset: u64,
        limit: u64,
        now: Timestamp,
    ) -> Result<(Vec<Export>, u64), StoreError> {
        let mut conditions = Conditions::default();
        conditions.add_filter(filter, now);
        let Conditions { text, mut values } = conditions;
        let reader = &self.database.reader;
        let count = format!("SELECT count(*) AS n FROM exports WHERE {text}");
        let counted = reader.query_one_raw(sql(reader, &count, values.clone())).await?;
        let total = counted.map(|row| row.try_get::<i64>("", "n")).transpose()?.map_or(0, bytes);
        values.extend([big(limit).into(), big(offset).into()]);
        let text = format!(
            "SELECT {COLUMNS} FROM exports WHERE {text} ORDER BY created_at DESC, id DESC LIMIT ${} OFFSET ${}",
            values.len() - 1,
            values.len()
        );
        Ok((exports(reader, &text, values).await?, total))
    }

    /// The first `limit` that `filter` lets through, oldest first, and how many it lets through in all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest(
        &self,
        filter: &Filter,
        limit: u64,
        now: Timestamp,
    ) -> Result<(Vec<Export>, u64), StoreError> {
        let mut conditions = Conditions::default();
        conditions.add_filter(filter, now);
        let Conditions { text, mut values } = conditions;
        let reader = &self.database.reader().await?;
        let count = format!("SELECT count(*) AS n FROM exports WHERE {text}");
        let counted = reader.query_one_raw(sql(reader, &count, values.clone())).await?;
        let total = counted.map(|row| row.try_get::<i64>("", "n")).transpose()?.map_or(0, bytes);
        values.push(big(limit).into());
        let text = format!(
            "SELECT {COLUMNS} FROM exports WHERE {text} ORDER BY created_at, id LIMIT ${}",
            values.len()
        );
        Ok((exports(reader, &text, values).await?, total))
    }

    /// How many exports there are in each state, by the index of states alone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn counts(&self) -> Result<Vec<(Status, u64)>, StoreError> {
        let reader = &self.database.reader().await?;
        let rows = reader
            .query_all_raw(sql(reader, "SELECT status, count(*) AS n FROM exports GROUP BY status", []))
            .await?;
        let mut counts: Vec<_> = Status::ALL.into_iter().map(|status| (status, 0)).collect();
        for row in rows {
            let (status, n): (String, i64) = (row.try_get("", "status")?, row.try_get("", "n")?);
            if let Some(count) = counts.iter_mut().find(|(known, _)| known.as_str() == status) {
                count.1 = bytes(n);
            }
        }
        Ok(counts)
    }

    /// Since when the longest waiting export may run.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn oldest_queued(&self) -> Result<Option<Timestamp>, StoreError> {
        let reader = &self.database.reader().await?;
        let row = reader
            .query_one_raw(sql(
                reader,
                "SELECT min(run_at) AS oldest FROM exports WHERE status = 'queued'",
                [],
            ))
            .await?;
        let oldest = row.map(|row| row.try_get::<Option<i64>>("", "oldest")).transpose()?.flatten();
        Ok(oldest.map(Timestamp::from_millis))
    }
}

/// Conditions joined by AND, with the values for their places.
struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Default for Conditions {
    fn default() -> Self {
        Self { text: "1 = 1".to_owned(), values: Vec::new() }
    }
}

impl Conditions {
    /// `condition` is told the number of the first of its places.
    fn add(&mut self, condition: impl FnOnce(usize) -> String, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(" AND ");
        self.text.push_str(&condition(self.values.len() + 1));
        self.values.extend(values);
    }

    fn add_filter(&mut self, filter: &Filter, now: Timestamp) {
        let columns = [
            ("owner", filter.owner.as_ref().map(ToString::to_string)),
            ("project_id", filter.project.as_ref().map(ToString::to_string)),
            ("kind", filter.kind.map(|kind| kind.to_string())),
            ("format", filter.format.map(|format| format.to_string())),
        ];
        for (column, wanted) in columns {
            if let Some(wanted) = wanted {
                self.add(|place| format!("{column} = ${place}"), [wanted.into()]);
            }
        }
        if let Some(after) = filter.created_after {
            self.add(|place| format!("created_at > ${place}"), [after.millis().into()]);
        }
        if let Some(before) = filter.created_before {
            self.add(|place| format!("created_at < ${place}"), [before.millis().into()]);
        }
        if let Some(wanted) = &filter.search {
            self.add(words::condition, words::patterns(wanted));
        }
        if let Some(code) = filter.failure {
            self.add(|place| format!("failure ->> 'code' = ${place}"), [code.as_str().into()]);
        }
        if let Some(linked) = filter.linked {
            let links = "SELECT 1 FROM links l WHERE l.export_id = exports.id AND l.revoked_at IS NULL";
            self.add(|_| format!("{}EXISTS ({links})", if linked { "" } else { "NOT " }), []);
        }
        if filter.unretried {
            let retried = "SELECT 1 FROM export_events v WHERE v.export_id = exports.id AND v.kind = 'retry'";
            self.add(|_| format!("NOT EXISTS ({retried})"), []);
        }
        self.add_statuses(&filter.statuses, now);
    }

    /// What is completed and due counts as expired, as it does everywhere else.
    fn add_statuses(&mut self, statuses: &[Status], now: Timestamp) {
        if statuses.is_empty() {
            return;
        }
        let (by_time, plain): (Vec<Status>, Vec<Status>) =
            statuses.iter().partition(|status| matches!(status, Status::Completed | Status::Expired));
        let from = self.values.len() + 1;
        let mut values: Vec<Value> = plain.iter().map(|status| status.as_str().into()).collect();
        let mut any = Vec::new();
        if !plain.is_empty() {
            any.push(format!("status IN ({})", places(from, plain.len())));
        }
        if !by_time.is_empty() {
            values.push(now.millis().into());
        }
        let now = from + plain.len();
        any.extend(by_time.iter().map(|status| match status {
            Status::Completed => format!("(status = 'completed' AND expires_at > ${now})"),
            _ => format!("status = 'expired' OR (status = 'completed' AND expires_at <= ${now})"),
        }));
        self.add(|_| format!("({})", any.join(" OR ")), values);
    }
}
