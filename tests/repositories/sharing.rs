//! Sharing: several servers and connections at one database, and nobody in another's way.

use exportd::db::{Database, Gone, Recording};
use exportd::domain::Status;
use exportd::telemetry::Metrics;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement, TransactionTrait};

use uuid::Uuid;

use super::downloads::row;
use super::{LOOK_AGAIN, MINUTE, NOW, Rows, on_both};

on_both!(whoever_reads_for_long_keeps_nobody_from_writing, two_servers_write_at_once_and_neither_is_refused);

/// Only PostgreSQL locks rows; SQLite has one writer.
mod postgres_alone {
    #[test]
    fn a_worker_that_comes_back_while_it_is_being_rescued_keeps_its_row() {
        crate::repositories::on_postgres(
            super::a_worker_that_comes_back_while_it_is_being_rescued_keeps_its_row,
        );
    }
}

async fn raw(rows: &Rows) -> DatabaseConnection {
    sea_orm::Database::connect(&rows.config.url).await.expect("a connection")
}

async fn whoever_reads_for_long_keeps_nobody_from_writing(rows: Rows) {
    rows.ask("ada", "shop", NOW).await;
    let reading = raw(&rows).await.begin().await.expect("a transaction");
    let count = "SELECT count(*) AS n FROM exports";
    let seen = async |on: &sea_orm::DatabaseTransaction| {
        let asked = Statement::from_string(on.get_database_backend(), count);
        let row = on.query_one_raw(asked).await.expect("an answer").expect("a row");
        row.try_get::<i64>("", "n").expect("a count")
    };
    assert_eq!(seen(&reading).await, 1);
    rows.ask("ada", "blog", NOW).await;
    assert!(seen(&reading).await >= 1);
    reading.commit().await.expect("it ends");
}

async fn two_servers_write_at_once_and_neither_is_refused(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let other = Database::open(&rows.config, Metrics::new("test")).await.expect("a database");
    let writers = (0..8).map(|writer| {
        let export = export.clone();
        let database = if writer % 2 == 0 { rows.database.clone() } else { other.clone() };
        tokio::spawn(async move {
            for i in 0..40 {
                let download = row(&export, writer << 32 | i, 0, false);
                let recording = Recording { store: Uuid::nil(), downloads: &[download], places: None };
                // It reads before it writes: whoever is refused half way has read in vain.
                database.downloads().record(&recording).await.expect("written");
            }
        })
    });
    for writer in futures_util::future::join_all(writers.collect::<Vec<_>>()).await {
        writer.expect("it was never refused");
    }
    assert_eq!(rows.found(&export).await.tally.count, 320);
    other.close().await;
}

async fn a_worker_that_comes_back_while_it_is_being_rescued_keeps_its_row(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    let late = NOW.plus(MINUTE * 2);
    let database = raw(&rows).await;
    let beating = database.begin().await.expect("a transaction");
    let beat = format!("UPDATE exports SET lease_until = {}", late.plus(MINUTE).millis());
    beating.execute_unprepared(&beat).await.expect("written");
    // Whoever rescues sees the lease that lapsed, and waits for the row.
    let exports = rows.exports();
    let rescue = tokio::spawn(async move { exports.rescue(late, Gone::Silent).await.expect("told") });
    let waiting = "SELECT 1 AS one FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let asked = Statement::from_string(database.get_database_backend(), waiting);
    while database.query_one_raw(asked.clone()).await.expect("an answer").is_none() {
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    beating.commit().await.expect("it has beaten");
    assert_eq!(rescue.await.expect("no panic"), []);
    assert_eq!(rows.found(&export).await.status, Status::Processing);
}
