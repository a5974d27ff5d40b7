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

/// What is true of the rows of a table that a user may change, and of those they may look at beside
/// them. `{caller}` is the user for whom the transaction acts.
struct Whose {
    table: &'static str,
    own: Option<&'static str>,
    shown: Option<&'static str>,
}

/// A table whose rows are somebody's. What hangs on another row is whose that is: a policy's own
/// queries are subject to the policies of the tables they read.
const fn owned(table: &'static str, own: &'static str) -> Whose {
    Whose { table, own: Some(own), shown: None }
}

/// A table of the house's own: no user has any business there.
const fn house_s(table: &'static str) -> Whose {
    Whose { table, own: None, shown: None }
}

const OF_EXPORT: &str = "EXISTS (SELECT 1 FROM exports WHERE exports.id = export_id)";

/// Every table but sea-orm's own. One that is not there is passed over.
const TABLES: &[Whose] = &[
    owned("exports", "owner = {caller}"),
    owned("export_events", OF_EXPORT),
    owned("downloads", OF_EXPORT),
    owned("links", OF_EXPORT),
    owned("passes", "EXISTS (SELECT 1 FROM links WHERE links.id = link_id)"),
    owned("promises", "EXISTS (SELECT 1 FROM passes WHERE passes.id = pass_id)"),
    owned("projects", "owner = {caller}"),
    owned("snapshots", "owner = {caller}"),
    owned("replies", "user_id = {caller}"),
    owned("tenants", "user_id = {caller}"),
    owned("api_tokens", "owner = {caller}"),
    owned("sessions", "user_id = {caller}"),
    owned("charges", "user_id = {caller}"),
    // What is set for everyone stands under nobody's name.
    Whose { shown: Some("user_id = ''"), ..owned("limits", "user_id = {caller}") },
    // Users are told what was said of them; admins say it, who are the house.
    Whose { shown: Some("user_id IN ({caller}, '*')"), ..house_s("permissions") },
    house_s("duties"),
    house_s("accel_logs"),
    house_s("nonces"),
    house_s("nonce_marks"),
    house_s("nodes"),
    house_s("audit_entries"),
    house_s("audit_head"),
];

/// In a query of its own, so that it is asked once for a statement and not for each row.
const CALLER: &str = "(SELECT current_setting('exportd.user', true))";
/// Whether the transaction acts for no user. Its policy's name comes before the others', which is
/// the order in which they are tried.
const HOUSE: &str = "(SELECT coalesce(current_setting('exportd.user', true), '') = ''
    AND current_setting('transaction_deferrable') = 'off')";

fn secure(Whose { table, own, shown }: &Whose) -> String {
    let policy = |name: &str, command: &str, which: &Option<&str>| {
        let which = which.map(|which| which.replace("{caller}", CALLER));
        which.map_or_else(String::new, |which| {
            format!("CREATE POLICY {name} ON {table} FOR {command} USING ({which});")
        })
    };
    [
        format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"),
        policy("house", "ALL", &Some(HOUSE)),
        policy("own", "ALL", own),
        policy("shown", "SELECT", shown),
    ]
    .concat()
}

fn free(Whose { table, .. }: &Whose) -> String {
    let policies = ["house", "own", "shown"].map(|name| format!("DROP POLICY IF EXISTS {name} ON {table};"));
    format!(
        "{} ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;",
        policies.concat()
    )
}

async fn on_each(manager: &SchemaManager<'_>, change: impl Fn(&Whose) -> String) -> Result<(), DbErr> {
    if manager.get_database_backend() != DatabaseBackend::Postgres {
        return Ok(());
    }
    for whose in TABLES {
        let (table, change) = (whose.table, change(whose));
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
        on_each(manager, free).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
