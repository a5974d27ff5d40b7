//! Figures that outlive their exports, and views for whoever asks the database itself.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Exports whose rows were deleted for their age, by whose they were, the day they were asked for
/// (midnight UTC), kind, format and end. An export is here or in `exports`, never in both.
const UP: &str = "
CREATE TABLE export_days (
    owner {text} NOT NULL,
    day BIGINT NOT NULL,
    kind {text} NOT NULL,
    format {text} NOT NULL,
    status {text} NOT NULL CHECK (status IN ('failed', 'cancelled', 'expired')),
    exports BIGINT NOT NULL CHECK (exports >= 0),
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    largest BIGINT NOT NULL CHECK (largest >= 0),
    files BIGINT NOT NULL CHECK (files >= 0),
    most_files BIGINT NOT NULL CHECK (most_files >= 0),
    downloads BIGINT NOT NULL CHECK (downloads >= 0),
    took BIGINT NOT NULL,
    longest BIGINT NOT NULL,
    PRIMARY KEY (owner, day, kind, format, status)
);
CREATE INDEX export_days_by_age ON export_days (day);
";

/// As `m20261121_000015_row_security` has it: a user reads what is their own, and changes nothing.
const SECURE: &str = "
ALTER TABLE export_days ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY house ON export_days FOR ALL USING (
    (SELECT coalesce(current_setting('exportd.user', true), '') = ''
        AND current_setting('transaction_deferrable') = 'off'));
CREATE POLICY shown ON export_days FOR SELECT USING (owner = (SELECT current_setting('exportd.user', true)));
";

/// The columns are described in `docs/views.md`. Nothing is joined with downloads, whose number stands
/// in the row of their export: an export that was downloaded three times is one export.
const VIEWS: &str = "
CREATE VIEW export_summary {invoker} AS
SELECT {date} AS day, kind, format, status,
    CAST(sum(exports) AS BIGINT) AS exports,
    CAST(count(DISTINCT owner) AS BIGINT) AS users,
    CAST(sum(bytes) AS BIGINT) AS bytes,
    CAST(max(largest) AS BIGINT) AS largest_bytes,
    CAST(sum(files) AS BIGINT) AS files,
    CAST(sum(downloads) AS BIGINT) AS downloads,
    CASE WHEN status IN ('completed', 'expired') THEN CAST(sum(took) / sum(exports) AS BIGINT) END AS average_ms,
    CASE WHEN status IN ('completed', 'expired') THEN CAST(max(longest) AS BIGINT) END AS longest_ms
FROM (
    SELECT created_at - created_at % 86400000 AS midnight, owner, kind, format,
        CASE WHEN status = 'completed' AND expires_at <= {now} THEN 'expired' ELSE status END AS status,
        1 AS exports, coalesce(file_size, 0) AS bytes, coalesce(file_size, 0) AS largest,
        coalesce(file_count, 0) AS files, download_count AS downloads,
        coalesce(completed_at - started_at, 0) AS took, coalesce(completed_at - started_at, 0) AS longest
    FROM exports
    UNION ALL
    SELECT day, owner, kind, format, status, exports, bytes, largest, files, downloads, took, longest FROM export_days
) AS each_day
GROUP BY midnight, kind, format, status;

CREATE VIEW export_health_metrics {invoker} AS
SELECT
    (SELECT count(*) FROM exports WHERE status = 'queued') AS queued,
    (SELECT count(*) FROM exports WHERE status IN ('processing', 'cancelling')) AS running,
    (SELECT CAST(coalesce(max({now} - run_at), 0) / 1000 AS BIGINT) FROM exports
        WHERE status = 'queued' AND run_at <= {now}) AS oldest_queued_seconds,
    (SELECT CASE WHEN max(paused_at) IS NULL THEN 0 ELSE 1 END FROM queue) AS paused,
    lately.completed AS completed_24h,
    lately.failed AS failed_24h,
    CASE WHEN lately.completed + lately.failed > 0
        THEN 1.0 * lately.completed / (lately.completed + lately.failed) END AS success_rate_24h,
    lately.average_ms AS average_ms_24h,
    lately.bytes AS bytes_24h,
    kept.packages AS packages,
    kept.bytes AS package_bytes,
    kept.expiring AS packages_expiring_24h,
    (SELECT max(at) FROM sweeps) AS last_sweep_at,
    (SELECT CAST(coalesce(sum(errors), 0) AS BIGINT) FROM sweeps WHERE at > {now} - 86400000) AS sweep_errors_24h
