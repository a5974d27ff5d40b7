//! What is to be downloaded, and by what right.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use http::{HeaderValue, Uri};
use sha2::{Digest, Sha256 as Hasher};

use crate::cli::client::{Base, Origin, shown_address};
use crate::domain::{ExportId, Sha256};
use crate::security::Secret;

/// Why something is no address of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Neither an export's id nor a URL.
    #[error("`{0}` is neither an export's id nor an http:// or https:// address")]
    Unknown(String),
    /// `https://user:password@host/…`
    #[error("an address with a password in it would be seen by everybody; use --password-file")]
    HasCredentials,
}

/// A package's address. It prints without what only its holder should know.
#[derive(Clone)]
pub struct Address {
    uri: Uri,
    origin: Origin,
    kind: Kind,
    credential: Option<HeaderValue>,
    /// There is a token, and it is not for this server.
    token_kept: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    /// An export, and where its state is told.
    Export(Uri),
    /// `/d/{token}`: who has the address may.
    Link,
    /// Any other address.
    Other,
}

impl Address {
    /// Where `what`, an export's id or an address, lies. Ids are of the server at `base`, and only
    /// to that origin is `token` ever sent; `password` only to a link.
    ///
    /// # Errors
    /// As the variants of [`AddressError`] say.
    pub fn of(
        what: &str,
        base: &Base,
        token: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<Self, AddressError> {
        if let Ok(id) = what.parse::<ExportId>() {
            let uri = base.address(&format!("/api/v1/exports/{id}/download"));
            return Self::at(uri, base.origin(), token, password);
        }
        let unknown = || AddressError::Unknown(shown_address(what));
        let uri: Uri = what.parse().map_err(|_| unknown())?;
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err(AddressError::HasCredentials);
        }
        Self::at(uri, base.origin(), token, password).map_err(|_| unknown())
    }

    fn at(
        uri: Uri,
        ours: &Origin,
        token: Option<&str>,
        password: Option<&Secret>,
    ) -> Result<Self, AddressError> {
        let origin = Origin::of(&uri).ok_or_else(|| AddressError::Unknown(String::new()))?;
        let (uri, kind) = recognised(uri);
        let is_ours = origin == *ours;
        let credential = match kind {
            Kind::Link => password.map(|password| basic(password.expose())),
            Kind::Export(_) | Kind::Other => token.filter(|_| is_ours).map(|token| format!("Bearer {token}")),
        };
        let credential = credential.and_then(|text| HeaderValue::try_from(text).ok()).map(|mut value| {
            value.set_sensitive(true);
            value
        });
        let token_kept = token.is_some() && !is_ours && kind != Kind::Link;
        Ok(Self { uri, origin, kind, credential, token_kept })
    }

    /// The same package at another address of the same origin.
    pub fn moved(&self, uri: Uri) -> Self {
        Self { uri, ..self.clone() }
    }

    /// The whole address, for nobody but its server.
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Whose it is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Where the server tells how far the export is, if that is known.
    pub fn status(&self) -> Option<&Uri> {
        match &self.kind {
            Kind::Export(status) => Some(status),
            Kind::Link | Kind::Other => None,
        }
    }

    /// What proves that the caller may.
    pub fn credential(&self) -> Option<&HeaderValue> {
        self.credential.as_ref()
    }

    /// Why the server may not have known the caller, if it could be for us.
    pub fn hint(&self) -> &'static str {
        match (&self.credential, &self.kind) {
            (None, Kind::Link) => "; if the link has a password, give it by --password-file",
            (None, _) if self.token_kept => {
                "; the token was not sent, as it is for another server: name this one by --server"
            }
            (None, _) => "; give a token by EXPORTD_TOKEN or --token-file",
            (Some(_), _) => "",
        }
    }

    /// What tells this address from others without telling it.
    pub fn identity(&self) -> Sha256 {
        Sha256(Hasher::digest(self.uri.to_string()).into())
    }

    /// The end of the path, as a name that the file could have; not that of a link, which is a
    /// secret.
    pub fn last_step(&self) -> Option<&str> {
        match self.kind {
            Kind::Other => self.uri.path().rsplit('/').next(),
            Kind::Export(_) | Kind::Link => None,
        }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({self})")
    }
}

