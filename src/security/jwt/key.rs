//! The key, and the one algorithm it is good for.

use std::fmt;
use std::path::{Path, PathBuf};

use jsonwebtoken::{Algorithm, DecodingKey, Validation};

use crate::security::signature::KeyFileError;

use super::Secret;
use super::jwks_error::JwksError;

/// RFC 7518 §3.2: a key of at least the hash's size.
const SHORTEST_SECRET: usize = 32;
/// An uncompressed point on P-256; P-384's is longer and is for ES384.
const P256_POINT: usize = 65;
/// The smallest PKCS#1 structure that holds a modulus of 2048 bits (RFC 7518 §3.3).
const SMALLEST_RSA_KEY: usize = 266;

/// Why no token could ever be checked.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Nothing is configured.
    #[error(
        "no key is configured: set auth.jwt.secret, .public_key_file, .jwks_file or .jwks_url, \
         or auth.signing_keys_file"
    )]
    Missing,
    /// A token would be checked with whichever its sender prefers.
    #[error("{} are both set: tokens have one kind of key", .0.join(" and "))]
    Several(Vec<&'static str>),
    /// Guessable by machine.
    #[error("auth.jwt.secret has {bytes} bytes; HS256 needs at least {SHORTEST_SECRET}")]
    SecretTooShort {
        /// How long it is.
        bytes: usize,
    },
    /// A public key used as a secret lets everyone who knows it sign (RFC 8725 §2.1).
    #[error("auth.jwt.secret is a PEM key: name its file in auth.jwt.public_key_file instead")]
    SecretIsAKey,
    /// The file cannot be read.
    #[error("auth.jwt.public_key_file {} cannot be read: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// What is not needed here must not lie here.
    #[error("auth.jwt.public_key_file {} holds a private key; give the public one", path.display())]
    PrivateKey {
        /// Which.
        path: PathBuf,
    },
    /// Not a key of the three kinds, or a weak one.
    #[error(
        "auth.jwt.public_key_file {} is not a PEM public key for RS256 (2048 bits or more), ES256 or EdDSA",
        path.display()
    )]
    NotAPublicKey {
        /// Which.
        path: PathBuf,
    },
    /// The file of keys has none that tokens could be checked with.
    #[error("auth.jwt.jwks_file {}: {source}", path.display())]
    NotAKeySet {
        /// Which.
        path: PathBuf,
        /// Why.
        source: JwksError,
    },
    /// The keys of machines.
    #[error(transparent)]
    Machines(#[from] KeyFileError),
}

/// A key together with the only algorithm that tokens may name: never chosen by a token.
pub(super) struct Key {
    pub algorithm: Algorithm,
    pub checking: DecodingKey,
    pub validation: Validation,
}

impl Key {
    pub fn new(algorithm: Algorithm, checking: DecodingKey) -> Self {
        let mut validation = Validation::new(algorithm);
        // The library would look at the machine's clock; ours can be moved, and also wants `exp`,
        // `iss` and `aud` to be there at all. `Presented::caller` judges them.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Self { algorithm, checking, validation }
    }

    pub fn secret(secret: &Secret) -> Result<Self, KeyError> {
        shared(secret).map(|bytes| Self::new(Algorithm::HS256, DecodingKey::from_secret(bytes)))
    }

    pub fn public(path: &Path) -> Result<Self, KeyError> {
        let pem =
            std::fs::read(path).map_err(|source| KeyError::Unreadable { path: path.to_owned(), source })?;
        if String::from_utf8_lossy(&pem).contains("PRIVATE KEY") {
            return Err(KeyError::PrivateKey { path: path.to_owned() });
        }
        let (algorithm, checking) =
            public_key(&pem).ok_or_else(|| KeyError::NotAPublicKey { path: path.to_owned() })?;
        Ok(Self::new(algorithm, checking))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.algorithm)
    }
}

/// The bytes of a secret that may be relied on.
pub(super) fn shared(secret: &Secret) -> Result<&[u8], KeyError> {
    let text = secret.expose();
    if text.trim_start().starts_with("-----BEGIN") {
        return Err(KeyError::SecretIsAKey);
    }
    if text.len() < SHORTEST_SECRET {
        return Err(KeyError::SecretTooShort { bytes: text.len() });
    }
    Ok(text.as_bytes())
}

/// The key in `pem` and what it is for, if it is of a strength that may be relied on.
fn public_key(pem: &[u8]) -> Option<(Algorithm, DecodingKey)> {
    let size = |key: &DecodingKey| key.try_get_as_bytes().map_or(0, <[u8]>::len);
    // The elliptic ones first: each reader refuses the others' keys, only RSA's is lenient.
    if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        return (size(&key) == P256_POINT).then_some((Algorithm::ES256, key));
    }
    if let Ok(key) = DecodingKey::from_ed_pem(pem) {
        return Some((Algorithm::EdDSA, key));
    }
    let key = DecodingKey::from_rsa_pem(pem).ok()?;
    (size(&key) >= SMALLEST_RSA_KEY).then_some((Algorithm::RS256, key))
}
