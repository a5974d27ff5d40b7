//! A caller of the API, as a test speaks: every answer is looked at before it is believed.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use ureq::http::{HeaderMap, Method, Request};

use super::documented;

/// One caller of one server.
#[derive(Debug, Clone)]
pub struct Api {
    agent: ureq::Agent,
    address: SocketAddr,
    token: Option<String>,
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Api {
    /// A caller with `token`, or without any.
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Self { agent: config.into(), address, token }
    }

    /// The same caller without credentials.
    pub fn anonymous(&self) -> Self {
        Self { token: None, ..self.clone() }
    }

    /// The same caller at another door.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The token, for other clients.
    pub fn token(&self) -> &str {
        self.token.as_deref().expect("this caller has a token")
    }

    /// Whether it has a token.
    pub fn has_token(&self) -> bool {
        self.token.is_some()
    }

    /// The whole URL of `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where the server listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sends anything. What comes back has to be in the API's document.
    pub fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Vec<u8>>,
    ) -> Answer {
        let mut request = Request::builder().method(method.clone()).uri(self.url(path));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.unwrap_or_default()).expect("a request");
        let mut response = self.agent.run(request).expect("an answer");
        let body = response.body_mut().with_config().limit(1 << 30).read_to_vec().expect("a body");
        let answer = Answer { status: response.status().as_u16(), headers: response.headers().clone(), body };
        documented::hold(&method, path, &answer);
        answer
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], None)
    }

    /// GET with headers.
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::GET, path, headers, None)
    }

    /// HEAD with headers.
    pub fn head(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send(Method::HEAD, path, headers, None)
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], None)
    }

    /// POST of JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, &[])
    }

    /// POST of JSON with headers.
    pub fn post_with(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("content-type", "application/json")];
        all.extend_from_slice(headers);
        self.send(Method::POST, path, &all, Some(body.to_string().into_bytes()))
    }

    /// POST without a body.
    pub fn act(&self, path: &str) -> Answer {
        self.send(Method::POST, path, &[], None)
    }

    /// PUT of JSON.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(
            Method::PUT,
            path,
            &[("content-type", "application/json")],
            Some(body.to_string().into_bytes()),
        )
    }

    /// Asks for an export of `project` and gives its id.
    pub fn request(&self, project: &str) -> ExportHandle {
        let answer = self.post("/api/v1/exports", &wanted(project)).expect_one_of(&[200, 202]);
        ExportHandle { api: self.clone(), id: answer.text("/id") }
    }

    /// The handle of a known export.
    pub fn export(&self, id: &str) -> ExportHandle {
        ExportHandle { api: self.clone(), id: id.to_owned() }
    }
}

/// The body of a request for an export of `project`.
pub fn wanted(project: &str) -> Value {
    json!({"kind": "project", "format": "zip", "selector": {"projectId": project}})
}

/// One export, as its caller follows it.
#[derive(Debug, Clone)]
pub struct ExportHandle {
    /// Who follows it.
    pub api: Api,
    /// Its id.
    pub id: String,
}

impl ExportHandle {
    /// Its path, with `rest` behind it.
    pub fn path(&self, rest: &str) -> String {
        format!("/api/v1/exports/{}{rest}", self.id)
    }

    /// The object now.
    pub fn show(&self) -> Value {
        self.api.get(&self.path("")).expect(200).json()
    }

    /// Its status now.
    pub fn status(&self) -> String {
        self.show()["status"].as_str().expect("a status").to_owned()
    }

    /// Waits, by asking the server to tell, until it has ended.
    pub fn ended(&self) -> Value {
        for _ in 0..10 {
            let export = self.api.get_with(&self.path(""), &[("prefer", "wait=15")]).expect(200).json();
            let status = export["status"].as_str().expect("a status");
            if !["scheduled", "queued", "processing", "cancelling"].contains(&status) {
                return export;
            }
        }
        panic!("export {} does not end: {}", self.id, self.show());
    }

    /// Waits until it is completed.
    pub fn completed(&self) -> Value {
        let export = self.ended();
        assert_eq!(export["status"], "completed", "{export}");
        export
    }

    /// Waits until `is` holds of the object.
    pub fn until(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, || Some(self.show()).filter(|export| is(export)))
    }

    /// Downloads it with these headers.
    pub fn download(&self, headers: &[(&str, &str)]) -> Answer {
        self.api.get_with(&self.path("/download"), headers)
    }
}

/// Asks until there is an answer; fails after a minute. For states that only polling shows.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let given_up = std::time::Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(std::time::Instant::now() < given_up, "never seen: {what}");
        std::thread::yield_now();
        std::thread::park_timeout(Duration::from_millis(5));
    }
}

impl Answer {
    /// This answer, which has to have `status`.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        self.expect_one_of(&[status])
    }

    /// This answer, which has to have one of `statuses`.
    #[track_caller]
    pub fn expect_one_of(self, statuses: &[u16]) -> Self {
        assert!(
            statuses.contains(&self.status),
            "expected {statuses:?}, got {} {:?}\n{}",
            self.status,
            self.headers,
            String::from_utf8_lossy(&self.body[..self.body.len().min(2_000)])
        );
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// One text of the JSON body.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let json = self.json();
        let value = json.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {json}"));
        value.as_str().unwrap_or_else(|| panic!("{pointer} is no text in {json}")).to_owned()
    }

    /// The problem's code; checks the rest of the problem document on the way.
    #[track_caller]
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for member in ["type", "title", "detail", "instance", "timestamp", "correlationId"] {
            assert!(problem[member].is_string(), "no {member} in {problem}");
        }
        assert_eq!(problem["correlationId"], self.header("x-correlation-id"), "{problem}");
        self.text("/code")
    }

    /// The code of a problem as earlier systems told theirs; checks the rest of their envelope on the way.
    #[track_caller]
    pub fn older_code(&self) -> String {
        assert_eq!(self.header("content-type"), "application/json");
        let problem = self.json();
        assert_eq!(problem["status"], "error", "{problem}");
        for member in ["message", "timestamp", "correlationId"] {
            assert!(problem[member].is_string(), "no {member} in {problem}");
        }
        for member in ["type", "title", "detail", "instance"] {
            assert!(problem.get(member).is_none(), "{member} in {problem}");
        }
        assert_eq!(problem["correlationId"], self.header("x-correlation-id"), "{problem}");
        self.text("/code")
    }

    /// One header, empty when absent.
    pub fn header(&self, name: &str) -> String {
        self.headers.get(name).map(|value| value.to_str().expect("text").to_owned()).unwrap_or_default()
    }
}
