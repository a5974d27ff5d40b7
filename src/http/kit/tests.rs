//! What a client notices of the kit, whatever the endpoints do.

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use serde::Serialize;
use serde_json::{Value, json};
use tower::ServiceBuilder;
use tower::util::ServiceExt;

use super::{
    Answer, App, Call, FromCall, FromFields, Json, NoContent, Path, Query, Router, Service, around, boxed,
    fields,
};
use crate::clock::Clock;
use crate::domain::{ExportId, ProjectId};
use crate::http::layers::{Naming, guarded, host, named};
use crate::otel::Tracer;

impl FromCall<u32> for App<u32> {
    async fn from_call(call: &mut Call<u32>) -> Answer<Self> {
        Ok(App(call.state))
    }
}

#[derive(Serialize)]
struct Note {
    text: String,
    times: i64,
}

impl FromFields for Note {
    fn from_fields(note: &mut super::Fields<'_>) -> Option<Self> {
        let text = note.required("text", fields::text);
        let times = note.optional("times", fields::whole_in_words(0..=9));
        Some(Self { text: text?, times: times?.unwrap_or(1) })
    }
}

#[utoipa::path(get, path = "/notes/{id}", responses((status = 200)))]
async fn show(
    App(state): App<u32>,
    Path(id): Path<ProjectId>,
    Query(note): Query<Note>,
) -> Answer<Json<Value>> {
    Ok(Json(json!({"id": id, "state": state, "text": note.text, "times": note.times})))
}

#[utoipa::path(post, path = "/notes", responses((status = 200)))]
async fn write(Json(note): Json<Note>) -> Answer<Json<Note>> {
    Ok(Json(note))
}

#[utoipa::path(delete, path = "/notes/{id}", responses((status = 204)))]
async fn forget(Path(_): Path<ExportId>) -> Answer<NoContent> {
    Ok(NoContent)
}

#[utoipa::path(get, path = "/broken", responses((status = 200)))]
async fn broken() -> Answer<NoContent> {
    panic!("at /srv/secret: SELECT 1")
}

crate::endpoints!(u32: show, write, forget, broken);

fn service() -> Service {
    let naming = Naming { trusted_proxies: [].into(), clock: Clock::system(), tracer: Tracer::default() };
    let layers =
        ServiceBuilder::new().layer(around(naming, named)).layer(around((), guarded)).layer(around((), host));
    layers.service(Router::new(7, routes()).into_service())
}

struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Told {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("JSON: {:?}", self.body))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("(none)")
    }

    fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json");
        (self.status.as_u16(), self.json()["code"].as_str().expect("a code").to_owned())
    }
}

