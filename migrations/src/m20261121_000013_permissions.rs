//! What users may export, and as what.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// One row for each user of whom something was said; `*` is everyone. A revision grows with every
/// change, so that nobody overwrites what they have not seen.
const UP: &str = "
CREATE TABLE permissions (
    user_id {text} PRIMARY KEY,
    rules {json} NOT NULL,
    revision BIGINT NOT NULL CHECK (revision >= 1),
    updated_at BIGINT NOT NULL,
    updated_by {text} NOT NULL
);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE permissions;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
