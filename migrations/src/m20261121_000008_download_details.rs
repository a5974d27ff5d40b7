//! Downloads by link and through nginx; which are under way, and how far nginx's report was read.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was there before has ended: whoever sent it is gone.
const UP: &str = "
ALTER TABLE downloads ADD COLUMN link_id {text};
ALTER TABLE downloads ADD COLUMN mode {text} NOT NULL DEFAULT 'direct' CHECK (mode IN ('direct', 'accel'));
ALTER TABLE downloads ADD COLUMN ended_at BIGINT;
ALTER TABLE downloads ADD COLUMN store {text};
UPDATE downloads SET ended_at = last_at;
CREATE INDEX downloads_under_way ON downloads (store) WHERE ended_at IS NULL;

CREATE TABLE accel_logs (
    store {text} PRIMARY KEY,
    places {json} NOT NULL
);
";

const DOWN: &str = "
DROP TABLE accel_logs;
DROP INDEX downloads_under_way;
ALTER TABLE downloads DROP COLUMN store;
ALTER TABLE downloads DROP COLUMN ended_at;
ALTER TABLE downloads DROP COLUMN mode;
ALTER TABLE downloads DROP COLUMN link_id;
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
