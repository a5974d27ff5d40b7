//! Users and their files, conversations and what was said in them, and what the machines did for it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const UP: &str = "
CREATE TABLE users (
    id {key} PRIMARY KEY,
    email {text} NOT NULL,
    display_name {text} NOT NULL,
    phone {text},
    locale {key} NOT NULL,
    country {key} NOT NULL,
    plan {key} NOT NULL,
    newsletter BOOLEAN NOT NULL,
    created_at {instant} NOT NULL,
    updated_at {instant} NOT NULL,
    last_seen_at {instant},
    row_version INTEGER NOT NULL
){table};

CREATE TABLE files (
    id {key} PRIMARY KEY,
    user_id {key} NOT NULL,
    name {text} NOT NULL,
    media_type {key} NOT NULL,
    size_bytes BIGINT NOT NULL CHECK (size_bytes >= 0),
    sha256 {key} NOT NULL,
    storage_key {text} NOT NULL,
    created_at {instant} NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
){table};
CREATE INDEX files_of_user ON files (user_id, created_at, id);

CREATE TABLE file_metadata (
    file_id {key} NOT NULL,
    name {key} NOT NULL,
    value {text} NOT NULL,
    PRIMARY KEY (file_id, name),
    FOREIGN KEY (file_id) REFERENCES files (id) ON DELETE CASCADE
){table};

CREATE TABLE widget_sessions (
    id {key} PRIMARY KEY,
    user_id {key} NOT NULL,
    visitor_id {key} NOT NULL,
    site {text} NOT NULL,
    country {key},
    ip_address {key},
    user_agent {text},
    started_at {instant} NOT NULL,
    ended_at {instant},
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
){table};
CREATE INDEX widget_sessions_of_user ON widget_sessions (user_id, started_at, id);

CREATE TABLE conversations (
    id {key} PRIMARY KEY,
    user_id {key} NOT NULL,
    widget_session_id {key},
    title {text} NOT NULL,
    channel {key} NOT NULL CHECK (channel IN ('web', 'widget', 'api')),
    language {key} NOT NULL,
    status {key} NOT NULL CHECK (status IN ('open', 'closed')),
    created_at {instant} NOT NULL,
    updated_at {instant} NOT NULL,
    row_version INTEGER NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (widget_session_id) REFERENCES widget_sessions (id) ON DELETE SET NULL
){table};
CREATE INDEX conversations_of_user ON conversations (user_id, created_at, id);
CREATE INDEX conversations_of_session ON conversations (widget_session_id);

CREATE TABLE messages (
    id {key} PRIMARY KEY,
    conversation_id {key} NOT NULL,
    user_id {key} NOT NULL,
    seq INTEGER NOT NULL CHECK (seq >= 1),
    role {key} NOT NULL CHECK (role IN ('system', 'user', 'assistant', 'tool')),
    content {text} NOT NULL,
    model {key},
    input_tokens INTEGER,
    output_tokens INTEGER,
    latency_ms INTEGER,
    created_at {instant} NOT NULL,
    UNIQUE (conversation_id, seq),
    FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
){table};
CREATE INDEX messages_of_user ON messages (user_id, created_at);

CREATE TABLE feedback (
    id {key} PRIMARY KEY,
    message_id {key} NOT NULL,
    user_id {key} NOT NULL,
    rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 5),
    comment {text},
    created_at {instant} NOT NULL,
    FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
){table};
CREATE INDEX feedback_of_user ON feedback (user_id, created_at, id);
CREATE INDEX feedback_of_message ON feedback (message_id, created_at);
CREATE INDEX feedback_by_rating ON feedback (rating, created_at);

CREATE TABLE events (
    id {key} PRIMARY KEY,
    user_id {key} NOT NULL,
    name {key} NOT NULL,
    properties {json} NOT NULL,
    created_at {instant} NOT NULL,
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
){table};
CREATE INDEX events_of_user ON events (user_id, created_at, id);

CREATE TABLE traces (
    id {key} PRIMARY KEY,
    user_id {key} NOT NULL,
    conversation_id {key},
    message_id {key},
    trace_id {key} NOT NULL,
    parent_trace_id {key},
    span_id {key} NOT NULL,
    span_name {key} NOT NULL,
    start_time {instant} NOT NULL,
    end_time {instant},
    duration_ms {double},
    operation_type {key} NOT NULL,
    model_name {key},
    model_provider {key},
    model_version {key},
    input_data {json},
    output_data {json},
    metadata {json} NOT NULL,
    input_tokens INTEGER,
    output_tokens INTEGER,
    total_tokens INTEGER,
    cost_usd {decimal},
    status {key} NOT NULL CHECK (status IN ('pending', 'success', 'error')),
    error_message {text},
    error_type {key},
    created_at {instant} NOT NULL,
    updated_at {instant} NOT NULL,
    ttft_ms {double},
    tokens_per_second {double},
    FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    FOREIGN KEY (conversation_id) REFERENCES conversations (id) ON DELETE CASCADE,
    FOREIGN KEY (message_id) REFERENCES messages (id) ON DELETE CASCADE
){table};
CREATE INDEX traces_of_user ON traces (user_id, start_time, id);
CREATE INDEX traces_by_trace ON traces (trace_id, start_time);
CREATE INDEX traces_of_conversation ON traces (conversation_id);
CREATE INDEX traces_of_message ON traces (message_id);
";

const DOWN: &str = "
DROP TABLE traces;
DROP TABLE events;
DROP TABLE feedback;
DROP TABLE messages;
DROP TABLE conversations;
DROP TABLE widget_sessions;
DROP TABLE file_metadata;
DROP TABLE files;
DROP TABLE users;
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
