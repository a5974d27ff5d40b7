//! What is set for users, and for everyone, while servers run. Read by whatever decides, in the
//! transaction that decides: all servers follow at once.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, QueryResult, Value};

use crate::domain::{Limit, Limits, PerPolicy, Policy, SetLimits, UserId};

use super::row::{big, bytes};
use super::statement::{change, sql};
use super::{Database, StoreError};

/// The user who is nobody: what is set for them is set for everyone.
const EVERYONE: &str = "";
/// What a column has where there is no limit.
const NO_LIMIT: i64 = i64::MAX;

/// The rows of `limits`.
#[derive(Debug, Clone)]
pub struct UserLimits {
    database: Database,
}

impl UserLimits {
    pub(super) fn new(database: Database) -> Self {
        Self { database }
    }

    /// What is set for `user`; nothing for one who has never been heard of.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of(&self, user: &UserId) -> Result<SetLimits, StoreError> {
        self.row(user.as_str()).await
    }

    /// What is set for everyone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn of_everyone(&self) -> Result<SetLimits, StoreError> {
        self.row(EVERYONE).await
    }

    /// The limits that are in force for `user` where the server's own are `configured`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn in_force(&self, user: &UserId, configured: &Limits) -> Result<Limits, StoreError> {
        Ok(configured.but(&self.of_everyone().await?).but(&self.of(user).await?))
    }

    /// Sets `limits` for `user`, and nothing else: what was set before and is not among them is
    /// the server's again. The user need not have been heard of.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn set(&self, user: &UserId, limits: &SetLimits) -> Result<(), StoreError> {
        let names = Policy::ALL.map(Policy::as_str);
        let places: Vec<String> = (2..2 + names.len()).map(|place| format!("${place}")).collect();
        let updates: Vec<String> = names.iter().map(|name| format!("{name} = excluded.{name}")).collect();
        let text = format!(
            "INSERT INTO limits (user_id, {}) VALUES ($1, {})
             ON CONFLICT (user_id) DO UPDATE SET {}",
            names.join(", "),
            places.join(", "),
            updates.join(", ")
        );
        let values = std::iter::once(user.as_str().into()).chain(limits.iter().map(|(_, set)| column(*set)));
        self.write(&text, values.collect()).await
    }

    /// Changes what is set for everyone: what is `Some(None)` is as configured again.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is changed then.
    pub async fn change_for_everyone(
        &self,
        changes: &PerPolicy<Option<Option<Limit>>>,
    ) -> Result<(), StoreError> {
        let (mut updates, mut values) = (Vec::new(), vec![EVERYONE.into()]);
        for (policy, changed) in changes.iter() {
            let Some(set) = changed else { continue };
            values.push(column(*set));
            updates.push(format!("{} = ${}", policy.as_str(), values.len()));
        }
        if updates.is_empty() {
            return Ok(());
        }
        self.write(&format!("UPDATE limits SET {} WHERE user_id = $1", updates.join(", ")), values).await
    }

    async fn row(&self, user: &str) -> Result<SetLimits, StoreError> {
        let text =
            format!("SELECT {} FROM limits WHERE user_id = $1", Policy::ALL.map(Policy::as_str).join(", "));
        let reader = &self.database.reader;
        match reader.query_one_raw(sql(reader, &text, [user.into()])).await? {
            Some(row) => read(&row),
            None => Ok(SetLimits::default()),
        }
    }

    /// Other nodes hear of it: somebody may have more jobs at a time now.
    async fn write(&self, text: &str, values: Vec<Value>) -> Result<(), StoreError> {
        let transaction = self.database.begin().await?;
        change(&transaction, text, values).await?;
        self.database.tell(&transaction, None).await?;
        Ok(transaction.commit().await?)
    }
}

/// The limits in force for `user`, whose row is held to the end of the transaction: two who decide
/// on the same user decide one after the other, on any node. (SQLite has one writer anyway.)
pub(super) async fn hold(
    on: &DatabaseTransaction,
    user: &UserId,
    configured: &Limits,
) -> Result<Limits, StoreError> {
    let columns = Policy::ALL.map(|policy| {
        let name = policy.as_str();
        format!("coalesce(u.{name}, s.{name}) AS {name}")
    });
    let lock = if on.get_database_backend() == DbBackend::Postgres { "FOR UPDATE OF u" } else { "" };
    let text = format!(
        "SELECT {} FROM limits u LEFT JOIN limits s ON s.user_id = '{EVERYONE}' WHERE u.user_id = $1 {lock}",
        columns.join(", ")
    );
    loop {
        if let Some(row) = on.query_one_raw(sql(on, &text, [user.as_str().into()])).await? {
            return Ok(configured.but(&read(&row)?));
        }
        let first = "INSERT INTO limits (user_id) VALUES ($1) ON CONFLICT (user_id) DO NOTHING";
        change(on, first, [user.as_str().into()]).await?;
    }
}

fn read(row: &QueryResult) -> Result<SetLimits, StoreError> {
    let mut set = SetLimits::default();
    for policy in Policy::ALL {
        let column: Option<i64> = row.try_get("", policy.as_str())?;
        set[policy] = column.map(|most| match most {
            NO_LIMIT => Limit::Unlimited,
            most => Limit::AtMost(bytes(most)),
        });
    }
    Ok(set)
}

fn column(set: Option<Limit>) -> Value {
    set.map(|limit| limit.most().map_or(NO_LIMIT, big)).into()
}
