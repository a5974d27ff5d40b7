//! The document as a whole.

use serde_json::{Value, json};
use utoipa::openapi::{ComponentsBuilder, Info, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::completing::{Facts, complete};
use super::{examples, headers, members, parameters, security, shared, strict, words};
use crate::http::api;
use crate::http::kit::problem::{OlderProblem, ProblemDocument};

/// The document of everything that [`api::routes`] has, for clients that reach the server at
/// `public_url`; where that is not known, at the address that they have the document from.
pub fn document(public_url: Option<&str>) -> Value {
    let mut document = said();
    document["info"]["license"] =
        json!({"name": env!("CARGO_PKG_LICENSE"), "identifier": env!("CARGO_PKG_LICENSE")});
    document["info"]["description"] = words::INTRODUCTION.into();
    document["servers"] = match public_url {
        Some(url) => json!([{"url": url, "description": "this server"}]),
        None => json!([{"url": "/", "description": "the server that this document comes from"}]),
    };
    document["components"]["securitySchemes"] = security::schemes();
    document["components"]["headers"] = headers::components();
    document["components"]["parameters"] = parameters::components();
    document["components"]["examples"] = examples::of_problems();
    members::limit(&mut document["components"]["schemas"]);
    // Forms are for people whose browsers run no scripts, and for no program.
    for route in api::routes().into_iter().filter(|route| !route.path.starts_with("/plain")) {
        let facts = Facts::of(&route);
        let operation = &mut document["paths"][&*route.path][facts.method()];
        // What is routed and not described would be `null` here, and fails a test.
        if operation.is_object() {
            complete(operation, &facts);
        }
    }
    strict::refuse_what_is_not_known(&mut document);
    examples::show(&mut document);
    shared::share_responses(&mut document);
    document["tags"] = words::tags();
    document
}

/// What the endpoints say of themselves.
fn said() -> Value {
    let info = Info::new("exportd", env!("CARGO_PKG_VERSION"));
    let mut schemas = Vec::new();
    ProblemDocument::schemas(&mut schemas);
    OlderProblem::schemas(&mut schemas);
    let components = ComponentsBuilder::new()
        .schema(ProblemDocument::name(), ProblemDocument::schema())
        .schema(OlderProblem::name(), OlderProblem::schema())
        .schemas_from_iter(schemas)
        .build();
    let mut document = OpenApiBuilder::new().info(info).components(Some(components)).build();
    for part in api::documents() {
        document.merge(part);
    }
    serde_json::to_value(document).expect("a document of texts, numbers and lists is JSON")
}