FROM (
    SELECT count(CASE WHEN status <> 'failed' THEN 1 END) AS completed,
        count(CASE WHEN status = 'failed' THEN 1 END) AS failed,
        CAST(avg(CASE WHEN status <> 'failed' THEN completed_at - started_at END) AS BIGINT) AS average_ms,
        CAST(coalesce(sum(file_size), 0) AS BIGINT) AS bytes
    FROM exports
    WHERE completed_at > {now} - 86400000 AND status IN ('completed', 'expired', 'failed')
) AS lately, (
    SELECT count(*) AS packages, CAST(coalesce(sum(file_size), 0) AS BIGINT) AS bytes,
        count(CASE WHEN expires_at <= {now} + 86400000 THEN 1 END) AS expiring
    FROM exports WHERE status = 'completed' AND expires_at > {now}
) AS kept;

CREATE VIEW user_export_summary {invoker} AS
SELECT owner AS user_id,
    CAST(sum(exports) AS BIGINT) AS exports,
    CAST(sum(completed) AS BIGINT) AS completed,
    CAST(sum(failed) AS BIGINT) AS failed,
    CAST(sum(cancelled) AS BIGINT) AS cancelled,
    CAST(sum(active) AS BIGINT) AS active,
    CAST(sum(bytes) AS BIGINT) AS bytes,
    CAST(sum(downloads) AS BIGINT) AS downloads,
    CAST(sum(packages) AS BIGINT) AS packages,
    CAST(sum(package_bytes) AS BIGINT) AS package_bytes,
    min(first_at) AS first_at,
    max(last_at) AS last_at
FROM (
    SELECT owner, 1 AS exports,
        CASE WHEN status IN ('completed', 'expired') THEN 1 ELSE 0 END AS completed,
        CASE WHEN status = 'failed' THEN 1 ELSE 0 END AS failed,
        CASE WHEN status = 'cancelled' THEN 1 ELSE 0 END AS cancelled,
        CASE WHEN status IN ('scheduled', 'queued', 'processing', 'cancelling') THEN 1 ELSE 0 END AS active,
        coalesce(file_size, 0) AS bytes, download_count AS downloads,
        CASE WHEN status = 'completed' AND expires_at > {now} THEN 1 ELSE 0 END AS packages,
        CASE WHEN status = 'completed' AND expires_at > {now} THEN file_size ELSE 0 END AS package_bytes,
        created_at AS first_at, created_at AS last_at
    FROM exports
    UNION ALL
    SELECT owner, exports, CASE WHEN status = 'expired' THEN exports ELSE 0 END,
        CASE WHEN status = 'failed' THEN exports ELSE 0 END,
        CASE WHEN status = 'cancelled' THEN exports ELSE 0 END,
        0, bytes, downloads, 0, 0, day, day FROM export_days
) AS each_one
GROUP BY owner;
";

const DOWN: &str = "
DROP VIEW user_export_summary;
DROP VIEW export_health_metrics;
DROP VIEW export_summary;
DROP TABLE export_days;
";

/// The views in the words of PostgreSQL, or of SQLite. A view of PostgreSQL asks as whoever asks it, so
/// that row security binds there too.
fn views(backend: DatabaseBackend) -> String {
    let (invoker, now, date) = match backend {
        DatabaseBackend::Postgres => (
            "WITH (security_invoker = true)",
            "CAST(extract(epoch FROM now()) * 1000 AS BIGINT)",
            "to_char(to_timestamp(midnight / 1000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        ),
        _ => ("", "(unixepoch() * 1000)", "strftime('%Y-%m-%d', midnight / 1000, 'unixepoch')"),
    };
    VIEWS.replace("{invoker}", invoker).replace("{now}", now).replace("{date}", date)
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            super::apply(manager, SECURE).await?;
        }
        super::apply(manager, &views(manager.get_database_backend())).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, DOWN).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
