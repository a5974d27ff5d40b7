//! Looking: what is asked all day touches the rows it is about, however many others there are.

use exportd::db::{Claim, Database, DownloadMark, Filter};
use exportd::domain::{Export, ExportId, Sha256, Status};
use exportd::telemetry::Metrics;
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use uuid::Uuid;

use super::{LOOK_AGAIN, MINUTE, NOW, Rows, on_postgres, user};

/// Rows of each state, of fifty users.
const MANY: i64 = 10_000;
/// Rows that a question may touch: a page of one user, some of every user, and no whole state.
const FEW: i64 = 1_000;

/// Copies of the rows there are, a `MANY` of each. `i` becomes the end of their ids.
const COPIES: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many})
    INSERT INTO exports (id, owner, kind, format, title, project_id, data_selector, options, metadata, status,
        dedup_key, run_at, rank_at, max_attempts, progress, warnings, package_key, file_size, file_count,
        file_checksum, snapshot_at, retention_ms, correlation_id, created_at, updated_at, completed_at, expires_at)
    SELECT substr(id, 1, 24) || CAST(100000000000 + i AS TEXT), 'u' || CAST(i % 50 AS TEXT), kind, format, title,
        project_id, data_selector, options, metadata, status, id || CAST(i AS TEXT), run_at + i, rank_at + i,
        max_attempts, progress, warnings, package_key, file_size, file_count, file_checksum, snapshot_at,
        retention_ms, correlation_id, created_at + i, updated_at, completed_at + i, expires_at + i
    FROM exports, n";

/// What PostgreSQL has read of our tables so far, by index or without.
const READ: &str = "
    SELECT CAST(coalesce((SELECT sum(seq_tup_read) FROM pg_stat_user_tables), 0)
        + coalesce((SELECT sum(idx_tup_read) FROM pg_stat_user_indexes), 0) AS BIGINT) AS n";
/// Connections of ours that have not told yet what they read.
const OPEN: &str = "SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";

#[test]
fn no_question_reads_a_whole_table() {
    on_postgres(async |rows: Rows| {
        let watcher = filled(&rows).await;
        let export = one_of(&watcher).await;
        let page = Filter { owner: Some(user("u7")), ..Filter::default() };
        let expired = Filter { statuses: vec![Status::Expired, Status::Completed], ..page.clone() };
        let of_project = Filter { project: Some("shop".parse().expect("an id")), ..page.clone() };
        let late = NOW.plus(MINUTE * 60);
        let mark = DownloadMark { began_at: NOW, id: Uuid::nil() };
        let like = found(&rows, export).await;
        until_all_is_told(&watcher).await;

        let mut wasteful = Vec::new();
        macro_rules! touches_few {
            ($($what:literal: |$db:ident| $ask:expr),+ $(,)?) => {$(
                let ask = async |$db: Database| { let _ = $ask.await.expect("an answer"); };
                let count = touched(&rows, &watcher, ask).await;
                if count > FEW {
                    wasteful.push(format!("{}: {count} rows", $what));
                }
            )+};
        }
        touches_few! {
            "find": |db| db.exports().find(export),
            "twin": |db| db.exports().twin("no such", NOW),
            "list": |db| db.exports().list(&page, None, 20, late),
            "list by status": |db| db.exports().list(&expired, None, 20, late),
            "list by project": |db| db.exports().list(&of_project, None, 20, late),
            "list of all": |db| db.exports().list(&Filter::default(), None, 20, late),
            "previous package": |db| db.exports().previous(&like, late),
            "same bytes": |db| db.exports().same_bytes(Sha256([1; 32]), late),
            "page by counting": |db| db.exports().slice(&page, 20, 20, late),
            "figures": |db| db.exports().stats(page.owner.as_ref(), NOW, late),
            "due": |db| db.exports().queue_due(NOW),
            "claim": |db| db.exports().claim(&claim()),
            "expire": |db| db.exports().expire_due(late, 20),
            "unswept": |db| db.exports().unswept(20),
            "prune": |db| db.exports().prune(NOW, 20),
            "events": |db| db.exports().events(export, 0, 20),
            "cancel": |db| db.exports().ask_cancel(export, late),
            "keep": |db| db.exports().keep(export, late, MINUTE, NOW),
            "downloads": |db| db.downloads().of(export, None, 20),
            "more downloads": |db| db.downloads().of(export, Some(mark), 20),
            "one download": |db| db.downloads().find(mark.id),
            "downloads to go on with": |db| db.downloads().take_over(Uuid::nil(), late),
            "replies": |db| db.replies().prune(NOW),
        }
        assert!(wasteful.is_empty(), "{wasteful:#?}");
    });
}

