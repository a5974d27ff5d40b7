//! What this server gives out to prove who calls: API tokens, and sessions of its page.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE api_tokens (
    id {text} PRIMARY KEY,
    owner {text} NOT NULL,
    role {text} NOT NULL CHECK (role IN ('user', 'admin')),
    acting {text},
    name {text} NOT NULL,
    token_hash {text} NOT NULL UNIQUE,
    scopes {text} NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    revoked_at BIGINT,
    last_used_at BIGINT
);
CREATE INDEX api_tokens_of ON api_tokens (owner, created_at, id);
CREATE INDEX api_tokens_expired ON api_tokens (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX api_tokens_revoked ON api_tokens (revoked_at) WHERE revoked_at IS NOT NULL;

CREATE TABLE sessions (
    id {text} PRIMARY KEY,
    user_id {text} NOT NULL,
    role {text} NOT NULL CHECK (role IN ('user', 'admin')),
    scope {text} NOT NULL CHECK (scope IN ('exports:read', 'exports:write', 'admin')),
    acting {text},
    token_hash {text} NOT NULL UNIQUE,
    api_token_id {text} REFERENCES api_tokens (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL
);
CREATE INDEX sessions_of ON sessions (user_id, created_at, id);
CREATE INDEX sessions_of_token ON sessions (api_token_id) WHERE api_token_id IS NOT NULL;
CREATE INDEX sessions_by_end ON sessions (expires_at);
";

const DOWN: &str = "
DROP TABLE sessions;
DROP TABLE api_tokens;
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
