//! Row security: a transaction that acts for a user sees that user's rows, whatever it asks.
//!
//! For PostgreSQL; SQLite has nothing like it. A transaction says for whom it acts before its
//! first query, with `SET TRANSACTION DEFERRABLE` and `SET LOCAL exportd."user" = '…'`. Without
//! either it is the house's own: the engine, an admin, a sweep. `DEFERRABLE` means something only
//! for serializable transactions that read, of which there are none here, and cannot be taken back
//! after the first query: a transaction whose user was reset then belongs to nobody, and sees
//! nothing.
//!
//! Source: PostgreSQL 15, §5.8, `SET TRANSACTION`.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What a user may do with their rows of a table.
enum May {
    /// All that the server does.
    Change,
    /// Look.
    Look,
}

/// Every table whose rows are somebody's, with what is true of a row that is the caller's.
/// `{caller}` is the user for whom the transaction acts. What hangs on another row is whose that
/// is: a policy's own queries are subject to the policies of the tables they read.
///
/// A table that is not there is passed over.
const OWNED: &[(&str, May, &str)] = &[
    ("exports", May::Change, "owner = {caller}"),
    ("export_events", May::Change, "EXISTS (SELECT 1 FROM exports WHERE exports.id = export_id)"),
    ("downloads", May::Change, "EXISTS (SELECT 1 FROM exports WHERE exports.id = export_id)"),
    ("links", May::Change, "EXISTS (SELECT 1 FROM exports WHERE exports.id = export_id)"),
    ("passes", May::Change, "EXISTS (SELECT 1 FROM links WHERE links.id = link_id)"),
    ("promises", May::Change, "EXISTS (SELECT 1 FROM passes WHERE passes.id = pass_id)"),
    ("projects", May::Change, "owner = {caller}"),
    ("snapshots", May::Change, "owner = {caller}"),
    ("replies", May::Change, "user_id = {caller}"),
    ("tenants", May::Change, "user_id = {caller}"),
    ("permissions", May::Look, "user_id IN ({caller}, '*')"),
    ("api_tokens", May::Change, "user_id = {caller}"),
    ("sessions", May::Change, "user_id = {caller}"),
];

/// In a query of its own, so that it is asked once for a statement and not for each row.
const CALLER: &str = "(SELECT current_setting('exportd.user', true))";
/// Whether the transaction acts for no user. Its policy's name comes before the other's, which is
/// the order in which they are tried.
const HOUSE: &str = "(SELECT coalesce(current_setting('exportd.user', true), '') = ''
    AND current_setting('transaction_deferrable') = 'off')";

fn secure(table: &str, may: &May, own: &str) -> String {
    let own = own.replace("{caller}", CALLER);
    let doing = match may {
        May::Change => "",
        May::Look => "FOR SELECT",
    };
    format!(
        "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY house ON {table} USING ({HOUSE});
        CREATE POLICY own ON {table} {doing} USING ({own});"
    )
}

fn free(table: &str) -> String {
    format!(
        "DROP POLICY IF EXISTS house ON {table};
        DROP POLICY IF EXISTS own ON {table};
        ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;"
    )
}

async fn on_each(
    manager: &SchemaManager<'_>,
    change: impl Fn(&str, &May, &str) -> String,
) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    for (table, may, own) in OWNED {
        let change = change(table, may, own);
        let if_it_is_there =
            format!("DO $$ BEGIN IF to_regclass('{table}') IS NOT NULL THEN {change} END IF; END $$;");
        super::apply(manager, &if_it_is_there).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_each(manager, secure).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        on_each(manager, |table, _, _| free(table)).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
