//! What handlers answer with. Statuses of success and their headers are decided here.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LINK, LOCATION, RETRY_AFTER, SET_COOKIE,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::transfer::{EntityTag, not_modified};

use super::body::{Body, Reply, empty, full};
use super::extract::Json;
use super::problem::Answer;

/// Something that is an answer.
pub trait IntoReply: Send {
    /// The answer.
    fn into_reply(self) -> Reply;
}

impl IntoReply for Reply {
    fn into_reply(self) -> Reply {
        self
    }
}

impl<T: IntoReply> IntoReply for Answer<T> {
    fn into_reply(self) -> Reply {
        match self {
            Ok(reply) => reply.into_reply(),
            Err(problem) => problem.into_reply(),
        }
    }
}

/// 200 and a document.
impl<T: Serialize + Send> IntoReply for Json<T> {
    fn into_reply(self) -> Reply {
        document(StatusCode::OK, "application/json", json(&self.0))
    }
}

/// 200 and bytes that are what they are.
pub struct Document {
    /// Their media type.
    pub media_type: &'static str,
    /// Themselves.
    pub bytes: Bytes,
}

impl IntoReply for Document {
    fn into_reply(self) -> Reply {
        document(StatusCode::OK, self.media_type, self.bytes)
    }
}

/// 202: it will be done. `Location` tells where to follow it, `Retry-After` when to look first.
pub struct Accepted<T> {
    /// Where it can be followed.
    pub location: String,
    /// When it will be worth a look, in seconds; `None` if it is done already.
    pub retry_after: Option<u64>,
    /// What it is now.
    pub body: T,
}

impl<T: Serialize + Send> IntoReply for Accepted<T> {
    fn into_reply(self) -> Reply {
        let mut reply = document(StatusCode::ACCEPTED, "application/json", json(&self.body));
        set(&mut reply, LOCATION, self.location);
        retry_after(&mut reply, self.retry_after);
        reply
    }
}

/// 201: it is made. `Location` tells where it is.
pub struct Created<T> {
    /// Where it is.
    pub location: String,
    /// What it is.
    pub body: T,
}

impl<T: Serialize + Send> IntoReply for Created<T> {
    fn into_reply(self) -> Reply {
        let mut reply = document(StatusCode::CREATED, "application/json", json(&self.body));
        set(&mut reply, LOCATION, self.location);
        reply
    }
}

/// 303: a form was sent, and what there is to see now is there.
pub struct SeeOther(pub &'static str);

impl IntoReply for SeeOther {
    fn into_reply(self) -> Reply {
        let mut reply = Reply::new(empty());
        *reply.status_mut() = StatusCode::SEE_OTHER;
        reply.headers_mut().insert(LOCATION, HeaderValue::from_static(self.0));
        reply
    }
}

/// A reply that also sets a cookie.
pub struct WithCookie<T> {
    /// The `Set-Cookie` line.
    pub cookie: HeaderValue,
    /// The reply.
    pub reply: T,
}

impl<T: IntoReply> IntoReply for WithCookie<T> {
    fn into_reply(self) -> Reply {
        let mut reply = self.reply.into_reply();
        reply.headers_mut().append(SET_COOKIE, self.cookie);
        reply
    }
}

/// 207: each part of the request has a result of its own in the document.
///
/// Source: RFC 4918 §11.1; as JSON, whose form is ours.
pub struct Multiple<T>(pub T);

impl<T: Serialize + Send> IntoReply for Multiple<T> {
    fn into_reply(self) -> Reply {
        document(StatusCode::MULTI_STATUS, "application/json", json(&self.0))
    }
}

/// 204: it is done, and there is nothing to say about it.
pub struct NoContent;

impl IntoReply for NoContent {
    fn into_reply(self) -> Reply {
        let mut reply = Reply::new(empty());
        *reply.status_mut() = StatusCode::NO_CONTENT;
        reply
    }
}

/// 200 and some of a listing's items, with the address of the next ones.
pub struct Page<T> {
    /// The document.
    pub body: T,
    /// Path and query of the next page, if there is one.
    pub next: Option<String>,
}

impl<T: Serialize + Send> IntoReply for Page<T> {
    fn into_reply(self) -> Reply {
        let mut reply = Json(self.body).into_reply();
        if let Some(next) = self.next {
            set(&mut reply, LINK, format!("<{next}>; rel=\"next\""));
        }
        reply
    }
}

/// 200 with a tag, or 304 for a caller who has the document so tagged. May be kept by the caller,
/// never used unasked: it changes while one looks.
pub struct Tagged<T> {
    /// Stands for what `body` says.
    pub tag: EntityTag,
    /// When it will be worth asking again, in seconds.
    pub retry_after: Option<u64>,
    /// The document.
    pub body: T,
}

impl<T: Serialize + Send> Tagged<T> {
    /// The answer to a request with these headers.
    pub fn answer(self, asked: &HeaderMap) -> Reply {
        if !not_modified(asked, &self.tag) {
            return self.changed();
        }
        let mut reply = Reply::new(empty());
        *reply.status_mut() = StatusCode::NOT_MODIFIED;
        self.described(reply)
    }

    /// The answer to a request that has made the document what it is now.
    pub fn changed(self) -> Reply {
        let reply = document(StatusCode::OK, "application/json", json(&self.body));
        self.described(reply)
    }

    fn described(&self, mut reply: Reply) -> Reply {
        set(&mut reply, ETAG, self.tag.to_string());
        set(&mut reply, CACHE_CONTROL, "private, no-cache");
        retry_after(&mut reply, self.retry_after);
        reply
    }
}

/// 200, or 503 for whoever only looks at the status, and the particulars.
pub struct Health<T> {
    /// Which of the two.
    pub is_well: bool,
    /// The particulars.
    pub body: T,
}

impl<T: Serialize + Send> IntoReply for Health<T> {
    fn into_reply(self) -> Reply {
        let status = if self.is_well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        document(status, "application/json", json(&self.body))
    }
}

/// 200 and a stream of server-sent events (HTML §9.2), which no proxy should hold back; or 204 when
/// there will be none, which tells a browser not to come back.
pub struct Events(pub Option<Body>);

impl IntoReply for Events {
    fn into_reply(self) -> Reply {
        let Some(body) = self.0 else { return NoContent.into_reply() };
        let mut reply = Reply::new(body);
        set(&mut reply, CONTENT_TYPE, "text/event-stream");
        set(&mut reply, CACHE_CONTROL, "no-store");
        set(&mut reply, HeaderName::from_static("x-accel-buffering"), "no");
        reply
    }
}

fn json(view: &impl Serialize) -> Bytes {
    serde_json::to_vec(view).expect("views are made of texts, numbers and lists").into()
}

fn document(status: StatusCode, media_type: &'static str, bytes: Bytes) -> Reply {
    let length = bytes.len() as u64;
    let mut reply = Reply::new(full(bytes));
    *reply.status_mut() = status;
    set(&mut reply, CONTENT_TYPE, media_type);
    set(&mut reply, CONTENT_LENGTH, length);
    reply
}

fn retry_after(reply: &mut Reply, seconds: Option<u64>) {
    if let Some(seconds) = seconds {
        set(reply, RETRY_AFTER, seconds);
    }
}

/// Our own addresses and words are always header values; were one not, it would be left out.
fn set(reply: &mut Reply, name: HeaderName, value: impl TryInto<HeaderValue>) {
    if let Ok(value) = value.try_into() {
        reply.headers_mut().insert(name, value);
    }
}
