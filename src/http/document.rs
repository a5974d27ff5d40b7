//! The API's document (OpenAPI 3.1), out of what the endpoints say of themselves.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, Deprecated, Info, OpenApi, OpenApiBuilder, Ref, ResponseBuilder,
    Server,
};
use utoipa::{PartialSchema, ToSchema};

use super::api;
use super::kit::problem::{OlderProblem, ProblemDocument};
use super::kit::{Earlier, Route};
use super::shared::Shared;

const BEARER: &str = "bearer";
const SESSION: &str = "session";

/// The document of everything that [`api::routes`] has, for clients that reach the server at
/// `public_url`.
pub fn document(public_url: Option<&str>) -> OpenApi {
    let mut info = Info::new("exportd", env!("CARGO_PKG_VERSION"));
    info.description = Some(env!("CARGO_PKG_DESCRIPTION").to_owned());
    let mut document = OpenApiBuilder::new().info(info).components(Some(components())).build();
    document.servers = public_url.map(|url| vec![Server::new(url)]);
    for part in api::documents() {
        document.merge(part);
    }
    for route in api::routes() {
        if let Some(operation) = operation(&mut document, &route) {
            complete(operation, &route);
        }
    }
    document
}

/// What every endpoint has, so that none has to say it: problems, and who may come in.
fn complete(operation: &mut Operation, route: &Route<Shared>) {
    let is_older = Earlier::of(&route.path).is_some();
    let (media_type, schema, description) = if is_older {
        operation.deprecated = Some(Deprecated::True);
        ("application/json", OlderProblem::name(), "what went wrong; `code` tells programs")
    } else {
        let description = "a problem (RFC 9457); `code` tells programs which";
        ("application/problem+json", ProblemDocument::name(), description)
    };
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    let problems = ResponseBuilder::new().description(description).content(media_type, problem);
    operation.responses.responses.insert("default".to_owned(), problems.build().into());
    // Unique in the document, where two resources may both have a `list`.
    let (tags, name) = (operation.tags.iter().flatten(), operation.operation_id.iter());
    operation.operation_id = Some(tags.chain(name).map(String::as_str).collect::<Vec<_>>().join("_"));
    if api::may_be_asked_again(route) {
        operation.parameters.get_or_insert_default().push(idempotency_key().into());
    }
    if route.proves_caller {
        let by = |scheme| SecurityRequirement::new(scheme, Vec::<String>::new());
        operation.security = Some(vec![by(BEARER), by(SESSION)]);
    }
}

/// [`once`](super::once) is around every `POST` by somebody who is known.
fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .description(Some(
            "for 24 hours, the same key and body get the same reply (then with `Idempotency-Replayed: true`), and are done once",
        ))
        .schema(Some(String::schema()))
        .build()
}

fn components() -> utoipa::openapi::Components {
    let acting = "an admin may act for a user whom `X-On-Behalf-Of` names";
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT, or an API token");
    let bearer = bearer.description(Some(acting)).build();
    let needs = "by https `__Host-exportd_session`; changes need `X-CSRF-Token` too";
    let session = ApiKey::Cookie(ApiKeyValue::with_description("exportd_session", needs));
    let mut schemas = Vec::new();
    ProblemDocument::schemas(&mut schemas);
    OlderProblem::schemas(&mut schemas);
    ComponentsBuilder::new()
        .security_scheme(BEARER, SecurityScheme::Http(bearer))
        .security_scheme(SESSION, SecurityScheme::ApiKey(session))
        .schema(ProblemDocument::name(), ProblemDocument::schema())
        .schema(OlderProblem::name(), OlderProblem::schema())
        .schemas_from_iter(schemas)
        .build()
}

fn operation<'d>(document: &'d mut OpenApi, route: &Route<Shared>) -> Option<&'d mut Operation> {
    let PathItem { get, put, post, delete, patch, .. } = document.paths.paths.get_mut(&route.path)?;
    match route.method.as_str() {
        "GET" => get.as_mut(),
        "PUT" => put.as_mut(),
        "POST" => post.as_mut(),
        "DELETE" => delete.as_mut(),
        "PATCH" => patch.as_mut(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    fn json() -> Value {
        serde_json::to_value(document(Some("https://exports.example"))).expect("JSON")
    }

    /// Every operation of the document, as `GET /path`.
    fn operations(document: &Value) -> Vec<(String, &Value)> {
        let paths = document["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &'_ Value)| {
            let item = item.as_object().expect("an item").clone();
            item.into_iter().map(|(method, _)| (method, path.clone())).collect::<Vec<_>>()
        };
        let names = paths.iter().flat_map(of_path);
        names
            .map(|(method, path)| (format!("{} {path}", method.to_uppercase()), &paths[&path][&method]))
            .collect()
    }

    #[test]
    fn what_is_documented_is_what_is_routed() {
        let document = json();
        let documented: BTreeSet<_> = operations(&document).into_iter().map(|(name, _)| name).collect();
        let routed: BTreeSet<_> =
            api::routes().iter().map(|route| format!("{} {}", route.method, route.path)).collect();
        // Forms are for people whose browsers run no scripts, and for no program.
        let routed = routed.into_iter().filter(|name| !name.contains(" /plain")).collect();
        assert_eq!(documented, routed);
        assert_eq!(document["openapi"], "3.1.0");
    }

    #[test]
    fn whoever_is_not_known_gets_no_further_than_health_this_document_and_the_page() {
        let open = |routes: Vec<Route<Shared>>| {
            let open = routes.into_iter().filter(|route| !route.proves_caller);
            open.map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>()
        };
        assert_eq!(
            open(api::routes()),
            [
                "GET /d/{token}",
                "GET /healthz",
                "GET /readyz",
                "GET /api/openapi.json",
                "GET /api/v1/keys",
                "GET /",
                "GET /assets/{file}",
                "GET /favicon.ico",
            ]
        );
        assert_eq!(open(api::ops_routes()), ["GET /metrics", "GET /healthz", "GET /readyz"]);
        for (name, operation) in operations(&json()) {
            let open = open(api::routes()).contains(&name);
            assert_eq!(operation["security"].is_null(), open, "{name}");
        }
    }

    #[test]
    fn every_operation_has_a_name_of_its_own_and_tells_its_problems() {
        let document = json();
        let operations = operations(&document);
        let names: BTreeSet<_> =
            operations.iter().map(|(_, operation)| &operation["operationId"]).map(Value::to_string).collect();
        assert_eq!(names.len(), operations.len(), "{names:?}");
        for (name, operation) in operations {
            assert!(operation["summary"].is_string(), "{name}");
            let is_older = name.split_once(' ').is_some_and(|(_, path)| Earlier::of(path).is_some());
            let (media_type, schema) =
                if is_older { ("json", "OlderProblem") } else { ("problem+json", "Problem") };
            let problem = format!("/responses/default/content/application~1{media_type}/schema/$ref");
            let reference = format!("#/components/schemas/{schema}");
            assert_eq!(operation.pointer(&problem).and_then(Value::as_str), Some(reference.as_str()));
            assert_eq!(operation["deprecated"] == true, is_older, "{name}");
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn references<'v>(value: &'v Value, found: &mut BTreeSet<&'v str>) {
            match value {
                Value::Object(members) => {
                    found.extend(members.get("$ref").and_then(Value::as_str));
                    members.values().for_each(|value| references(value, found));
                }
                Value::Array(items) => items.iter().for_each(|value| references(value, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let document = json();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.len() > 10, "{found:?}");
        for reference in found {
            assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
        }
    }
}
