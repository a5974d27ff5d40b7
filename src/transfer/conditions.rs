//! Preconditions, in the order that RFC 9110 gives them.

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName, Method};

use super::{EntityTag, HttpDate, Representation};

/// What the preconditions of a request say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Go on as if there were none.
    Proceed,
    /// The caller has these very bytes.
    NotModified,
    /// The caller wants other bytes than these, or none at all.
    Failed,
}

/// Whether a caller who sent `headers` already has the document tagged `tag`, and 304 is the
/// whole answer. For documents that change: `If-None-Match` in its weak comparison, nothing else.
pub fn not_modified(headers: &HeaderMap, tag: &EntityTag) -> bool {
    tag.weakly_in(headers, IF_NONE_MATCH) == Some(true)
}

/// Whether a caller who sent `headers` wants the document tagged `tag` changed: `If-Match`, so that
/// nobody overwrites what they have not seen.
///
/// Source: RFC 9110 §13.1.1.
pub fn may_change(headers: &HeaderMap, tag: &EntityTag) -> bool {
    tag.strongly_in(headers, IF_MATCH) != Some(false)
}

/// Steps 1 to 4 of the precedence: tags before dates, "is it still this one" before "do I have
/// it already".
///
/// Source: RFC 9110 §13.2.2.
pub(super) fn judge(method: &Method, headers: &HeaderMap, representation: &Representation) -> Verdict {
    let Representation { etag, last_modified, .. } = representation;
    let reads = matches!(*method, Method::GET | Method::HEAD);
    let unmodified = || the_date(headers, IF_UNMODIFIED_SINCE).is_none_or(|since| *last_modified <= since);
    let has_date =
        || reads && the_date(headers, IF_MODIFIED_SINCE).is_some_and(|since| *last_modified <= since);

    if !etag.strongly_in(headers, IF_MATCH).unwrap_or_else(unmodified) {
        return Verdict::Failed;
    }
    match etag.weakly_in(headers, IF_NONE_MATCH).unwrap_or_else(has_date) {
        false => Verdict::Proceed,
        true if reads => Verdict::NotModified,
        true => Verdict::Failed,
    }
}

/// Step 5: whether a range asked for is a range of these bytes.
///
/// Equal or not, never newer or older: a resume must not splice two packages. A date is a strong
/// validator here, because the package behind an address never changes once it is there
/// (§8.8.2.2); two lines of what should be one say nothing that could be relied on.
///
/// Source: RFC 9110 §13.1.5.
pub(super) fn range_applies(headers: &HeaderMap, representation: &Representation) -> bool {
    let mut lines = headers.get_all(IF_RANGE).iter();
    match (lines.next(), lines.next()) {
        (None, _) => true,
        (Some(_), Some(_)) => false,
        (Some(only), None) => only.to_str().is_ok_and(|only| {
            representation.etag.strongly_is(only)
                || HttpDate::parse(only) == Some(representation.last_modified)
        }),
    }
}

/// The date in the only line called `name`. Two lines are a list, and a list is no date.
fn the_date(headers: &HeaderMap, name: HeaderName) -> Option<HttpDate> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(only), None) => HttpDate::parse(only.to_str().ok()?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_poll_that_has_the_document_is_told_so() {
        let tag = EntityTag::weak(7);
        for (sent, told) in [
            (vec![], false),
            (vec!["W/\"7\""], true),
            (vec!["\"7\""], true),
            (vec!["\"8\"", "\"6\", W/\"7\""], true),
            (vec!["*"], true),
            (vec!["\"8\""], false),
            (vec!["7"], false),
        ] {
            let mut headers = HeaderMap::new();
            for line in &sent {
                headers.append(IF_NONE_MATCH, HeaderValue::from_static(line));
            }
            assert_eq!(not_modified(&headers, &tag), told, "{sent:?}");
        }
    }
}
