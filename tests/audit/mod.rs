//! Who did what: what the audit tells, to whom, and that nobody can take it back.

mod chain;
mod formats;
mod refusals;
mod trail;

use serde_json::Value;

use crate::support::api::{Api, eventually};

/// The entries that `query` means, oldest first.
pub fn entries(admin: &Api, query: &str) -> Vec<Value> {
    let answer = admin.get(&format!("/api/v1/admin/audit?format=jsonl&{query}")).expect(200);
    let text = String::from_utf8(answer.body).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

/// The same, once there are `count` of them: what is only noted is written a moment later.
pub fn entries_are(admin: &Api, query: &str, count: usize) -> Vec<Value> {
    eventually(query, || Some(entries(admin, query)).filter(|entries| entries.len() == count))
}

/// The only entry that `query` means.
#[track_caller]
pub fn the_only(admin: &Api, query: &str) -> Value {
    let mut found = entries(admin, query);
    assert_eq!(found.len(), 1, "{query}: {found:#?}");
    found.remove(0)
}
