//! The registry of projects.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE projects (
    owner {text} NOT NULL,
    id {text} NOT NULL,
    name {text} NOT NULL,
    framework {text},
    source {json} NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (owner, id)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE projects;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