async fn ask(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Told {
    let mut request = Request::builder().method(method).uri(uri).header("host", "exportd.test");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(boxed(Full::new(Bytes::from(body.to_owned())))).expect("a request");
    tell(request).await
}

async fn tell(request: Request<super::RequestBody>) -> Told {
    let (head, body) = service().oneshot(request).await.expect("always an answer").into_parts();
    let body = body.collect().await.expect("a whole body").to_bytes();
    Told { status: head.status, headers: head.headers, body }
}

const IS_JSON: (&str, &str) = ("content-type", "application/json");

#[tokio::test]
async fn path_and_query_reach_the_handler_decoded_once() {
    let told = ask("GET", "/notes/a%2Fb%2525?text=x%20y&times=2", &[], "").await;
    assert_eq!(told.problem(), (400, "INVALID_ID".into()), "a slash is no part of an id, encoded or not");
    let told = ask("GET", "/notes/caf%C3%A9%2541?text=x+y&times=2", &[], "").await;
    assert_eq!(told.json(), json!({"id": "café%41", "state": 7, "text": "x y", "times": 2}));
    assert_eq!(ask("GET", "/notes/%FF?text=x", &[], "").await.problem(), (400, "INVALID_ID".into()));
}

#[tokio::test]
async fn a_query_with_faults_is_refused_with_all_of_them() {
    let told = ask("GET", "/notes/a?times=ten&text=a&text=b&colour=red", &[], "").await;
    assert_eq!(told.problem(), (400, "VALIDATION_FAILED".into()));
    let errors = told.json()["errors"].clone();
    let pointers: Vec<_> = errors.as_array().expect("errors").iter().map(|e| &e["pointer"]).collect();
    assert_eq!(pointers, ["/text", "/times", "/colour"]);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_what_is_asked() {
    for (headers, body, answer) in [
        (&[IS_JSON][..], r#"{"text":"a"}"#, (200, "")),
        (&[IS_JSON], r#"{"text":"#, (400, "INVALID_JSON")),
        (&[IS_JSON], "", (400, "INVALID_JSON")),
        (&[], "", (400, "INVALID_JSON")),
        (&[IS_JSON], r#"{"text":"a","text":"b"}"#, (400, "INVALID_JSON")),
        (&[IS_JSON], r#"["text"]"#, (400, "VALIDATION_FAILED")),
        (&[IS_JSON], r#"{"text":1,"more":1}"#, (400, "VALIDATION_FAILED")),
        (&[("content-type", "text/plain")], r#"{"text":"a"}"#, (415, "UNSUPPORTED_MEDIA_TYPE")),
        (&[IS_JSON, ("content-encoding", "gzip")], r#"{"text":"a"}"#, (415, "UNSUPPORTED_MEDIA_TYPE")),
        (&[IS_JSON, ("content-length", "1048577")], "", (413, "PAYLOAD_TOO_LARGE")),
    ] {
        let told = ask("POST", "/notes", headers, body).await;
        let code = told.json()["code"].as_str().unwrap_or_default().to_owned();
        assert_eq!((told.status.as_u16(), code.as_str()), answer, "{body}");
    }
}

#[tokio::test]
async fn there_is_one_spelling_of_every_path() {
    for path in
        ["/", "/nope", "/notes/", "//notes", "/notes//", "/notes/a/", "/Notes", "/%6Eotes", "/notes/a/b"]
    {
        assert_eq!(ask("GET", path, &[], "").await.problem(), (404, "NOT_FOUND".into()), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let told = ask("PUT", "/notes/a", &[], "").await;
    assert_eq!(told.problem(), (405, "METHOD_NOT_ALLOWED".into()));
    assert_eq!(told.header("allow"), "DELETE, GET, HEAD, OPTIONS");
    let told = ask("BREW", "/notes", &[], "").await;
    assert_eq!((told.problem().0, told.header("allow")), (405, "OPTIONS, POST"));
    let told = ask("OPTIONS", "/notes/a", &[], "").await;
    assert_eq!((told.status, told.header("allow")), (StatusCode::NO_CONTENT, "DELETE, GET, HEAD, OPTIONS"));
    assert_eq!(ask("OPTIONS", "*", &[], "").await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    for uri in ["/notes/a?text=x", "/notes/a", "/nope"] {
        let id = ("x-correlation-id", "same");
        let (get, head) = (ask("GET", uri, &[id], "").await, ask("HEAD", uri, &[id], "").await);
        assert_eq!((get.status, head.body.len()), (head.status, 0), "{uri}");
        assert_eq!(get.header("content-length"), get.body.len().to_string());
        assert_eq!(get.headers, head.headers, "{uri}");
    }
}

#[tokio::test]
async fn a_request_is_named_in_its_reply_and_in_its_problem() {
    let told = ask("GET", "/nope%20", &[("x-correlation-id", "build-7")], "").await;
    assert_eq!(told.header("x-correlation-id"), "build-7");
    let problem = told.json();
    assert_eq!(problem["correlationId"], "build-7");
    assert_eq!(problem["instance"], "/nope%20");
    assert_eq!((&problem["type"], &problem["title"]), (&json!("about:blank"), &json!("Not Found")));
    assert!(problem["timestamp"].as_str().is_some_and(|at| at.ends_with('Z')));
    assert!(ask("GET", "/nope", &[], "").await.header("x-correlation-id").len() == 36);
}

#[tokio::test]
async fn a_panic_is_a_problem_that_leaks_nothing() {
    let told = ask("GET", "/broken", &[], "").await;
    assert_eq!(told.problem(), (500, "INTERNAL".into()));
    assert!(!String::from_utf8_lossy(&told.body).contains("secret"));
}

#[tokio::test]
async fn a_request_without_a_host_or_with_two_is_refused() {
    let bare = |request: http::request::Builder| {
        request.uri("/nope").body(boxed(Full::new(Bytes::new()))).expect("a request")
    };
    assert_eq!(tell(bare(Request::builder())).await.status, 400);
    let two = Request::builder().header("host", "a").header("host", "b");
    assert_eq!(tell(bare(two)).await.problem(), (400, "VALIDATION_FAILED".into()));
    assert_eq!(tell(bare(Request::builder().version(http::Version::HTTP_10))).await.status, 404);
    assert_eq!(tell(bare(Request::builder().version(http::Version::HTTP_2))).await.status, 404);
}

#[tokio::test]
async fn replies_are_not_sniffed_and_not_kept() {
    let told = ask("GET", "/notes/a?text=x", &[], "").await;
    assert_eq!(
        (told.header("x-content-type-options"), told.header("cache-control")),
        ("nosniff", "no-store")
    );
}

#[test]
fn what_is_routed_is_what_is_documented() {
    use utoipa::OpenApi;
    let documented = Doc::openapi().paths.paths;
    for route in routes() {
        assert!(documented.contains_key(&route.path), "{}", route.path);
        assert_ne!(route.method, Method::HEAD);
    }
}
