//! What admins see and do, and what everyone does to many exports at once.

mod actions;
mod figures;
mod overview;
mod queue;
mod rows;
mod searching;
mod settings;

use serde_json::Value;

use crate::support::api::{Answer, Api};

/// Whatever the page `path` tells.
fn told(api: &Api, path: &str) -> Value {
    api.get(path).expect(200).json()
}

/// Nobody but an admin is let in.
fn is_for_admins(user: &Api, ask: impl Fn(&Api) -> Answer) {
    assert_eq!(ask(user).expect(403).code(), "FORBIDDEN");
    assert_eq!(ask(&user.anonymous()).expect(401).code(), "UNAUTHENTICATED");
}
