//! The audit: what was done, in a chain to which is only ever added.
//!
//! The database keeps that too, whoever speaks to it: no record is changed, none is deleted but
//! from the oldest end once the head tells of the cut, and the head tells only of what is there.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

/// `detail` is a text and no document: it is hashed as it was written. `{number}` is a key that on
/// SQLite is the row's own number, and no index beside it.
const TABLES: &str = "
CREATE TABLE audit_entries (
    seq {number} PRIMARY KEY CHECK (seq >= 1),
    at BIGINT NOT NULL CHECK (at BETWEEN 0 AND 253402300799999),
    action {text} NOT NULL,
    outcome {text} NOT NULL CHECK (outcome IN ('done', 'refused', 'failed')),
    status BIGINT,
    code {text},
    actor {text},
    user_id {text},
    way {text},
    key_id {text},
    subject_kind {text},
    subject_id {text},
    address {text},
    correlation_id {text},
    agent {text},
    detail {text} NOT NULL,
    prev_hash {text} NOT NULL CHECK (length(prev_hash) = 64),
    hash {text} NOT NULL CHECK (length(hash) = 64)
);
CREATE INDEX audit_by_time ON audit_entries (at, seq);
CREATE INDEX audit_by_action ON audit_entries (action, seq);
CREATE INDEX audit_by_actor ON audit_entries (actor, seq) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_user ON audit_entries (user_id, seq) WHERE user_id IS NOT NULL;
CREATE INDEX audit_by_subject ON audit_entries (subject_id, seq) WHERE subject_id IS NOT NULL;
CREATE INDEX audit_by_address ON audit_entries (address, seq) WHERE address IS NOT NULL;
CREATE INDEX audit_by_correlation ON audit_entries (correlation_id, seq) WHERE correlation_id IS NOT NULL;

CREATE TABLE audit_head (
    one BIGINT PRIMARY KEY CHECK (one = 1),
    seq BIGINT NOT NULL CHECK (seq >= 0),
    hash {text} NOT NULL CHECK (length(hash) = 64),
    first_seq BIGINT NOT NULL CHECK (first_seq BETWEEN 1 AND seq + 1),
    anchor_hash {text} NOT NULL CHECK (length(anchor_hash) = 64)
);
INSERT INTO audit_head (one, seq, hash, first_seq, anchor_hash) VALUES (1, 0,
    '0000000000000000000000000000000000000000000000000000000000000000', 1,
    '0000000000000000000000000000000000000000000000000000000000000000');
";

/// `BEFORE INSERT`, because `INSERT OR REPLACE` deletes without asking the trigger on deletes.
const SQLITE_GUARDS: &str = "
CREATE TRIGGER audit_entries_grow BEFORE INSERT ON audit_entries
WHEN NEW.seq <= (SELECT seq FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries
WHEN OLD.seq >= (SELECT first_seq FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the audit is only cut from its oldest end'); END;
CREATE TRIGGER audit_head_is_one BEFORE INSERT ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
CREATE TRIGGER audit_head_stays BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the audit has one head'); END;
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
WHEN NEW.seq < OLD.seq OR NEW.first_seq < OLD.first_seq OR NEW.one <> OLD.one
    OR (NEW.hash <> OLD.hash AND NEW.seq = OLD.seq)
    OR (NEW.anchor_hash <> OLD.anchor_hash AND NEW.first_seq = OLD.first_seq)
    OR (NEW.seq > OLD.seq AND NEW.hash IS NOT (SELECT hash FROM audit_entries WHERE seq = NEW.seq))
    OR (NEW.first_seq > OLD.first_seq
        AND NEW.anchor_hash IS NOT (SELECT hash FROM audit_entries WHERE seq = NEW.first_seq - 1))
BEGIN SELECT RAISE(ABORT, 'the head of the audit goes on, along what is there'); END;
";

const POSTGRES_GUARDS: &str = "
CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only added to, and cut from its oldest end';
END $$;
CREATE FUNCTION audit_cuts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.seq >= (SELECT first_seq FROM audit_head) THEN
        RAISE EXCEPTION 'the audit is only cut from its oldest end';
    END IF;
    RETURN OLD;
END $$;
CREATE FUNCTION audit_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq < OLD.seq OR NEW.first_seq < OLD.first_seq OR NEW.one <> OLD.one
        OR (NEW.hash <> OLD.hash AND NEW.seq = OLD.seq)
        OR (NEW.anchor_hash <> OLD.anchor_hash AND NEW.first_seq = OLD.first_seq)
        OR (NEW.seq > OLD.seq
            AND NEW.hash IS DISTINCT FROM (SELECT hash FROM audit_entries WHERE seq = NEW.seq))
        OR (NEW.first_seq > OLD.first_seq AND NEW.anchor_hash
            IS DISTINCT FROM (SELECT hash FROM audit_entries WHERE seq = NEW.first_seq - 1)) THEN
        RAISE EXCEPTION 'the head of the audit goes on, along what is there';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_entries_stay BEFORE UPDATE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_entries_last BEFORE DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_cuts();
CREATE TRIGGER audit_entries_whole BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_head_is_one BEFORE INSERT OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_head_whole BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses();
CREATE TRIGGER audit_head_goes_on BEFORE UPDATE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_goes_on();
";

const DOWN: &str = "
DROP TABLE audit_entries;
DROP TABLE audit_head;
";

const POSTGRES_DOWN: &str = "
DROP FUNCTION audit_refuses;
DROP FUNCTION audit_cuts;
DROP FUNCTION audit_goes_on;
";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let (number, guards) =
            if is_postgres(manager) { ("BIGINT", POSTGRES_GUARDS) } else { ("INTEGER", SQLITE_GUARDS) };
        super::apply(manager, &TABLES.replace("{number}", number)).await?;
        super::apply(manager, guards).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        super::apply(manager, DOWN).await?;
        if is_postgres(manager) { super::apply(manager, POSTGRES_DOWN).await } else { Ok(()) }
    }
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn is_postgres(manager: &SchemaManager) -> bool {
    manager.get_database_backend() == DatabaseBackend::Postgres
}
