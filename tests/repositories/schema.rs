//! The schema: it goes up and down, and refuses what no row may be.

use exportd::db::{Database, StoreError};
use exportd::telemetry::Metrics;
use sea_orm::ConnectionTrait;

use super::{Rows, on_both};

on_both!(
    it_goes_down_to_nothing_and_up_again,
    a_newer_version_s_schema_is_left_alone,
    without_leave_to_migrate_it_says_what_to_do,
    a_row_that_makes_no_sense_is_refused,
);

async fn it_goes_down_to_nothing_and_up_again(rows: Rows) {
    rows.completed("ada", "shop").await;
    let known = rows.database.migrations().await.expect("a list");
    assert!(known.iter().all(|migration| migration.applied));
    let steps = u32::try_from(known.len()).expect("a few");
    rows.database.migrate_down(steps).await.expect("down");
    let known = rows.database.migrations().await.expect("a list");
    assert!(known.iter().all(|migration| !migration.applied));
    let raw = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
    let of_exports = ["exports", "export_events", "tenants", "projects", "snapshots", "downloads"];
    for table in of_exports.into_iter().chain([
        "accel_logs",
        "audit_entries",
        "audit_head",
        "replies",
        "duties",
        "links",
        "passes",
        "promises",
        "limits",
        "charges",
        "nodes",
        "permissions",
        "queue",
        "sweeps",
        "export_days",
        "export_summary",
        "export_health_metrics",
        "user_export_summary",
    ]) {
        let left = raw.execute_unprepared(&format!("SELECT 1 FROM {table}")).await;
        assert!(left.is_err(), "{table} is left");
    }
    for _ in 0..2 {
        rows.database.migrate_up().await.expect("up, and once more with nothing to do");
    }
    rows.completed("ada", "shop").await;
}

async fn a_newer_version_s_schema_is_left_alone(rows: Rows) {
    let raw = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 1)";
    raw.execute_unprepared(newer).await.expect("written");
    let opened = Database::open(&rows.config, Metrics::new("test")).await;
    assert!(matches!(opened, Err(StoreError::TooNew(name)) if name == "m29991231_000001_later"));
    assert!(matches!(rows.database.migrate_down(1).await, Err(StoreError::TooNew(_))));
}

async fn without_leave_to_migrate_it_says_what_to_do(rows: Rows) {
    rows.database.migrate_down(1).await.expect("down");
    let mut config = rows.config.clone();
    config.auto_migrate = false;
    let refused = Database::open(&config, Metrics::new("test")).await.expect_err("one is missing");
    assert!(refused.to_string().contains("exportd migrate up"), "{refused}");
}

async fn a_row_that_makes_no_sense_is_refused(rows: Rows) {
    let export = rows.completed("ada", "shop").await;
    let raw = sea_orm::Database::connect(&rows.config.url).await.expect("a connection");
    for nonsense in [
        "status = 'finished'",
        "attempt = -1",
        "max_attempts = 0",
        "rescues = -1",
        "file_size = -1",
        "file_count = -1",
        "download_count = -1",
        "retention_ms = -1",
        "package_key = NULL",
        "file_checksum = NULL",
        "expires_at = NULL",
        "status = 'failed'",
        "status = 'processing'",
        "owner = NULL",
    ] {
        let text = format!("UPDATE exports SET {nonsense} WHERE id = '{}'", export.id);
        assert!(raw.execute_unprepared(&text).await.is_err(), "{nonsense} was taken");
    }
    assert_eq!(rows.found(&export).await, export);
    let second = "INSERT INTO exports SELECT 'x' || id, owner, kind, format, title, project_id, data_selector,
        options, metadata, status, dedup_key, priority, run_at, rank_at, attempt, max_attempts, rescues, lease,
        lease_until, worker, progress, warnings, package_key, file_size, file_count, file_checksum, snapshot_at,
        failure, download_count, first_downloaded_at, last_downloaded_at, retention_ms, correlation_id,
        traceparent, created_at, updated_at, started_at, completed_at, expires_at, swept_at, words FROM exports";
    assert!(raw.execute_unprepared(second).await.is_err(), "two live twins were taken");
    let download = "INSERT INTO downloads VALUES ('d', '{id}', 'ada', '::1', NULL, 1, 1, {size}, {bytes}, '[]', true, NULL)";
    for (id, size, bytes) in
        [("x", 1, 1), (export.id.to_string().as_str(), -1, 1), (&export.id.to_string(), 1, -1)]
    {
        let text = download.replace("{id}", id).replace("{size}", &size.to_string());
        let text = text.replace("{bytes}", &bytes.to_string());
        assert!(raw.execute_unprepared(&text).await.is_err(), "{text} was taken");
    }
    let link =
        "INSERT INTO links VALUES ('l', '{id}', 'ada', 'hash', NULL, {most}, {used}, 1, NULL, NULL, NULL)";
    for (id, most, used) in [
        ("x", 1, 0),
        (export.id.to_string().as_str(), 0, 0),
        (&export.id.to_string(), 1, 2),
        (&export.id.to_string(), 1, -1),
    ] {
        let text = link.replace("{id}", id).replace("{most}", &most.to_string());
        let text = text.replace("{used}", &used.to_string());
        assert!(raw.execute_unprepared(&text).await.is_err(), "{text} was taken");
    }
    let orphan =
        "INSERT INTO export_events (export_id, at, kind, status, message) VALUES ('x', 1, 'a', 'b', 'c')";
    assert!(raw.execute_unprepared(orphan).await.is_err(), "a line of no export's log was taken");
}
