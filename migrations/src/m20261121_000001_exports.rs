//! Exports, their log, and whose turn it is.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What both databases understand; `{text}`, `{json}` and `{serial}` are the words they differ in.
const UP: &str = "
CREATE TABLE exports (
    id {text} PRIMARY KEY,
    owner {text} NOT NULL,
    kind {text} NOT NULL,
    format {text} NOT NULL,
    title {text} NOT NULL,
    project_id {text},
    data_selector {json} NOT NULL,
    options {json} NOT NULL,
    metadata {json} NOT NULL,
    status {text} NOT NULL CHECK (status IN
        ('scheduled', 'queued', 'processing', 'cancelling', 'completed', 'failed', 'cancelled', 'expired')),
    dedup_key {text} NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    run_at BIGINT NOT NULL,
    rank_at BIGINT NOT NULL,
    attempt INTEGER NOT NULL DEFAULT 0 CHECK (attempt >= 0),
    max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
    rescues INTEGER NOT NULL DEFAULT 0 CHECK (rescues >= 0),
    lease BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    worker {text},
    progress {json} NOT NULL,
    warnings {json} NOT NULL,
    package_key {text},
    file_size BIGINT CHECK (file_size >= 0),
    file_count BIGINT CHECK (file_count >= 0),
    file_checksum {text},
    snapshot_at BIGINT,
    failure {json},
    download_count BIGINT NOT NULL DEFAULT 0 CHECK (download_count >= 0),
    first_downloaded_at BIGINT,
    last_downloaded_at BIGINT,
    retention_ms BIGINT NOT NULL CHECK (retention_ms >= 0),
    correlation_id {text} NOT NULL,
    traceparent {text},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    completed_at BIGINT,
    expires_at BIGINT,
    swept_at BIGINT,
    CHECK (status NOT IN ('completed', 'expired') OR
        (package_key IS NOT NULL AND file_size IS NOT NULL AND file_checksum IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK (status <> 'failed' OR failure IS NOT NULL),
    CHECK (status NOT IN ('processing', 'cancelling') OR (worker IS NOT NULL AND lease_until IS NOT NULL))
);
CREATE UNIQUE INDEX exports_live_twin ON exports (dedup_key)
    WHERE status IN ('scheduled', 'queued', 'processing', 'completed');
CREATE INDEX exports_of_owner ON exports (owner, created_at, id);
CREATE INDEX exports_of_project ON exports (owner, project_id, created_at, id);
CREATE INDEX exports_by_status ON exports (status);
CREATE INDEX exports_by_age ON exports (created_at, id);
CREATE INDEX exports_by_end ON exports (completed_at) WHERE completed_at IS NOT NULL;
CREATE INDEX exports_queued ON exports (owner, rank_at, id) WHERE status = 'queued';
CREATE INDEX exports_scheduled ON exports (run_at) WHERE status = 'scheduled';
CREATE INDEX exports_held ON exports (owner, lease_until) WHERE status IN ('processing', 'cancelling');
CREATE INDEX exports_due ON exports (expires_at) WHERE status = 'completed';
CREATE INDEX exports_unswept ON exports (id) WHERE status = 'expired' AND swept_at IS NULL;

CREATE TABLE export_events (
    seq {serial},
    export_id {text} NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
    at BIGINT NOT NULL,
    kind {text} NOT NULL,
    status {text} NOT NULL,
    message {text} NOT NULL
);
CREATE INDEX export_events_of ON export_events (export_id, seq);

CREATE TABLE tenants (
    user_id {text} PRIMARY KEY,
    last_claim BIGINT NOT NULL DEFAULT 0
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let down = "DROP TABLE tenants; DROP TABLE export_events; DROP TABLE exports;";
        super::apply(manager, down).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
