//! `Content-Digest` (RFC 9530): what a signature says of a body.

use aws_lc_rs::constant_time;
use sha2::{Digest, Sha256, Sha512};

use super::fault::SignatureFault;
use super::said_once::dictionary;

/// The digests of a body that are known here, one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentDigest {
    sha256: Option<Vec<u8>>,
    sha512: Option<Vec<u8>>,
}

impl ContentDigest {
    /// Reads the field. Algorithms that are not known here are passed over, as long as there is
    /// one that is.
    pub fn parse(field: &[u8]) -> Result<Self, SignatureFault> {
        let members = dictionary(field).ok_or(SignatureFault::MalformedDigest)?;
        let of = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(sfv::ListEntry::Item(item)) => item
                .bare_item
                .as_byte_sequence()
                .map(|bytes| Some(bytes.to_vec()))
                .ok_or(SignatureFault::MalformedDigest),
            Some(sfv::ListEntry::InnerList(_)) => Err(SignatureFault::MalformedDigest),
        };
        let found = Self { sha256: of("sha-256")?, sha512: of("sha-512")? };
        if found.sha256.is_none() && found.sha512.is_none() {
            return Err(SignatureFault::MalformedDigest);
        }
        Ok(found)
    }

    /// Whether these are the digests of `body`, each of them.
    pub fn is_of(&self, body: &[u8]) -> bool {
        let fits = |told: &Option<Vec<u8>>, is: &dyn Fn() -> Vec<u8>| {
            told.as_ref().is_none_or(|told| constant_time::verify_slices_are_equal(told, &is()).is_ok())
        };
        fits(&self.sha256, &|| Sha256::digest(body).to_vec())
            && fits(&self.sha512, &|| Sha512::digest(body).to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 9530, appendix D.1 and B.2: `{"hello": "world"}` and a line feed.
    const BODY: &[u8] = b"{\"hello\": \"world\"}\n";
    const SHA_256: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    const SHA_512: &str =
        "sha-512=:YMAam51Jz/jOATT6/zvHrLVgOYTGFy1d6GJiOHTohq4yP+pgk4vf2aCsyRZOtw8MjkM7iw7yZ/WkppmM44T3qg==:";

    #[test]
    fn every_known_digest_has_to_fit_and_one_has_to_be_known() {
        let is_of = |field: &str, body: &[u8]| {
            ContentDigest::parse(field.as_bytes()).map(|digest| digest.is_of(body))
        };
        for field in [SHA_256, SHA_512, &format!("{SHA_256}, {SHA_512}"), &format!("md5=:AAAA:, {SHA_256}")] {
            assert_eq!(is_of(field, BODY), Ok(true), "{field}");
            assert_eq!(is_of(field, b"{}"), Ok(false), "{field}");
        }
        let other = "sha-256=:AAAA:";
        assert_eq!(is_of(other, BODY), Ok(false));
        assert_eq!(is_of(&format!("{SHA_512}, {other}"), BODY), Ok(false));
        let twice = format!("{other}, {SHA_256}");
        for wrong in
            ["", "md5=:AAAA:", "sha-256=AAAA", "sha-256=(:AAAA:)", "sha-256", &twice, "sha-256=:A", "\u{e9}"]
        {
            assert_eq!(is_of(wrong, BODY), Err(SignatureFault::MalformedDigest), "{wrong}");
        }
    }
}
