//! What is wrong only with settings taken together.

use std::time::Duration;

use config::ValueKind;

use super::fault::Fault;
use super::load::{Found, Purpose};

/// Everything wrong with the settings taken together. A setting that is wrong by itself is
/// passed over here: it has its own fault.
pub(super) fn faults(found: &Found, purpose: Purpose) -> Vec<Fault> {
    let rules = [beats_in_a_lease, default_within_max, two_listeners, one_key, somebody_can_call];
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

/// A token's algorithm is the configured key's, never the token's own (RFC 8725 §3.1): with two
/// keys there would be a choice.
fn one_key(found: &Found, _: Purpose) -> Option<Fault> {
    let both = is_written(found, "auth.jwt.secret") && is_written(found, "auth.jwt.public_key_file");
    let message = "set beside auth.jwt.secret; write one of the two";
    both.then(|| fault(found, "auth.jwt.public_key_file", message))
}

fn somebody_can_call(found: &Found, purpose: Purpose) -> Option<Fault> {
    let ways = ["auth.jwt.secret", "auth.jwt.public_key_file", "auth.jwt.jwks_url"];
    if purpose == Purpose::Tool || ways.iter().any(|key| is_written(found, key)) {
        return None;
    }
    let message = "nobody could sign in; set auth.jwt.secret (or _file) or auth.jwt.public_key_file";
    Some(fault(found, "auth.jwt", message))
}

fn fault(found: &Found, key: &str, message: &str) -> Fault {
    let origin = found.counting.get(key).and_then(|counts| counts.origin.as_deref());
    Fault::new(key, origin.unwrap_or("default"), message)
}

/// Whether somebody wrote `key`, rightly or wrongly.
fn is_written(found: &Found, key: &str) -> bool {
    found.counting.get(key).is_some_and(|counts| counts.origin.is_some())
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
