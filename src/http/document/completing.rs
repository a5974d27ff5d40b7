//! What every operation has, so that none has to say it.

use http::Method;
use serde_json::{Value, json};

use super::{headers, parameters, problems, security, words};
use crate::http::api;
use crate::http::caller::asks_only;
use crate::http::kit::{Earlier, Route};
use crate::http::shared::Shared;

/// What is known of an operation by how it is routed.
#[derive(Debug)]
pub struct Facts {
    method: Method,
    /// As it is routed, which is as it is documented.
    pub path: String,
    /// Whether it answers nobody whom it does not know.
    pub proves_caller: bool,
    /// Whether it is of an earlier system, whose clients know another envelope.
    pub is_older: bool,
    /// Whether its answer is kept by an `Idempotency-Key`.
    pub may_be_asked_again: bool,
    /// Whether it changes something.
    pub changes: bool,
}

impl Facts {
    /// What is known of the operation at `route`.
    pub fn of(route: &Route<Shared>) -> Self {
        Self {
            method: route.method.clone(),
            path: route.path.clone(),
            proves_caller: route.proves_caller,
            is_older: Earlier::of(&route.path).is_some(),
            may_be_asked_again: api::may_be_asked_again(route),
            changes: !asks_only(&route.method, &route.path),
        }
    }

    /// The method, as the document has it.
    pub fn method(&self) -> String {
        self.method.as_str().to_lowercase()
    }

    /// Whether only admins get past it.
    pub fn is_for_admins(&self) -> bool {
        let older = ["/api/exports/bulk", "/api/exports/cleanup", "/api/exports/process-scheduled"];
        self.path.starts_with("/api/v1/admin/") || older.contains(&&*self.path)
    }

    /// Whether it answers with a package, or with a file out of one, in ranges.
    pub fn sends_bytes(&self) -> bool {
        self.method == Method::GET
            && (self.path.ends_with("/download")
                || self.path.starts_with("/d/")
                || self.path.ends_with("/entries/{path}"))
    }
}

/// Adds to `operation` what goes without saying.
pub fn complete(operation: &mut Value, facts: &Facts) {
    // Unique in the document, where two resources may both have a `list`.
    let tags = operation["tags"].as_array().into_iter().flatten();
    let name: Vec<_> = tags.chain([&operation["operationId"]]).filter_map(Value::as_str).collect();
    operation["operationId"] = name.join("_").into();
    if facts.is_older {
        operation["deprecated"] = true.into();
    }
    parameters::complete(operation, facts);
    words::complete(operation, facts);
    if facts.proves_caller {
        operation["security"] = security::of(facts);
    } else {
        operation["security"] = json!([]);
    }
    problems::complete(operation, facts);
    headers::complete(operation, facts);
}

/// The parameters of `operation` that are in `place`, by their names.
pub fn parameters_in<'o>(operation: &'o Value, place: &str) -> Vec<&'o str> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|parameter| parameter["in"] == place)
        .filter_map(|parameter| parameter["name"].as_str())
        .collect()
}
