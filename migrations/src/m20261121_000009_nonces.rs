//! The nonces of signed requests, each good once; and up to when, for each start of the machine,
//! signatures were made whose nonces a power cut may have taken.

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

CREATE TABLE nonce_marks (
    boot {text} PRIMARY KEY,
    signed_until BIGINT NOT NULL
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE nonce_marks; DROP TABLE nonces;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
