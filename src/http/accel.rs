//! Handing a package over to the nginx in front, which then sends its bytes.
//!
//! Such an answer has no body and every header. nginx throws its status and most of its headers
//! away, opens the file, and answers by itself; `nginx/snippets/exportd-packages.conf` puts the
//! headers back by name (`$upstream_http_…`). Only answers are handed over that come out the same.

use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE, HeaderName, RANGE,
};
use http::request::Parts;
use http::{HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::app::{Desk, DownloadConfig, Mode};
use crate::ledger::Ticket;
use crate::transfer::{self, nginx_agrees};

use super::asked::{Asked, Proxy};
use super::kit::Reply;

const X_ACCEL_REDIRECT: HeaderName = HeaderName::from_static("x-accel-redirect");
const X_ACCEL_LIMIT_RATE: HeaderName = HeaderName::from_static("x-accel-limit-rate");
/// Comes back in nginx's report, or with the request when nginx cannot send; never reaches a client.
const X_EXPORTD_TICKET: HeaderName = HeaderName::from_static("x-exportd-ticket");

/// What nginx would keep even when it cannot open the file and has to ask again: under other
/// names, so that the second answer does not get the first one's headers too.
const RENAMED: [(HeaderName, HeaderName); 3] = [
    (CACHE_CONTROL, HeaderName::from_static("x-exportd-cache-control")),
    (CONTENT_DISPOSITION, HeaderName::from_static("x-exportd-content-disposition")),
    (ACCEPT_RANGES, HeaderName::from_static("x-exportd-accept-ranges")),
];

/// What stays as it is in a URI's path.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// Bytes per second for one response that nginx sends; 0 is without limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speed(u64);

/// How fast nginx is to send the bytes of `answer` to the request with this `head`, for a package
/// of `length` bytes; `None` when exportd sends them.
///
/// A total for the node is shared between all downloads, and a download's between its
/// connections: that can only be done where all of it passes. So nginx is handed nothing where
/// there is a total, and where there is a limit for one download, only what is asked for as a
/// whole: ranges may be of one download with others.
pub fn speed(config: &DownloadConfig, head: &Parts, answer: &transfer::Answer, length: u64) -> Option<Speed> {
    let proxy = head.extensions.get::<Asked>().map_or(Proxy::Passes, |asked| asked.proxy);
    if config.mode == Mode::Direct || proxy != Proxy::Sends {
        return None;
    }
    let is_shared =
        config.total_rate_limit.is_some() || config.rate_limit.is_some() && head.headers.contains_key(RANGE);
    if is_shared || !nginx_agrees(&head.method, &head.headers, answer, length) {
        return None;
    }
    Some(Speed(config.rate_limit.unwrap_or(0)))
}

/// Whether the request with this `head` is nginx's second, because it could not send what it was
/// handed for the first.
pub fn is_again(head: &Parts) -> bool {
    head.extensions.get::<Asked>().is_some_and(|asked| asked.proxy == Proxy::CouldNot)
}

/// If the request with this `head` is nginx's second, because it could not send what it was handed
/// for the first, says so to whom it matters.
pub fn take_back(desk: &Desk, head: &Parts) {
    if !is_again(head) {
        return;
    }
    desk.metrics().hand_backs.inc();
    tracing::warn!("nginx cannot read a package; sent by exportd itself. `exportd nginx check` tells why");
    let ticket = head.headers.get(X_EXPORTD_TICKET).and_then(|ticket| ticket.to_str().ok()?.parse().ok());
    if let Some(ticket) = ticket {
        desk.downloads().came_back(&ticket);
    }
}

/// Where nginx finds the bytes of a reply that has none. Travels in the reply's extensions.
#[derive(Debug, Clone)]
pub struct HandedOver {
    uri: HeaderValue,
    ticket: HeaderValue,
    speed: Speed,
}

impl HandedOver {
    /// The package at `place` below `storage.root` is nginx's to send.
    pub fn new(config: &DownloadConfig, place: &str, ticket: &Ticket, speed: Speed) -> Self {
        let uri = format!("{}{}", config.accel_prefix, utf8_percent_encode(place, KEPT));
        let value = |text: String| HeaderValue::try_from(text).expect("a path in ASCII, a ticket in base64");
        Self { uri: value(uri), ticket: value(ticket.to_string()), speed }
    }
}

/// Writes down that `reply` is nginx's to send, if it is; the last thing that is done to it.
pub fn write_down(reply: &mut Reply) {
    let Some(HandedOver { uri, ticket, speed }) = reply.extensions_mut().remove::<HandedOver>() else {
        return;
    };
    let is_part = reply.status() == StatusCode::PARTIAL_CONTENT;
    let headers = reply.headers_mut();
    headers.remove(CONTENT_RANGE);
    if !is_part {
        // nginx says so by itself, but not with a part.
        headers.remove(ACCEPT_RANGES);
    }
    for (name, carried) in RENAMED {
        if let Some(value) = headers.remove(name) {
            headers.insert(carried, value);
        }
    }
    // No body; told, because nginx keeps its connection to us only then.
    headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
    headers.insert(X_ACCEL_REDIRECT, uri);
    headers.insert(X_EXPORTD_TICKET, ticket);
    if speed.0 > 0 {
        headers.insert(X_ACCEL_LIMIT_RATE, HeaderValue::from(speed.0));
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use http::header::{CONTENT_TYPE, ETAG};
    use http::{Method, Request};

    use super::*;
    use crate::domain::{Sha256, Timestamp};
    use crate::http::kit::empty;
    use crate::transfer::{PackageFacts, answer};

    const LENGTH: u64 = 1_000;

    fn head(range: Option<&'static str>, proxy: Proxy) -> Parts {
        let (mut head, ()) = Request::new(()).into_parts();
        head.headers.extend(range.map(|range| (RANGE, HeaderValue::from_static(range))));
        head.extensions.insert(Asked {
            correlation_id: "x".into(),
            traceparent: None,
            span: crate::otel::Span::default(),
            path: "/".to_owned(),
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            proxy,
        });
        head
    }

    fn answered(head: &Parts) -> transfer::Answer {
        let at = Timestamp::from_millis(784_111_777_123);
        let package = PackageFacts {
            checksum: Sha256([7; 32]),
            size: LENGTH,
            file_name: "shop.zip",
            media_type: "application/zip",
            completed_at: at,
            expires_at: at,
        };
        answer(&Method::GET, &head.headers, &package, at)
    }

    fn config() -> DownloadConfig {
        DownloadConfig { mode: Mode::Accel, ..DownloadConfig::default() }
    }

    fn chosen(config: &DownloadConfig, range: Option<&'static str>, proxy: Proxy) -> Option<u64> {
        let head = head(range, proxy);
        speed(config, &head, &answered(&head), LENGTH).map(|speed| speed.0)
    }

    #[test]
    fn nginx_sends_when_it_is_there_and_nothing_has_to_be_shared() {
        let limited = DownloadConfig { rate_limit: Some(5_000), ..config() };
        let shared = DownloadConfig { total_rate_limit: Some(5_000), ..config() };
        for (config, range, proxy, expected) in [
            (&config(), None, Proxy::Sends, Some(0)),
            (&config(), Some("bytes=0-9"), Proxy::Sends, Some(0)),
            (&config(), Some("bytes=0-9,500-599"), Proxy::Sends, None),
            (&config(), None, Proxy::Passes, None),
            (&config(), None, Proxy::CouldNot, None),
            (&DownloadConfig::default(), None, Proxy::Sends, None),
            (&limited, None, Proxy::Sends, Some(5_000)),
            (&limited, Some("bytes=7-"), Proxy::Sends, None),
            (&limited, Some("bytes=0-9"), Proxy::Sends, None),
            (&shared, None, Proxy::Sends, None),
        ] {
            assert_eq!(chosen(config, range, proxy), expected, "{config:?} {range:?} {proxy:?}");
        }
    }

    fn written(range: Option<&'static str>) -> Reply {
        let answered = answered(&head(range, Proxy::Sends));
        let mut reply = Reply::new(empty());
        (*reply.status_mut(), *reply.headers_mut()) = (answered.status, answered.headers);
        let (ledger, _reader) = crate::ledger::Ledger::open(crate::clock::Clock::system());
        let ticket = ledger.hand_over(sending());
        reply.extensions_mut().insert(HandedOver::new(&config(), "ab/größe 1.zip", &ticket, Speed(9)));
        write_down(&mut reply);
        reply
    }

    fn sending() -> crate::ledger::Sending {
        let to = crate::domain::Receiver {
            user: "ada".parse().expect("a user id"),
            link: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            agent: None,
        };
        let export = crate::domain::ExportId::new();
        crate::ledger::Sending {
            export,
            to,
            download: None,
            reserved: None,
            size: Some(LENGTH),
            planned: Vec::new(),
            by: None,
        }
    }

    #[test]
    fn what_is_handed_over_says_where_and_nothing_that_nginx_would_say_twice() {
        let reply = written(None);
        let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().expect("text"));
        assert_eq!(header("x-accel-redirect"), Some("/_packages/ab/gr%C3%B6%C3%9Fe%201.zip"));
        assert_eq!(header("x-accel-limit-rate"), Some("9"));
        assert_eq!(header("content-length"), Some("0"));
        assert!(header("x-exportd-ticket").is_some_and(|ticket| !ticket.is_empty()));
        assert!(header("x-exportd-content-disposition").is_some_and(|name| name.contains("shop.zip")));
        for kept in [ETAG, CONTENT_TYPE] {
            assert!(reply.headers().contains_key(&kept), "{kept}");
        }
        for doubled in [ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION] {
            assert!(!reply.headers().contains_key(&doubled), "{doubled}");
        }
        assert_eq!(header("x-exportd-accept-ranges"), None);
    }

    #[test]
    fn a_part_says_that_there_are_ranges_because_nginx_does_not() {
        let reply = written(Some("bytes=0-9"));
        assert_eq!(reply.headers()["x-exportd-accept-ranges"], "bytes");
        assert!(!reply.headers().contains_key(CONTENT_RANGE));
    }
}
