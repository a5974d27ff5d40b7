//! Sharing: a SQLite file has one writer at a time, in this process and beside it.

use exportd::db::{Database, DownloadRow, Requested};
use exportd::telemetry::Metrics;
use sea_orm::ConnectionTrait;

use super::{NOW, Rows, key_of, on_sqlite, user, wanted};

/// As `exportd cleanup` beside a server: transactions that read before they write, too.
#[test]
fn two_processes_write_side_by_side_and_nothing_is_refused() {
    on_sqlite(async |rows: Rows| {
        let other = Database::open(&rows.config, Metrics::new("other")).await.expect("the same file");
        let export = rows.completed("ada", "shop").await;
        let downloads = (0..100).map(|i| {
            let (downloads, export) = (rows.database.downloads(), export.id);
            tokio::spawn(async move {
                let row = DownloadRow {
                    id: format!("d{i}"),
                    export,
                    user: user("ada"),
                    address: "::1".to_owned(),
                    agent: None,
                    began_at: NOW,
                    last_at: NOW,
                    size: 1,
                    bytes: 1,
                    covered: std::iter::once(0..1).collect(),
                    complete: true,
                };
                downloads.record(&[row]).await.expect("written");
            })
        });
        let requests = (0..100).map(|i| {
            let exports = other.exports();
            tokio::spawn(async move {
                let new = wanted("bob", &format!("p{i}"), NOW);
                let made = exports.request(&new, &key_of(&new), NOW).await.expect("written");
                assert!(matches!(made, Requested::New(_)));
            })
        });
        let all: Vec<_> = downloads.chain(requests).collect();
        for written in futures_util::future::join_all(all).await {
            written.expect("no panic");
        }
        assert_eq!(rows.found(&export).await.tally.count, 100);
        other.close().await;
    });
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    on_sqlite(async |rows: Rows| {
        let export = rows.ask("ada", "shop", NOW).await;
        let writer = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
        writer.execute_unprepared("PRAGMA busy_timeout = 5000").await.expect("set");
        writer.execute_unprepared("BEGIN EXCLUSIVE").await.expect("begun");
        // In WAL mode even an exclusive writer keeps nobody from reading.
        assert_eq!(rows.found(&export).await, export);
        writer.execute_unprepared("ROLLBACK").await.expect("ended");
    });
}