/// Without the token of a link and without any query.
impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = match self.kind {
            Kind::Link => self.uri.path().rsplit_once('/').map_or("", |(before, _)| before).to_owned() + "/…",
            Kind::Export(_) | Kind::Other => self.uri.path().to_owned(),
        };
        write!(f, "{}{path}", self.origin)
    }
}

/// What an address is by its path; the address of an export becomes that of its package.
fn recognised(uri: Uri) -> (Uri, Kind) {
    let path = uri.path().trim_end_matches('/');
    let steps: Vec<&str> = path.rsplitn(3, '/').collect();
    if let [_token, "d", _] = steps[..] {
        return (uri, Kind::Link);
    }
    let export = path.strip_suffix("/download").unwrap_or(path);
    let id = export.rsplit_once("/api/v1/exports/").and_then(|(_, id)| id.parse::<ExportId>().ok());
    match id.and_then(|_| Some((with_path(&uri, &format!("{export}/download"))?, with_path(&uri, export)?))) {
        Some((package, status)) => (package, Kind::Export(status)),
        None => (uri, Kind::Other),
    }
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = path.parse().ok();
    Uri::from_parts(parts).ok()
}

/// HTTP's own way to send a password; a link's has no user (RFC 7617 §2).
fn basic(password: &str) -> String {
    format!("Basic {}", BASE64.encode(format!(":{password}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";

    fn address(what: &str) -> Result<Address, AddressError> {
        let base = "https://exports.example/sub".parse().expect("a server");
        Address::of(what, &base, Some("token"), Some(&Secret::new("hush")))
    }

    fn credential(what: &str) -> Option<String> {
        let address = address(what).expect("an address");
        address.credential.map(|value| value.to_str().expect("text").to_owned())
    }

    #[test]
    fn an_id_and_every_way_to_write_its_address_are_one_package() {
        let package = format!("https://exports.example/sub/api/v1/exports/{ID}/download");
        for what in [
            ID.to_owned(),
            package.clone(),
            format!("https://exports.example/sub/api/v1/exports/{ID}"),
            format!("https://exports.example/sub/api/v1/exports/{ID}/"),
        ] {
            let address = address(&what).expect("an address");
            assert_eq!(address.uri.to_string(), package, "{what}");
            assert_eq!(address.status().map(|uri| uri.path().ends_with(ID)), Some(true), "{what}");
        }
    }

    #[test]
    fn the_token_is_for_its_own_server_and_the_password_for_links() {
        let bearer = Some("Bearer token".to_owned());
        assert_eq!(credential(ID), bearer);
        assert_eq!(credential("https://EXPORTS.example:443/x.zip"), bearer);
        for stranger in
            ["http://exports.example/x.zip", "https://exports.example:8443/x", "https://evil.example/x"]
        {
            assert_eq!(credential(stranger), None, "{stranger}");
            assert!(address(stranger).expect("an address").hint().contains("not sent"), "{stranger}");
        }
        assert_eq!(credential("https://exports.example/d/aaaa"), Some("Basic Omh1c2g=".to_owned()));
        assert_eq!(credential("https://elsewhere.example/sub/d/aaaa"), Some("Basic Omh1c2g=".to_owned()));
    }

    #[test]
    fn a_links_token_is_never_shown() {
        let link = address("https://exports.example/d/sesame?x=sesame").expect("an address");
        assert_eq!(link.to_string(), "https://exports.example/d/…");
        assert!(!format!("{link:?} {}", link.identity()).contains("sesame"));
        assert_eq!(link.last_step(), None);
        let other = address("https://elsewhere.example/a/x.zip?key=sesame").expect("an address");
        assert_eq!(
            (other.to_string().as_str(), other.last_step()),
            ("https://elsewhere.example/a/x.zip", Some("x.zip"))
        );
        assert_ne!(link.identity(), other.identity());
    }

    #[test]
    fn what_is_no_address_is_told() {
        for what in ["", "shop.zip", "ftp://host/x", "/d/token", "http://"] {
            assert_eq!(address(what).err(), Some(AddressError::Unknown(what.to_owned())), "{what}");
        }
        assert_eq!(address("https://ada:pw@host/x").err(), Some(AddressError::HasCredentials));
    }
}
