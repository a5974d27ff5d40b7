//! One key of a set (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2).

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;

use super::key::Key;

/// Bytes of a modulus of 2048 bits (RFC 7518 §3.3), and of 8192, beyond which checking a signature
/// would be work for an attacker to make.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// Bytes of a public exponent: nearly everybody's is 65537, in three.
const EXPONENT: std::ops::RangeInclusive<usize> = 1..=4;

/// The members that matter here. Others, such as certificates, are passed over.
#[derive(Debug, Deserialize)]
pub struct Jwk {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    used_for: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
    d: Option<serde::de::IgnoredAny>,
}

/// Why a key of a set is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Its members are not those of a key.
    #[error("it is no JWK")]
    NotAKey,
    /// Whoever checks with it can sign with it, too.
    #[error("it is a symmetric key; a secret has its place in auth.jwt.secret")]
    Symmetric,
    /// Whoever reads the set can sign with it.
    #[error("its private half is in the set, so that anybody can sign with it")]
    Private,
    /// `use` or `key_ops`.
    #[error("it is not for checking signatures")]
    OtherUse,
    /// `kty`, `crv` or `alg`.
    #[error("it is for another algorithm than RS256, ES256 and EdDSA")]
    OtherAlgorithm,
    /// A short RSA key, or numbers that are no key.
    #[error("it is too weak, or its numbers are none of a key")]
    Weak,
    /// Another key of the set has its name and its algorithm.
    #[error("another key has its kid")]
    Twin,
}

impl Jwk {
    /// The name by which tokens ask for it.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The key, with the one algorithm that it is for.
    pub(super) fn key(&self) -> Result<Key, Unusable> {
        if self.kty == "oct" {
            return Err(Unusable::Symmetric);
        }
        if self.d.is_some() {
            return Err(Unusable::Private);
        }
        let verifies = self.key_ops.as_ref().is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !verifies || self.used_for.as_ref().is_some_and(|used_for| used_for != "sig") {
            return Err(Unusable::OtherUse);
        }
        let (algorithm, names): (_, &[&str]) = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => (Algorithm::RS256, &["RS256"]),
            ("EC", Some("P-256")) => (Algorithm::ES256, &["ES256"]),
            // The second name is that of RFC 9864.
            ("OKP", Some("Ed25519")) => (Algorithm::EdDSA, &["EdDSA", "Ed25519"]),
            _ => return Err(Unusable::OtherAlgorithm),
        };
        if self.alg.as_ref().is_some_and(|alg| !names.contains(&alg.as_str())) {
            return Err(Unusable::OtherAlgorithm);
        }
        let checking = match algorithm {
            Algorithm::RS256 => self.rsa(),
            Algorithm::ES256 => self.p256(),
            _ => self.ed25519(),
        };
        checking.map(|checking| Key::new(algorithm, checking)).ok_or(Unusable::Weak)
    }

    fn rsa(&self) -> Option<DecodingKey> {
        let (n, e) = (number(self.n.as_ref()?)?, number(self.e.as_ref()?)?);
        let is_odd = |number: &[u8]| number.last().is_some_and(|last| last % 2 == 1);
        let bits_of_first = n.first().map_or(0, |first| 8 - first.leading_zeros() as usize);
        let is_strong = MODULUS.contains(&n.len()) && (n.len() - 1) * 8 + bits_of_first >= 2048;
        if !is_strong || !EXPONENT.contains(&e.len()) || !is_odd(&n) || !is_odd(&e) || e == [1] {
            return None;
        }
        Some(DecodingKey::from_rsa_raw_components(&n, &e))
    }

    fn p256(&self) -> Option<DecodingKey> {
        let (x, y) = (bytes::<32>(self.x.as_ref()?)?, bytes::<32>(self.y.as_ref()?)?);
        let point = [&[4][..], &x, &y].concat();
        // Whether the point is on the curve.
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &point).ok()?;
        Some(DecodingKey::from_ec_der(&point))
    }

    fn ed25519(&self) -> Option<DecodingKey> {
        let point = bytes::<32>(self.x.as_ref()?)?;
        ParsedPublicKey::new(&ED25519, point).ok()?;
        Some(DecodingKey::from_ed_der(&point))
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    BASE64URL.decode(text).ok()?.try_into().ok()
}

/// A number (RFC 7518 §2, Base64urlUInt); the zeros that some put before it are taken away.
fn number(text: &str) -> Option<Vec<u8>> {
    let bytes = BASE64URL.decode(text).ok()?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Some(bytes[zeros..].to_vec())
}
