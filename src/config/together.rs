//! What is wrong only with settings taken together.

use std::time::Duration;

use config::ValueKind;

use super::fault::Fault;
use super::load::{Found, Purpose};
use crate::security::jwt;

/// Everything wrong with the settings taken together. A setting that is wrong by itself is
/// passed over here: it has its own fault.
pub(super) fn faults(found: &Found, purpose: Purpose) -> Vec<Fault> {
    let rules = [beats_in_a_lease, default_within_max, two_listeners, a_usable_key];
    rules.iter().filter_map(|rule| rule(found, purpose)).collect()
}

/// One beat may be late without the job being lost.
fn beats_in_a_lease(found: &Found, _: Purpose) -> Option<Fault> {
    let (lease, heartbeat) = (duration(found, "jobs.lease")?, duration(found, "jobs.heartbeat")?);
    let message = "more than half of jobs.lease, so that one late beat loses the job; write less";
    (heartbeat * 2 > lease).then(|| fault(found, "jobs.heartbeat", message))
}

fn default_within_max(found: &Found, _: Purpose) -> Option<Fault> {
    let (default, max) = (duration(found, "retention.default")?, duration(found, "retention.max")?);
    let message = "longer than retention.max; write no more than that";
    (default > max).then(|| fault(found, "retention.default", message))
}

fn two_listeners(found: &Found, _: Purpose) -> Option<Fault> {
    let (api, ops) = (text(found, "server.listen")?, text(found, "server.ops_listen")?);
    let same = api == ops && !api.ends_with(":0");
    same.then(|| fault(found, "server.ops_listen", "the same as server.listen; write another port, or off"))
}

/// One key that may be relied on; the room that uses it judges. A tool needs none.
fn a_usable_key(found: &Found, purpose: Purpose) -> Option<Fault> {
    let ways = ["auth.jwt.secret", "auth.jwt.public_key_file", "auth.jwt.jwks_url"];
    let written: Vec<_> = ways.into_iter().filter(|key| origin(found, key).is_some()).collect();
    if written.iter().any(|key| found.counting[key].value.is_none())
        || (written.is_empty() && purpose == Purpose::Tool)
    {
        return None;
    }
    let config = found.part("auth.jwt", None).ok()?;
    let error = jwt::Tokens::new(&config).err()?;
    Some(fault(found, written.last().unwrap_or(&"auth.jwt"), &error.to_string()))
}

fn fault(found: &Found, key: &str, message: &str) -> Fault {
    Fault::new(key, origin(found, key).unwrap_or("default"), message)
}

/// Where somebody wrote `key`, rightly or wrongly.
fn origin<'a>(found: &'a Found, key: &str) -> Option<&'a str> {
    found.counting.get(key)?.origin.as_deref()
}

fn text<'a>(found: &'a Found, key: &str) -> Option<&'a str> {
    match found.counting.get(key)?.value.as_ref()? {
        ValueKind::String(text) => Some(text),
        _ => None,
    }
}

fn duration(found: &Found, key: &str) -> Option<Duration> {
    humantime::parse_duration(text(found, key)?).ok()
}
