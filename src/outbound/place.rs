//! Where one may ask.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::Uri;

/// An address that may be asked: `https`, or `http` on this very machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place(Uri);

/// Why a text is no such address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not asked: write https://…, or http://127.0.0.1:PORT/… on this machine, without a user")]
pub struct NotAPlace;

impl Place {
    /// The whole address.
    pub(super) fn uri(&self) -> &Uri {
        &self.0
    }
}

impl FromStr for Place {
    type Err = NotAPlace;

    fn from_str(text: &str) -> Result<Self, NotAPlace> {
        let uri: Uri = text.parse().map_err(|_| NotAPlace)?;
        let authority = uri.authority().ok_or(NotAPlace)?;
        let may_be_asked = match uri.scheme_str() {
            Some("https") => !authority.host().is_empty(),
            Some("http") => is_this_machine(authority.host()),
            _ => false,
        };
        let has_user = authority.as_str().contains('@');
        if may_be_asked && !has_user { Ok(Self(uri)) } else { Err(NotAPlace) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_asked_over_tls_only() {
        for place in [
            "https://sso.example/keys",
            "https://sso.example:8443/keys?p=B2C_1",
            "http://127.0.0.1:9000/jwks.json",
            "http://127.1.2.3/",
            "http://[::1]:9000/",
            "http://localhost/keys",
        ] {
            assert_eq!(place.parse::<Place>().map(|place| place.to_string()).as_deref(), Ok(place));
        }
        for wrong in [
            "http://sso.example/keys",
            "http://10.0.0.1/keys",
            "http://localhost.example/",
            "http://127.0.0.1@sso.example/",
            "https://me:pw@sso.example/",
            "ftp://sso.example/",
            "file:///etc/passwd",
            "/keys",
            "sso.example",
            "",
        ] {
            assert_eq!(wrong.parse::<Place>(), Err(NotAPlace), "{wrong}");
        }
    }
}
