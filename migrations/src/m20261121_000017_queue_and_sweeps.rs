//! Whether the queue is paused, by which words exports are searched, and what sweeps have done.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// `queue` has one row: whoever claims looks at it, and on PostgreSQL holds it until its claim is
/// written, so that a pause which was answered is one.
///
/// `words` are in lower case as the server folds it: SQLite knows no letters but those of ASCII.
/// Rows that have none yet get theirs from the next deep sweep.
const UP: &str = "
CREATE TABLE queue (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    paused_at BIGINT,
    paused_by {text},
    CHECK ((paused_at IS NULL) = (paused_by IS NULL))
);
INSERT INTO queue (one) VALUES (1);

ALTER TABLE exports ADD COLUMN words {text};
CREATE INDEX exports_unnamed ON exports (id) WHERE words IS NULL;

CREATE TABLE sweeps (
    seq {serial},
    at BIGINT NOT NULL,
    worker {text} NOT NULL,
    reason {text} NOT NULL CHECK (reason IN ('tick', 'deep', 'asked')),
    expired BIGINT NOT NULL CHECK (expired >= 0),
    deleted_files BIGINT NOT NULL CHECK (deleted_files >= 0),
    freed_bytes BIGINT NOT NULL CHECK (freed_bytes >= 0),
    orphans_removed BIGINT NOT NULL CHECK (orphans_removed >= 0),
    pruned_rows BIGINT NOT NULL CHECK (pruned_rows >= 0),
    errors BIGINT NOT NULL CHECK (errors >= 0),
    duration_ms BIGINT NOT NULL CHECK (duration_ms >= 0)
);
CREATE INDEX sweeps_by_age ON sweeps (at);
";

/// As `m20261121_000015_row_security` has it for every earlier table: no user has any business here.
const SECURE: &str = "
ALTER TABLE queue ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY house ON queue FOR ALL USING (
    (SELECT coalesce(current_setting('exportd.user', true), '') = ''
        AND current_setting('transaction_deferrable') = 'off'));
ALTER TABLE sweeps ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY house ON sweeps FOR ALL USING (
    (SELECT coalesce(current_setting('exportd.user', true), '') = ''
        AND current_setting('transaction_deferrable') = 'off'));
";

const DOWN: &str = "
DROP TABLE sweeps;
DROP INDEX exports_unnamed;
ALTER TABLE exports DROP COLUMN words;
DROP TABLE queue;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            super::apply(manager, SECURE).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, DOWN).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
