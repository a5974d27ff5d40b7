//! Packages of the same bytes share one file: by their digest they are found.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE INDEX exports_same_bytes ON exports (file_checksum) WHERE status = 'completed';
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP INDEX exports_same_bytes;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
