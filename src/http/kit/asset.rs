//! Files that a browser makes a page of: the same for everybody, until another version is installed.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use sha2::Digest;

use crate::domain::Sha256;
use crate::transfer::{EntityTag, not_modified};

use super::body::{Reply, empty};
use super::reply::{Document, IntoReply};

/// A file that is part of the program.
#[derive(Debug)]
pub struct Asset {
    /// Its media type.
    pub media_type: &'static str,
    /// What it may load and run, where it is a page (CSP Level 3); `None` leaves the house's rule:
    /// nothing.
    pub policy: Option<&'static str>,
    bytes: Bytes,
    tag: EntityTag,
}

impl Asset {
    /// The file of these bytes.
    pub fn new(media_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        let bytes = bytes.into();
        let tag = EntityTag::strong(&Sha256(sha2::Sha256::digest(&bytes).into()));
        Self { media_type, policy: None, bytes, tag }
    }

    /// The same as a page that may do what `policy` says.
    #[must_use]
    pub fn under(self, policy: &'static str) -> Self {
        Self { policy: Some(policy), ..self }
    }

    /// The answer to a request with these headers: the file, or 304 for who has it. It may be kept, and
    /// is asked after each time: the next version has the same addresses.
    pub fn answer(&self, asked: &HeaderMap) -> Reply {
        let mut reply = if not_modified(asked, &self.tag) {
            let mut reply = Reply::new(empty());
            *reply.status_mut() = StatusCode::NOT_MODIFIED;
            reply
        } else {
            Document { media_type: self.media_type, bytes: self.bytes.clone() }.into_reply()
        };
        let headers = reply.headers_mut();
        let tag = HeaderValue::try_from(self.tag.to_string()).expect("a tag is a header value");
        headers.insert(ETAG, tag);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        if let Some(policy) = self.policy {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        }
        reply
    }
}
