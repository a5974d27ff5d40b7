//! Whether the server is well, and what it can do.

use crate::app::Desk;
use crate::endpoints;
use crate::http::kit::{Answer, App, Document, Health, Json};
use crate::http::shared::{ApiDocument, Shared};
use crate::http::views::{Alive, KeysView, Ready};

/// Tell that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "system",
    responses((status = 200, description = "it does", body = Alive)))]
pub async fn healthz() -> Answer<Json<Alive>> {
    Ok(Json(Alive::YES))
}

/// Tell whether requests can be served: database and storage answer, the engine runs, and the
/// server is not on its way out.
#[utoipa::path(get, path = "/readyz", tag = "system",
    responses(
        (status = 200, description = "they can", body = Ready),
        (status = 503, description = "they cannot; `parts` tells why", body = Ready)))]
pub async fn readyz(App(desk): App<Desk>) -> Answer<Health<Ready>> {
    let ready = Ready::from(desk.house().parts().await);
    Ok(Health { is_well: ready.is_ready(), body: ready })
}

/// Describe the API: this document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "system",
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json")))]
pub async fn openapi(App(ApiDocument(bytes)): App<ApiDocument>) -> Answer<Document> {
    Ok(Document { media_type: "application/json", bytes })
}

/// Tell the public keys that manifests are signed with (Ed25519 over their RFC 8785 form), for
/// whoever verifies one.
#[utoipa::path(get, path = "/api/v1/keys", tag = "system",
    responses((status = 200, description = "the keys", body = KeysView)))]
pub async fn keys(App(desk): App<Desk>) -> Answer<Json<KeysView>> {
    Ok(Json(desk.inside().keys().into()))
}

endpoints!(Shared: healthz, readyz, openapi, keys);
