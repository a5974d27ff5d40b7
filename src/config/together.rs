//! What is wrong only with settings taken together.

use std::time::Duration;

use config::ValueKind;

use super::fault::Fault;
use super::values::{AUTH, Purpose, Values};
use crate::clock::Clock;
use crate::otel::Header;
use crate::security::{self, Authority, KeyError};

/// Everything wrong with the settings taken together. A setting that is wrong by itself is
/// passed over here: it has its own fault.
pub(super) fn faults(values: &Values, purpose: Purpose) -> Vec<Fault> {
    let rules =
        [beats_in_a_lease, default_within_max, two_listeners, a_usable_key, roles_of_postgres, a_header];
    rules.iter().filter_map(|rule| rule(values, purpose)).collect()
}

/// One beat may be late without the job being lost.
fn beats_in_a_lease(values: &Values, _: Purpose) -> Option<Fault> {
    let (lease, heartbeat) = (duration(values, "jobs.lease")?, duration(values, "jobs.heartbeat")?);
    let message = "more than half of jobs.lease, so that one late beat loses the job; write less";
    (heartbeat * 2 > lease).then(|| fault(values, "jobs.heartbeat", message))
}

fn default_within_max(values: &Values, _: Purpose) -> Option<Fault> {
    let (default, max) = (duration(values, "retention.default")?, duration(values, "retention.max")?);
    let message = "longer than retention.max; write no more than that";
    (default > max).then(|| fault(values, "retention.default", message))
}

fn two_listeners(values: &Values, _: Purpose) -> Option<Fault> {
    let (api, ops) = (text(values, "server.listen")?, text(values, "server.ops_listen")?);
    let same = api == ops && !api.ends_with(":0");
    same.then(|| fault(values, "server.ops_listen", "the same as server.listen; write another port, or off"))
}

/// Keys that may be relied on; the room that uses them judges. A tool needs none.
fn a_usable_key(values: &Values, purpose: Purpose) -> Option<Fault> {
    let ways = [
        "auth.signing_keys_file",
        "auth.jwt.secret",
        "auth.jwt.public_key_file",
        "auth.jwt.jwks_file",
        "auth.jwt.jwks_url",
    ];
    let written: Vec<_> = ways.into_iter().filter(|key| values.origin(key).is_some()).collect();
    if written.iter().any(|key| values.value(key).is_none())
        || (written.is_empty() && purpose == Purpose::Tool)
    {
        return None;
    }
    let tokens = values.part("auth.jwt", None).ok()?;
    let others: security::Config = values.part("auth", Some(&AUTH)).ok()?;
    let machines = others.signing_keys_file.as_deref();
    let error = Authority::new(&tokens, machines, None, Clock::system()).err()?;
    let key = match &error {
        KeyError::Machines(_) => "auth.signing_keys_file",
        _ => written.last().unwrap_or(&"auth.jwt"),
    };
    Some(fault(values, key, &error.to_string()))
}

/// SQLite has neither roles nor row security.
fn roles_of_postgres(values: &Values, _: Purpose) -> Option<Fault> {
    let is_sqlite = |key| text(values, key).is_some_and(|url| url.starts_with("sqlite:"));
    let required = values.value("database.require_row_security") == Some(&ValueKind::Boolean(true));
    if is_sqlite("database.migrate_url") {
        return Some(fault(values, "database.migrate_url", "not PostgreSQL; leave it out"));
    }
    let wanted = if required { "database.require_row_security" } else { "database.migrate_url" };
    let is_wanted = required || values.value("database.migrate_url").is_some();
    let message = "SQLite, which database.url names, has no roles and no row security; leave it out";
    (is_wanted && is_sqlite("database.url")).then(|| fault(values, wanted, message))
}

/// What is wrong with a secret is told without it.
fn a_header(values: &Values, _: Purpose) -> Option<Fault> {
    let header = security::Secret::new(text(values, "otel.header")?);
    let message = "no header; write it as Name: value";
    Header::parse(&header).is_none().then(|| fault(values, "otel.header", message))
}

fn fault(values: &Values, key: &str, message: &str) -> Fault {
    Fault::new(key, values.origin(key).unwrap_or("default"), message)
}

fn text<'a>(values: &'a Values, key: &str) -> Option<&'a str> {
    match values.value(key)? {
        ValueKind::String(text) => Some(text),
        _ => None,
    }
}

fn duration(values: &Values, key: &str) -> Option<Duration> {
    humantime::parse_duration(text(values, key)?).ok()
}
