//! Replies that are given again for the same key, and which node has which duty.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE replies (
    user_id {text} NOT NULL,
    key {text} NOT NULL,
    fingerprint {text} NOT NULL,
    begun_at BIGINT NOT NULL,
    reply {json},
    PRIMARY KEY (user_id, key)
);
CREATE INDEX replies_by_age ON replies (begun_at);

CREATE TABLE duties (
    name {text} PRIMARY KEY,
    holder {text} NOT NULL,
    term BIGINT NOT NULL,
    until BIGINT NOT NULL
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE duties; DROP TABLE replies;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
