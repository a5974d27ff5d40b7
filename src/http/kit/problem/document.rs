//! The shape of a problem.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::codes;
use crate::domain::Timestamp;
use crate::http::kit::body::{Reply, empty};
use crate::http::kit::fields::FieldFault;
use crate::http::kit::reply::IntoReply;

/// What a handler comes to.
pub type Answer<T> = Result<T, Problem>;

/// A situation that became an answer. Written down ([`Problem::document`]) only once the request's
/// own particulars are at hand; until then it travels in its reply's extensions.
// Boxed, because every `Result` of a handler has room for one.
#[derive(Debug, Clone)]
pub struct Problem(Box<Particulars>);

/// The code of the problem that a reply is, in its extensions: stays there when the problem is
/// written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemCode(pub &'static str);

#[derive(Debug, Clone)]
struct Particulars {
    status: StatusCode,
    code: &'static str,
    detail: String,
    headers: HeaderMap,
    errors: Vec<FieldFault>,
    more: Map<String, Value>,
}

impl Problem {
    /// A problem of this status. `code` is for programs and never changes its meaning; `detail`
    /// tells a person what to do next.
    pub(super) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        debug_assert!(
            codes::code(code).is_some_and(|known| known.status == status),
            "{code} ({status}) is missing in codes.rs, which the API's document lists"
        );
        Self(Box::new(Particulars {
            status,
            code,
            detail: detail.into(),
            headers: HeaderMap::new(),
            errors: Vec::new(),
            more: Map::new(),
        }))
    }

    /// The same with a member of its own.
    pub(super) fn with(mut self, name: &'static str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).expect("members are texts, numbers and times");
        self.0.more.insert(name.to_owned(), value);
        self
    }

    /// The same with every fault of the body or the query.
    pub(super) fn with_errors(mut self, errors: Vec<FieldFault>) -> Self {
        self.0.errors = errors;
        self
    }

    /// The same with a header. A value that is no header's value is left out.
    pub(super) fn header(mut self, name: HeaderName, value: impl TryInto<HeaderValue>) -> Self {
        if let Ok(value) = value.try_into() {
            self.0.headers.insert(name, value);
        }
        self
    }

    /// The same with these headers.
    pub(super) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers = headers;
        self
    }

    /// The same, to be tried again in `seconds`.
    pub(super) fn retry_after(self, seconds: u64) -> Self {
        self.header(http::header::RETRY_AFTER, seconds)
    }

    /// The word for programs.
    pub const fn code(&self) -> &'static str {
        self.0.code
    }

    /// The status.
    pub const fn status(&self) -> StatusCode {
        self.0.status
    }

    /// For people.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// What its reply carries beside it.
    pub(super) fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// Every fault of the body or the query.
    pub fn errors(&self) -> &[FieldFault] {
        &self.0.errors
    }

    /// Its own members.
    pub(super) fn more(&self) -> &Map<String, Value> {
        &self.0.more
    }

    /// The document for a request of `instance`, a path, that is called `correlation_id`.
    pub fn document(&self, instance: &str, correlation_id: &str, at: Timestamp) -> Bytes {
        let Particulars { status, code, detail, errors, more, .. } = &*self.0;
        let document = ProblemDocument {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail,
            instance,
            code,
            timestamp: at,
            correlation_id,
            errors,
            more,
        };
        serde_json::to_vec(&document).expect("texts and numbers are JSON").into()
    }
}

impl IntoReply for Problem {
    fn into_reply(self) -> Reply {
        let mut reply = Reply::new(empty());
        *reply.status_mut() = self.0.status;
        *reply.headers_mut() = self.0.headers.clone();
        reply.extensions_mut().insert(ProblemCode(self.code()));
        reply.extensions_mut().insert(self);
        reply
    }
}

/// A problem on the wire (RFC 9457 §3).
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Problem)]
pub struct ProblemDocument<'p> {
    /// `about:blank`: `code` says it all.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    kind: &'p str,
    /// The status in words.
    title: &'p str,
    /// The status.
    status: u16,
    /// For people: what happened and what to do next.
    detail: &'p str,
    /// The path that was asked for.
    instance: &'p str,
    /// For programs; never changes its meaning.
    #[schema(example = "PACKAGE_EXPIRED")]
    code: &'p str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    timestamp: Timestamp,
    /// Names this request in the server's log.
    correlation_id: &'p str,
    /// Every offending field, for `VALIDATION_FAILED`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    errors: &'p [FieldFault],
    /// What else this code tells.
    #[serde(flatten)]
    #[schema(value_type = Object)]
    more: &'p Map<String, Value>,
}
