//! The nonces of signed requests, each good once.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE nonces (
    key_id {text} NOT NULL,
    nonce {text} NOT NULL,
    good_until BIGINT NOT NULL,
    PRIMARY KEY (key_id, nonce)
);
CREATE INDEX nonces_by_age ON nonces (good_until);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE nonces;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