/// Fills the tables, and watches from then on.
async fn filled(rows: &Rows) -> DatabaseConnection {
    rows.completed("ada", "shop").await;
    rows.ask("bob", "blog", NOW).await;
    let filler = one_connection(rows).await;
    let copies = COPIES.replace("{many}", &MANY.to_string());
    for text in [
        copies.as_str(),
        "INSERT INTO tenants (user_id) SELECT DISTINCT owner FROM exports ON CONFLICT DO NOTHING",
        "INSERT INTO export_events (export_id, at, kind, status, message)
            SELECT id, 1, 'status', 'queued', 'requested' FROM exports",
        "INSERT INTO downloads (id, export_id, user_id, address, began_at, last_at, ended_at, size, bytes, covered, complete)
            SELECT id, id, owner, '::1', created_at, created_at, created_at, 1, 1, '[]', true FROM exports",
        "VACUUM ANALYZE",
    ] {
        filler.execute_unprepared(text).await.expect("filled");
    }
    filler.close().await.expect("closed");
    rows.database.close().await;
    let watcher = one_connection(rows).await;
    until_all_is_told(&watcher).await;
    watcher
}

async fn one_connection(rows: &Rows) -> DatabaseConnection {
    let mut one = ConnectOptions::new(&rows.config.url);
    one.max_connections(1).sqlx_logging(false);
    sea_orm::Database::connect(one).await.expect("a connection")
}

/// What a connection has read is told when it ends.
async fn until_all_is_told(watcher: &DatabaseConnection) {
    while number(watcher, OPEN).await > 0 {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

async fn one_of(watcher: &DatabaseConnection) -> ExportId {
    let text = "SELECT id FROM exports WHERE status = 'queued' AND owner = 'u7' LIMIT 1";
    let row = watcher.query_one_raw(Statement::from_string(DbBackend::Postgres, text)).await;
    let id: String = row.expect("an answer").expect("a row").try_get("", "id").expect("an id");
    id.parse().expect("an id")
}

async fn found(rows: &Rows, id: ExportId) -> Export {
    let database = Database::connect(&rows.config, Metrics::new("test")).await.expect("a database");
    let found = database.exports().find(id).await.expect("an answer").expect("it is there");
    database.close().await;
    found
}

/// How many rows and places of an index `ask` made the database read.
async fn touched(rows: &Rows, watcher: &DatabaseConnection, ask: impl AsyncFnOnce(Database)) -> i64 {
    let before = number(watcher, READ).await;
    let database = Database::connect(&rows.config, Metrics::new("test")).await.expect("a database");
    ask(database.clone()).await;
    database.close().await;
    until_all_is_told(watcher).await;
    number(watcher, READ).await - before
}

async fn number(on: &DatabaseConnection, text: &str) -> i64 {
    let row = on.query_one_raw(Statement::from_string(DbBackend::Postgres, text)).await;
    row.expect("an answer").expect("a row").try_get("", "n").expect("a number")
}

fn claim() -> Claim {
    Claim { worker: "w".to_owned(), slots: 4, per_user: 3, lease_for: MINUTE, now: NOW.plus(MINUTE * 60) }
}
