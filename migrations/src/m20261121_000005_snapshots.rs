//! Snapshots of projects: folders that hold one version each.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE snapshots (
    owner {text} NOT NULL,
    project_id {text} NOT NULL,
    version_id {text} NOT NULL,
    path {text} NOT NULL,
    registered_at BIGINT NOT NULL,
    PRIMARY KEY (owner, project_id, version_id)
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE snapshots;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
