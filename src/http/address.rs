//! Which address a request really came from, and to which one it was really sent.

use std::net::IpAddr;

use http::header::HOST;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, Uri};

use crate::config_units::Network;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Who is at the other end of the connection; the server puts it into a request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub IpAddr);

/// The address that a request from `peer` came from: `peer` itself, or, as long as we are told by
/// proxies we trust, the one they had it from.
///
/// Read from the end, because only there do our proxies write; whatever a client put in front
/// of that is hearsay.
pub fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let lines = headers.get_all(X_FORWARDED_FOR).iter().map(|line| line.to_str().unwrap_or_default());
    let told: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    let mut client = peer.to_canonical();
    for address in told.into_iter().rev() {
        let believed = trusted.iter().any(|network| network.contains(client));
        match address.parse::<IpAddr>() {
            Ok(address) if believed => client = address.to_canonical(),
            _ => break,
        }
    }
    client
}

/// By which address clients know this server, as far as that is settled.
#[derive(Debug, Clone)]
pub struct Addressing {
    public_url: Option<String>,
    trusted_proxies: Vec<Network>,
}

/// The address by which the client of a request knows this server: scheme and host, and whatever
/// a proxy puts before our paths. Empty when nobody told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnAddress(String);

impl OwnAddress {
    /// The whole address of `path`, which begins with a slash.
    pub fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl Addressing {
    /// `server.public_url` when it is set; otherwise what requests say, and for the `trusted_proxies`
    /// what was said to them.
    pub const fn new(public_url: Option<String>, trusted_proxies: Vec<Network>) -> Self {
        Self { public_url, trusted_proxies }
    }

    /// Of the server that a request with this head was sent to.
    pub fn own(&self, head: &Parts) -> OwnAddress {
        match &self.public_url {
            Some(url) => OwnAddress(url.trim_end_matches('/').to_owned()),
            None => self.asked(head),
        }
    }

    /// Whether the way from the client to here, or to the proxy in front, is one that nobody listens
    /// on: by https.
    pub fn is_secure(&self, head: &Parts) -> bool {
        let is_https = |address: OwnAddress| origin(&address.0).is_some_and(|(scheme, ..)| scheme == "https");
        is_https(self.own(head)) || is_https(self.asked(head))
    }

    /// Whether `text`, the origin of a page as its browser tells it, is this server's own: as
    /// everyone knows it, or as whoever sent this head does.
    ///
    /// Source: RFC 6454 §4, §7.
    pub fn is_own_origin(&self, text: &str, head: &Parts) -> bool {
        let told = origin(text);
        told.is_some() && (told == origin(&self.own(head).0) || told == origin(&self.asked(head).0))
    }

    /// What the request says that it was sent to.
    fn asked(&self, head: &Parts) -> OwnAddress {
        let peer = head.extensions.get::<Peer>().map(|peer| peer.0.to_canonical());
        let is_believed = peer.is_some_and(|peer| self.trusted_proxies.iter().any(|net| net.contains(peer)));
        let told = |name| last_word(&head.headers, name).filter(|_| is_believed);
        let scheme = match told(X_FORWARDED_PROTO) {
            Some(scheme) if scheme.eq_ignore_ascii_case("https") => "https",
            _ => "http",
        };
        let asked = || head.uri.authority().map(Authority::as_str).or_else(|| last_word(&head.headers, HOST));
        let host =
            told(X_FORWARDED_HOST).filter(|host| is_host(host)).or_else(asked).filter(|host| is_host(host));
        OwnAddress(host.map_or_else(String::new, |host| format!("{scheme}://{host}")))
    }
}

/// Scheme, host and port of an address.
fn origin(address: &str) -> Option<(String, String, u16)> {
    let url: Uri = address.parse().ok()?;
    let (scheme, authority) = (url.scheme_str()?.to_ascii_lowercase(), url.authority()?);
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let port = authority.port_u16().unwrap_or(usual);
    Some((scheme, authority.host().to_ascii_lowercase(), port))
}

/// The last of the words that a header lists: the one that the nearest proxy wrote.
fn last_word(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let line = headers.get_all(name).iter().next_back()?.to_str().ok()?;
    line.rsplit(',').next().map(str::trim).filter(|word| !word.is_empty())
}

fn is_host(text: &str) -> bool {
    text.parse::<Authority>().is_ok_and(|host| !host.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn network(text: &str) -> Network {
        text.parse().expect("a network")
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn only_trusted_proxies_tell_who_the_client_is() {
        let trusted = [network("127.0.0.0/8"), network("10.0.0.0/8")];
        for (peer, lines, client) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("::ffff:127.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("127.0.0.1", &["1.2.3.4, 198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            ("127.0.0.1", &["1.2.3.4", "198.51.100.1", "10.0.0.2"], "198.51.100.1"),
            ("127.0.0.1", &["unknown, 10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", &["2001:db8::1"], "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
            }
            assert_eq!(client_address(ip(peer), &headers, &trusted), ip(client), "{peer} {lines:?}");
        }
    }

    #[test]
    fn an_origin_is_our_own_when_it_is_the_one_that_was_asked_or_that_everyone_knows() {
        let judged = |public_url: Option<&str>, lines: &[(&'static str, &'static str)], text: &str| {
            let mut request = http::Request::new(());
            request.extensions_mut().insert(Peer(ip("127.0.0.1")));
            for (name, text) in lines {
                request.headers_mut().append(*name, HeaderValue::from_static(text));
            }
            let addressing = Addressing::new(public_url.map(Into::into), vec![network("127.0.0.0/8")]);
            let head = request.into_parts().0;
            (addressing.is_secure(&head), addressing.is_own_origin(text, &head))
        };
        let plain = [("host", "Files.example:8080")];
        assert_eq!(judged(None, &plain, "http://files.example:8080"), (false, true));
        for foreign in [
            "https://files.example:8080",
            "http://files.example",
            "http://evil.example:8080",
            "http://files.example.evil.example:8080",
            "null",
            "",
            "files.example:8080",
            "file:///etc",
        ] {
            assert_eq!(judged(None, &plain, foreign), (false, false), "{foreign}");
        }
        let proxied =
            [("host", "inner"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "out.example")];
        assert_eq!(judged(None, &proxied, "https://out.example:443"), (true, true));
        assert_eq!(judged(None, &proxied, "http://out.example"), (true, false));
        let public = Some("https://exports.example/e/");
        assert_eq!(judged(public, &plain, "https://exports.example"), (true, true));
        assert_eq!(judged(public, &plain, "http://files.example:8080"), (true, true), "as it was asked");
        assert_eq!(judged(Some("http://a.example"), &proxied, "http://a.example"), (true, true));
        assert_eq!(judged(None, &[], "http://a.example"), (false, false));
    }

    #[test]
    fn a_server_is_known_by_its_public_url_or_by_what_was_asked_or_by_what_its_proxy_was_asked() {
        let known_as = |public_url: Option<&str>, peer: &str, lines: &[(&'static str, &'static str)]| {
            let mut request = http::Request::new(());
            request.extensions_mut().insert(Peer(ip(peer)));
            for (name, text) in lines {
                request.headers_mut().append(*name, HeaderValue::from_static(text));
            }
            let addressing = Addressing::new(public_url.map(Into::into), vec![network("127.0.0.0/8")]);
            addressing.own(&request.into_parts().0).of("/d/x")
        };
        let host = ("host", "files.example:8080");
        let proxied = [host, ("x-forwarded-proto", "https"), ("x-forwarded-host", "out.example")];
        assert_eq!(known_as(None, "203.0.113.9", &[host]), "http://files.example:8080/d/x");
        assert_eq!(known_as(None, "127.0.0.1", &proxied), "https://out.example/d/x");
        assert_eq!(known_as(None, "203.0.113.9", &proxied), "http://files.example:8080/d/x", "hearsay");
        assert_eq!(known_as(None, "127.0.0.1", &proxied[..2]), "https://files.example:8080/d/x");
        for nonsense in ["a b", "u@out.example", "out.example/x", ""] {
            let lines = [host, ("x-forwarded-host", nonsense), ("x-forwarded-proto", "gopher")];
            assert_eq!(known_as(None, "127.0.0.1", &lines), "http://files.example:8080/d/x", "{nonsense}");
        }
        assert_eq!(known_as(None, "127.0.0.1", &[]), "/d/x", "a path is right wherever one came from");
        assert_eq!(known_as(Some("https://e.example/x/"), "127.0.0.1", &proxied), "https://e.example/x/d/x");
    }
}
