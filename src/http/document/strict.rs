//! Bodies of requests are refused for what they have too much.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::http::kit::Earlier;

/// What may stand in a body because it stands in what was read, and says nothing when it is sent back.
const SENT_BACK: [(&str, &[&str]); 2] = [
    ("NewTemplate", &["id", "shipped", "owner", "createdAt", "updatedAt", "updatedBy"]),
    ("NewPermissions", &["updatedAt", "updatedBy"]),
];

/// Closes every object that a request can carry: a member that is not known is refused, and one that may be
/// missing may be `null`. Earlier systems' clients may send what they like.
pub fn refuse_what_is_not_known(document: &mut Value) {
    let mut reached = BTreeSet::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        if Earlier::of(path).is_none() {
            let operations = item.as_object().into_iter().flat_map(Map::values);
            operations.for_each(|operation| schemas_of(&operation["requestBody"], &mut reached));
        }
    }
    let schemas = &mut document["components"]["schemas"];
    let mut closed = BTreeSet::new();
    while let Some(name) = reached.difference(&closed).next().cloned() {
        flatten(&mut schemas[&name]);
        schemas_of(&schemas[&name], &mut reached);
        close(&mut schemas[&name]);
        closed.insert(name);
    }
    for (name, members) in SENT_BACK {
        for member in members {
            let told = json!({"description": "may be sent back as it was read; says nothing"});
            schemas[name]["properties"][member] = told;
        }
    }
}

/// The names of all schemas that `value` refers to.
fn schemas_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            found
                .extend(reference.and_then(|to| to.strip_prefix("#/components/schemas/")).map(str::to_owned));
            members.values().for_each(|member| schemas_of(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| schemas_of(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// An object that is made of several, as one: only of one object can be said that it has no more members.
fn flatten(schema: &mut Value) {
    let Some(Value::Array(parts)) = schema.as_object_mut().and_then(|schema| schema.remove("allOf")) else {
        return;
    };
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for mut part in parts {
        properties.extend(part["properties"].as_object_mut().map(std::mem::take).unwrap_or_default());
        required.extend(part["required"].as_array_mut().map(std::mem::take).unwrap_or_default());
    }
    schema["type"] = "object".into();
    schema["properties"] = properties.into();
    schema["required"] = required.into();
}

fn close(schema: &mut Value) {
    let required: Vec<String> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let Some(properties) = schema["properties"].as_object_mut() else { return };
    for (_, member) in properties.iter_mut().filter(|(name, _)| !required.contains(name)) {
        let kind = member["type"].as_str().map(str::to_owned);
        if let Some(kind) = kind {
            member["type"] = json!([kind, "null"]);
        }
    }
    schema["additionalProperties"] = false.into();
}
