//! A request's particulars: what it is called, where it came from, what it was about.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use uuid::Uuid;

use crate::domain::{Origin, Timestamp};
use crate::otel::Span;

use super::address::{Peer, client_address};
use super::kit::{Answer, Call, Earlier, FromCall, Problem, Reply, full};
use crate::config_units::Network;

/// The header that names a request, ours and theirs.
pub const X_CORRELATION_ID: HeaderName = HeaderName::from_static("x-correlation-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// What the nginx in front says of itself: `on` or `failed`. It lets no client's word through.
const X_EXPORTD_ACCEL: HeaderName = HeaderName::from_static("x-exportd-accel");

/// What the proxy that a request came through does for packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proxy {
    /// Nothing but passing on; or there is none.
    Passes,
    /// It is an nginx that sends what is handed over to it.
    Sends,
    /// It was handed this very request's package, and could not read it.
    CouldNot,
}

/// What is told of a request wherever it is spoken of. In every request's extensions.
#[derive(Debug, Clone)]
pub struct Asked {
    /// As sent, or made.
    pub correlation_id: Arc<str>,
    /// W3C Trace Context, as sent if well-formed.
    pub traceparent: Option<String>,
    /// How long it took, where that is traced.
    pub span: Span,
    /// The path, as sent; the token of a link is hidden in it.
    pub path: String,
    /// The client's, past proxies that are believed.
    pub address: IpAddr,
    /// The proxy it came through.
    pub proxy: Proxy,
}

impl Asked {
    /// The particulars of `request`, of whose senders the `trusted` ones may speak for others.
    pub fn about<B>(request: &Request<B>, trusted: &[Network]) -> Self {
        let headers = request.headers();
        let peer = request.extensions().get::<Peer>().map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0);
        Self {
            correlation_id: the_only(headers, X_CORRELATION_ID)
                .filter(|id| is_correlation_id(id))
                .map_or_else(|| Uuid::now_v7().to_string().into(), Into::into),
            traceparent: the_only(headers, TRACEPARENT).filter(|text| is_traceparent(text)).map(Into::into),
            span: Span::default(),
            path: without_token(request.uri().path()),
            address: client_address(peer, headers, trusted),
            proxy: proxy(peer, headers, trusted),
        }
    }

    /// The particulars of the request with this `head`.
    pub fn of(head: &Parts) -> &Self {
        head.extensions.get().expect("the outermost layer puts it there")
    }

    /// The id as a header's value.
    pub fn correlation_header(&self) -> HeaderValue {
        HeaderValue::try_from(&*self.correlation_id).expect("an id is letters, digits, `.`, `_` and `-`")
    }
}

impl<S: Send> FromCall<S> for Asked {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        Ok(Self::of(&call.parts).clone())
    }
}

impl<S: Send> FromCall<S> for Origin {
    async fn from_call(call: &mut Call<S>) -> Answer<Self> {
        let asked = Asked::from_call(call).await?;
        let traceparent = asked.span.traceparent().or(asked.traceparent);
        Ok(Self { correlation_id: asked.correlation_id.to_string(), traceparent })
    }
}

/// Writes down the problem that `reply` carries, if it carries one: in the envelope that whoever asked
/// knows by the path that was asked for.
pub fn write_down(reply: &mut Reply, asked: &Asked, at: Timestamp) {
    let Some(problem) = reply.extensions_mut().remove::<Problem>() else { return };
    let (media_type, document) = match Earlier::of(&asked.path) {
        None => ("application/problem+json", problem.document(&asked.path, &asked.correlation_id, at)),
        Some(earlier) => ("application/json", problem.older_document(earlier, &asked.correlation_id, at)),
    };
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(document.len()));
    *reply.body_mut() = full(document);
}

