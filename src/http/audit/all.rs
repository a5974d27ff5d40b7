//! All entries that are meant, as a file.

use std::io;

use futures_util::stream::unfold;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use tracing::Span;

use crate::app::Stretches;
use crate::domain::Timestamp;
use crate::http::kit::Reply;

use super::Form;

/// A reply with all of `stretches`, of which never more than one is in memory. If the database goes
/// away in the middle, so does the connection: a file that ends properly has everything.
pub fn all(stretches: Stretches, form: Form, at: Timestamp) -> Reply {
    // The body is read after its request was answered, but what happens to it is still its story.
    let request = Span::current();
    let beginning = Some(form.beginning()).filter(|beginning| !beginning.is_empty());
    let frames = unfold(Some((stretches, beginning)), move |left| {
        let request = request.clone();
        async move {
            let (mut stretches, beginning) = left?;
            if let Some(beginning) = beginning {
                return Some((Ok(Frame::data(beginning)), Some((stretches, None))));
            }
            match stretches.next().await {
                Ok(records) if records.is_empty() => None,
                Ok(records) => Some((Ok(Frame::data(form.lines(&records))), Some((stretches, None)))),
                Err(error) => {
                    request.in_scope(|| tracing::error!(%error, "reading the audit broke off"));
                    Some((Err(io::Error::other(error)), None))
                }
            }
        }
    });
    let mut reply = Reply::new(StreamBody::new(frames).boxed_unsync());
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(form.media_type()));
    let disposition = format!("attachment; filename=\"audit-{}.{}\"", at.date(), form.as_str());
    headers.insert(CONTENT_DISPOSITION, disposition.try_into().expect("a day and a word are visible ASCII"));
    reply
}
