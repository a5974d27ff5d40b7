//! Report templates, and whose they are.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// A name is its owner's own; among those that are shared it is everyone's.
const UP: &str = "
CREATE TABLE templates (
    id {text} PRIMARY KEY,
    owner {text} NOT NULL,
    name {text} NOT NULL,
    shared BOOLEAN NOT NULL,
    body {json} NOT NULL,
    revision BIGINT NOT NULL CHECK (revision >= 1),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    updated_by {text} NOT NULL
);
CREATE UNIQUE INDEX templates_of ON templates (owner, name);
CREATE UNIQUE INDEX templates_shared ON templates (name) WHERE shared;
";

/// As `m20261121_000015_row_security` has it for every earlier table: a user reads and writes their own,
/// and reads what is shared.
const SECURE: &str = "
ALTER TABLE templates ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY house ON templates FOR ALL USING (
    (SELECT coalesce(current_setting('exportd.user', true), '') = ''
        AND current_setting('transaction_deferrable') = 'off'));
CREATE POLICY own ON templates FOR ALL USING (owner = (SELECT current_setting('exportd.user', true)))
    WITH CHECK (owner = (SELECT current_setting('exportd.user', true)) AND NOT shared);
CREATE POLICY shown ON templates FOR SELECT USING (shared);
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, UP).await?;
        if manager.get_database_backend() == DatabaseBackend::Postgres {
            super::apply(manager, SECURE).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, "DROP TABLE templates;").await
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