/// Only a proxy that is believed may say that it sends files; to anybody else an answer without
/// its bytes would be no answer.
fn proxy(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Proxy {
    let is_believed = trusted.iter().any(|network| network.contains(peer.to_canonical()));
    match the_only(headers, X_EXPORTD_ACCEL) {
        Some("on") if is_believed => Proxy::Sends,
        Some("failed") if is_believed => Proxy::CouldNot,
        _ => Proxy::Passes,
    }
}

/// Whoever reads a problem, or a log, does not get a link along with it.
fn without_token(path: &str) -> String {
    if path.starts_with("/d/") { "/d/***".to_owned() } else { path.to_owned() }
}

fn the_only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    }
}

fn is_correlation_id(text: &str) -> bool {
    (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// `{version}-{trace}-{parent}-{flags}` in lower-case hexadecimal; a later version may go on after
/// another `-`.
///
/// Source: W3C Trace Context §3.2.2, §4.3.
fn is_traceparent(text: &str) -> bool {
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    let parts: Vec<&str> = text.splitn(5, '-').collect();
    let [version, trace, parent, flags, later @ ..] = parts.as_slice() else { return false };
    let nothing = |part: &str| part.bytes().all(|b| b == b'0');
    hex(version, 2)
        && *version != "ff"
        && (later.is_empty() || *version != "00")
        && text.len() <= 256
        && hex(trace, 32)
        && !nothing(trace)
        && hex(parent, 16)
        && !nothing(parent)
        && hex(flags, 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(ids: &[&'static str]) -> Asked {
        let mut request = Request::new(());
        for id in ids {
            request.headers_mut().append(X_CORRELATION_ID, HeaderValue::from_static(id));
        }
        Asked::about(&request, &[])
    }

    #[test]
    fn a_correlation_id_is_kept_if_it_is_harmless_and_made_otherwise() {
        assert_eq!(&*named(&["build-7.retry_2"]).correlation_id, "build-7.retry_2");
        let long = "x".repeat(129).leak();
        for wrong in [&["a b"][..], &[""], &["a\"b"], &["a", "b"], &[long], &[]] {
            let made = named(wrong).correlation_id;
            assert_eq!(made.parse::<Uuid>().map(|id| id.get_version_num()), Ok(7), "{wrong:?}");
        }
    }

    #[test]
    fn only_a_proxy_that_is_believed_is_handed_packages() {
        let proxies = [Network::LOCAL[0]];
        for (peer, lines, proxy) in [
            ("127.0.0.1", &["on"][..], Proxy::Sends),
            ("::ffff:127.0.0.1", &["on"], Proxy::Sends),
            ("127.0.0.1", &["failed"], Proxy::CouldNot),
            ("127.0.0.1", &["off"], Proxy::Passes),
            ("127.0.0.1", &["on", "on"], Proxy::Passes),
            ("127.0.0.1", &[], Proxy::Passes),
            ("203.0.113.9", &["on"], Proxy::Passes),
        ] {
            let mut request = Request::new(());
            request.extensions_mut().insert(Peer(peer.parse().expect("an address")));
            for line in lines {
                request.headers_mut().append(X_EXPORTD_ACCEL, HeaderValue::from_static(line));
            }
            assert_eq!(Asked::about(&request, &proxies).proxy, proxy, "{peer} {lines:?}");
        }
    }

    #[test]
    fn the_token_of_a_link_is_not_told_wherever_its_path_is() {
        for (path, told) in [
            ("/d/K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols", "/d/***"),
            ("/d/a/b", "/d/***"),
            ("/docs", "/docs"),
            ("/api/v1/exports/d/x", "/api/v1/exports/d/x"),
        ] {
            let mut request = Request::new(());
            *request.uri_mut() = path.parse().expect("a path");
            assert_eq!(Asked::about(&request, &[]).path, told);
        }
    }

    #[test]
    fn a_traceparent_is_believed_only_when_well_formed() {
        let right = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        assert!(is_traceparent(right));
        assert!(is_traceparent(&format!("cc{}-what-will-be", &right[2..])));
        for wrong in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        ] {
            assert!(!is_traceparent(wrong), "{wrong}");
        }
    }
}
