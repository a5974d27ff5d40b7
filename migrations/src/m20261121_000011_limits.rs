//! What users may use, what they have used of it, and how many jobs the nodes run.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// In `limits` the row of the user `''`, who is nobody, has what is set for everyone. `NULL` says
/// nothing; the largest number says that there is no limit.
///
/// `charges` hang on nothing: what was used is used, whatever becomes of the export.
const UP: &str = "
CREATE TABLE limits (
    user_id {text} PRIMARY KEY,
    exports_per_hour BIGINT CHECK (exports_per_hour >= 0),
    exports_per_day BIGINT CHECK (exports_per_day >= 0),
    downloads_per_minute BIGINT CHECK (downloads_per_minute >= 0),
    download_bytes_per_day BIGINT CHECK (download_bytes_per_day >= 0),
    user_storage BIGINT CHECK (user_storage >= 0),
    jobs_per_user BIGINT CHECK (jobs_per_user >= 0)
);
INSERT INTO limits (user_id) VALUES ('');

CREATE TABLE charges (
    id {text} PRIMARY KEY,
    user_id {text} NOT NULL,
    what {text} NOT NULL CHECK (what IN ('export', 'download', 'bytes')),
    at BIGINT NOT NULL,
    amount BIGINT NOT NULL CHECK (amount >= 0),
    sent BIGINT NOT NULL DEFAULT 0 CHECK (sent >= 0),
    export_id {text} NOT NULL,
    holder {text}
);
CREATE INDEX charges_of ON charges (user_id, what, at, amount);
CREATE INDEX charges_of_download ON charges (user_id, export_id, at) WHERE what = 'download';
CREATE INDEX charges_held ON charges (holder) WHERE holder IS NOT NULL;
CREATE INDEX charges_by_age ON charges (at);

CREATE INDEX exports_stored ON exports (owner, expires_at, file_size) WHERE status = 'completed';

CREATE TABLE nodes (
    worker {text} PRIMARY KEY,
    slots BIGINT NOT NULL CHECK (slots >= 0),
    seen_at BIGINT NOT NULL
);
";

const DOWN: &str = "
DROP TABLE nodes;
DROP INDEX exports_stored;
DROP TABLE charges;
DROP TABLE limits;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, DOWN).await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
