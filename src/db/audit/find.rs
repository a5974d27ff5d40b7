//! Reading the audit: pages for people, stretches for whoever wants all of it.

use sea_orm::Value;

use crate::domain::audit::AuditRecord;

use super::super::row::big;
use super::super::statement::places;
use super::row::rows;
use super::{Audit, AuditFilter, AuditPage, StoreError};

impl Audit {
    /// A page of the records that are meant, newest first, from below number `below` on.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn page(
        &self,
        filter: &AuditFilter,
        below: Option<u64>,
        limit: u64,
    ) -> Result<AuditPage, StoreError> {
        let mut which = Which::of(filter);
        if let Some(below) = below {
            which.and("seq <", big(below));
        }
        let mut items = which.found(self, "DESC", limit + 1).await?;
        let more = items.len() as u64 > limit;
        items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let next = items.last().filter(|_| more).map(|last| last.seq);
        Ok(AuditPage { items, next })
    }

    /// Up to `limit` of the records that are meant, oldest first, after number `after` and up to
    /// number `last`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn stretch(
        &self,
        filter: &AuditFilter,
        after: u64,
        last: u64,
        limit: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let mut which = Which::of(filter);
        which.and("seq >", big(after));
        which.and("seq <=", big(last));
        which.found(self, "ASC", limit).await
    }
}

/// Conditions, and the values in them.
struct Which {
    text: String,
    values: Vec<Value>,
}

impl Which {
    fn of(filter: &AuditFilter) -> Self {
        let mut which = Self { text: "1 = 1".to_owned(), values: Vec::new() };
        let texts = [
            ("actor =", filter.actor.clone()),
            ("user_id =", filter.user.as_ref().map(ToString::to_string)),
            ("outcome =", filter.outcome.map(|outcome| outcome.as_str().to_owned())),
            ("subject_id =", filter.subject.clone()),
            ("address =", filter.address.map(|address| address.to_string())),
            ("correlation_id =", filter.correlation_id.clone()),
        ];
        for (condition, text) in texts {
            if let Some(text) = text {
                which.and(condition, text);
            }
        }
        for (condition, at) in [("at >=", filter.from), ("at <", filter.to)] {
            if let Some(at) = at {
                which.and(condition, at.millis());
            }
        }
        if !filter.actions.is_empty() {
            let words = places(which.values.len() + 1, filter.actions.len());
            which.text.push_str(&format!(" AND action IN ({words})"));
            which.values.extend(filter.actions.iter().map(|action| Value::from(action.as_str())));
        }
        which
    }

    /// `condition` as we write it, which its value completes.
    fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.values.push(value.into());
        self.text.push_str(&format!(" AND {condition} ${}", self.values.len()));
    }

    async fn found(
        mut self,
        audit: &Audit,
        order: &'static str,
        limit: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        self.values.push(big(limit).into());
        let which = format!("{} ORDER BY seq {order} LIMIT ${}", self.text, self.values.len());
        let found = rows(&audit.database.reader, &which, self.values).await?;
        found.into_iter().map(AuditRecord::try_from).collect()
    }
}
