//! PostgreSQL's roles: the owner, who migrates, and the server, whom row security binds.

use sea_orm::ConnectionTrait;

use super::statement::sql;
use super::{Database, StoreError};

/// What the owner has not granted yet: to read and write rows, and to count. Never to empty a
/// table past its policies (`TRUNCATE`), and of the list of migrations only to read it.
const UNGRANTED: &str = "
    SELECT format('GRANT USAGE ON SCHEMA %I TO %I', current_schema(), $1) AS statement
    WHERE NOT has_schema_privilege($1, current_schema(), 'USAGE')
    UNION ALL
    SELECT CASE
        WHEN relkind = 'S' THEN format('GRANT USAGE ON SEQUENCE %s TO %I', oid::regclass, $1)
        WHEN relname = 'seaql_migrations' OR relkind = 'v' THEN format('GRANT SELECT ON %s TO %I', oid::regclass, $1)
        ELSE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', oid::regclass, $1) END
    FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
        AND pg_has_role(relowner, 'USAGE')
        AND NOT CASE
            WHEN relkind = 'S' THEN has_sequence_privilege($1, oid, 'USAGE')
            WHEN relname = 'seaql_migrations' OR relkind = 'v' THEN has_table_privilege($1, oid, 'SELECT')
            ELSE has_table_privilege($1, oid, 'DELETE') END";

/// How a role gets past the policies, or what it could become to get past them.
const WAYS_PAST: &str = "
    SELECT bool_or(rolsuper) AS is_superuser, bool_or(rolbypassrls) AS bypasses,
        bool_or(oid IN (SELECT relowner FROM pg_class
            WHERE relnamespace = current_schema()::regnamespace AND relname = 'exports')) AS owns
    FROM pg_roles WHERE pg_has_role(oid, 'MEMBER')";

/// Whoever grants holds this lock to the end of the transaction: two who grant on one table at
/// once would refuse each other. Any number that nobody else uses.
const GRANTING: i64 = 0x6578_706f_7274_6400;

impl Database {
    /// As whom it was opened.
    pub(super) async fn role(&self) -> Result<String, StoreError> {
        let asked = sql(&self.reader, "SELECT current_user::text AS role", []);
        let row = self.reader.query_one_raw(asked).await?;
        Ok(row.map(|row| row.try_get("", "role")).transpose()?.unwrap_or_default())
    }

    /// Grants `role` what a server needs, and no more.
    pub(super) async fn serve(&self, role: &str) -> Result<(), StoreError> {
        let transaction = self.begin().await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({GRANTING})")).await?;
        for row in transaction.query_all_raw(sql(&transaction, UNGRANTED, [role.into()])).await? {
            let statement: String = row.try_get("", "statement")?;
            transaction.execute_unprepared(&statement).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Refuses a role that row security does not bind, when it is `required`; else says so.
    pub(super) async fn check_role(&self, required: bool) -> Result<(), StoreError> {
        let Some(why) = self.way_past().await? else { return Ok(()) };
        let error = StoreError::Unbound { role: self.role().await?, why };
        if required {
            return Err(error);
        }
        tracing::warn!("{error}");
        Ok(())
    }

    /// How the role gets past row security, if it does.
    pub(super) async fn way_past(&self) -> Result<Option<&'static str>, StoreError> {
        if !self.is_postgres() {
            return Ok(None);
        }
        let Some(row) = self.reader.query_one_raw(sql(&self.reader, WAYS_PAST, [])).await? else {
            return Ok(None);
        };
        let ways = [
            ("is_superuser", "it is a superuser, or may become one"),
            ("bypasses", "it may pass row security by (BYPASSRLS)"),
            ("owns", "it owns the tables, and may turn row security off"),
        ];
        for (column, why) in ways {
            if row.try_get::<Option<bool>>("", column)? == Some(true) {
                return Ok(Some(why));
            }
        }
        Ok(None)
    }
}
