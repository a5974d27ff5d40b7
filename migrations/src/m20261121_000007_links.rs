//! Links to packages, the passes that the limited ones have given out, and what is promised to
//! transfers under way.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE links (
    id {text} PRIMARY KEY,
    export_id {text} NOT NULL REFERENCES exports (id) ON DELETE CASCADE,
    made_by {text} NOT NULL,
    token_hash {text} NOT NULL UNIQUE,
    password_hash {text},
    max_downloads BIGINT CHECK (max_downloads >= 1),
    downloads BIGINT NOT NULL DEFAULT 0 CHECK (downloads >= 0),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT,
    CHECK (max_downloads IS NULL OR downloads <= max_downloads)
);
CREATE INDEX links_of ON links (export_id, created_at, id);

CREATE TABLE passes (
    id {text} PRIMARY KEY,
    link_id {text} NOT NULL REFERENCES links (id) ON DELETE CASCADE,
    visitor {text} NOT NULL,
    began_at BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    spent BIGINT NOT NULL CHECK (spent >= 0),
    covered {json} NOT NULL
);
CREATE INDEX passes_of ON passes (link_id, visitor, began_at, id);

CREATE TABLE promises (
    id {text} PRIMARY KEY,
    pass_id {text} NOT NULL REFERENCES passes (id) ON DELETE CASCADE,
    holder {text} NOT NULL,
    made_at BIGINT NOT NULL,
    planned {json} NOT NULL
);
CREATE INDEX promises_of ON promises (pass_id, made_at, id);
CREATE INDEX promises_held ON promises (holder, id);
";

const DOWN: &str = "
DROP TABLE promises;
DROP TABLE passes;
DROP TABLE links;
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
