//! Exports of data, from a request to what a person opens.

mod asking;
mod everyone;
mod failing;
mod lacking;
mod looking;
mod restoring;

use serde_json::{Value, json};

use crate::support::api::{Answer, Api};

/// What `selection` (kind, selector, options…) becomes in `format`, as it is downloaded, and its
/// export.
fn exported(caller: &Api, mut selection: Value, format: &str) -> (Value, Answer) {
    selection["format"] = json!(format);
    let asked = caller.post("/api/v1/exports", &selection).expect(202);
    let export = caller.export(&asked.text("/id"));
    let completed = export.completed();
    (completed, export.download(&[]).expect(200))
}
