//! Who downloaded what, from where, and how much of it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE downloads (
    id {text} PRIMARY KEY,
    export_id {text} NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
    user_id {text} NOT NULL,
    address {text} NOT NULL,
    agent {text},
    began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    size BIGINT NOT NULL CHECK (size >= 0),
    bytes BIGINT NOT NULL CHECK (bytes >= 0),
    covered {json} NOT NULL,
    complete BOOLEAN NOT NULL
);
CREATE INDEX downloads_of ON downloads (export_id, began_at, id);
CREATE INDEX downloads_by_time ON downloads (last_at);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE downloads;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
