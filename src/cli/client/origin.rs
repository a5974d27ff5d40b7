//! Who is asked: what a credential may be told to, and nobody else.

use std::fmt;
use std::str::FromStr;

use http::Uri;
use http::uri::{PathAndQuery, Scheme};

use crate::cli::plain::plain;

/// Scheme, host and port: a credential for one is none for any other.
///
/// Source: RFC 6454 §4.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: Scheme,
    /// Lower case; IPv6 in brackets.
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an address; `None` unless it is `http` or `https`, with a host.
    pub fn of(uri: &Uri) -> Option<Self> {
        let scheme = uri.scheme().filter(|scheme| default_port(scheme).is_some())?.clone();
        let host = uri.host().filter(|host| !host.is_empty())?.to_ascii_lowercase();
        let port = match uri.port_u16() {
            Some(port) => port,
            // A colon with a number that is no port must not become the usual one.
            None if has_port(uri) => return None,
            None => default_port(&scheme)?,
        };
        Some(Self { scheme, host, port })
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }
}

/// Written without the port that goes without saying.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        if default_port(&self.scheme) == Some(self.port) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn default_port(scheme: &Scheme) -> Option<u16> {
    match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

fn has_port(uri: &Uri) -> bool {
    let host_and_port = uri.authority().map_or("", |authority| authority.as_str());
    let after_host = host_and_port.rsplit(['@', ']']).next().unwrap_or_default();
    after_host.rsplit_once(':').is_some_and(|(_, port)| !port.is_empty())
}

/// What somebody gave as an address, fit for a terminal and for logs: whatever may be a user and
/// a password is left out, even where it is no address at all.
pub fn shown_address(text: &str) -> String {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => plain(&format!("{scheme}***@{host}")).into_owned(),
        None => plain(text).into_owned(),
    }
}

/// Why a text is no server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not reached: write it as http://HOST:PORT or https://HOST, without user, password or query")]
pub struct BaseError;

/// A server: its origin, and the path that its own paths go behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    origin: Origin,
    /// Starts with a slash, does not end with one, or is empty.
    prefix: String,
    /// As it was written.
    authority: String,
}

impl Base {
    /// Who it is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The whole address of the server's own `path`, which begins with a slash.
    pub fn address(&self, path: &str) -> Uri {
        let whole = format!("{}://{}{}{path}", self.origin.scheme, self.authority, self.prefix);
        whole.parse().expect("paths are made of ids and constants")
    }
}

impl FromStr for Base {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let uri: Uri = text.parse().map_err(|_| BaseError)?;
        let origin = Origin::of(&uri).ok_or(BaseError)?;
        let authority = uri.authority().ok_or(BaseError)?.as_str();
        let asks_more = uri.path_and_query().and_then(PathAndQuery::query).is_some();
        if asks_more || authority.contains('@') {
            return Err(BaseError);
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { origin, prefix, authority: authority.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_password_is_not_shown_however_it_is_written() {
        for (text, shown) in [
            ("http://ada:pw@host:1/x", "http://***@host:1/x"),
            ("ada:pw@host", "***@host"),
            ("https://ada:p/w@x@host", "https://***@host"),
            ("pw://@://@host", "pw://***@host"),
            ("http://host/x\u{1b}", "http://host/x\\u{1b}"),
            ("ftp://host", "ftp://host"),
        ] {
            assert_eq!(shown_address(text), shown);
        }
    }

    #[test]
    fn an_origin_is_the_same_however_it_is_written() {
        let origin = |text: &str| Origin::of(&text.parse().expect("an address"));
        assert_eq!(origin("http://Exports.Example/x?y"), origin("http://exports.example:80"));
        assert_eq!(origin("https://[::1]/x"), origin("https://[::1]:443"));
        for other in ["https://exports.example", "http://exports.example:8080", "http://exports.example.evil"]
        {
            assert_ne!(origin("http://exports.example"), origin(other), "{other}");
        }
        for none in ["ftp://exports.example", "/only/a/path", "http://exports.example:99999"] {
            assert_eq!(none.parse().ok().and_then(|uri| Origin::of(&uri)), None, "{none}");
        }
        assert_eq!(
            origin("https://Exports.example:443").expect("one").to_string(),
            "https://exports.example"
        );
        assert_eq!(origin("http://[::1]:8080").expect("one").to_string(), "http://[::1]:8080");
    }

    #[test]
    fn a_server_may_live_behind_a_path() {
        let address = |base: &str| base.parse::<Base>().expect("a server").address("/d/x").to_string();
        assert_eq!(address("http://127.0.0.1:8080"), "http://127.0.0.1:8080/d/x");
        assert_eq!(address("http://[::1]:8080/"), "http://[::1]:8080/d/x");
        assert_eq!(address("https://host/exports/"), "https://host/exports/d/x");
        for wrong in
            ["127.0.0.1:8080", "host", "ftp://host", "http://ada:pw@host", "http://host/?x", "http://"]
        {
            assert_eq!(wrong.parse::<Base>(), Err(BaseError), "{wrong}");
        }
    }
}
