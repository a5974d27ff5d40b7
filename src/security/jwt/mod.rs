//! JSON Web Tokens (RFC 7519), as RFC 8725 wants them read: one algorithm for each key, an expiry.

mod claims;
mod jwk;
mod jwks;
mod jwks_error;
mod key;
mod provider;
mod schedule;
#[cfg(test)]
mod set_tests;
#[cfg(test)]
pub mod test_keys;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Secret;

pub use claims::{Claims, expiry_of};
pub use jwks::KeySet;
pub use jwks_error::JwksError;
pub use key::KeyError;
pub use provider::{FetchKeys, Fetched};
pub use tokens::{SKEW, SignError, Tokens, sign};

/// `auth.jwt.*` of the settings: exactly one origin of keys, and what else a token must say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// HS256: at least 32 bytes that only token makers and exportd know.
    pub secret: Option<Secret>,
    /// RS256, ES256 or EdDSA, whichever the PEM public key in this file is for.
    pub public_key_file: Option<PathBuf>,
    /// RS256, ES256 and EdDSA: a JWK Set (RFC 7517), read again when it changes.
    pub jwks_file: Option<PathBuf>,
    /// Where an identity provider publishes its JWK Set.
    pub jwks_url: Option<String>,
    /// The `iss` that tokens must carry, when set.
    pub issuer: Option<String>,
    /// The `aud` that tokens must name, when set.
    pub audience: Option<String>,
}

impl Config {
    /// Which of the origins of keys are set.
    pub fn origins(&self) -> Vec<&'static str> {
        let all = [
            ("auth.jwt.secret", self.secret.is_some()),
            ("auth.jwt.public_key_file", self.public_key_file.is_some()),
            ("auth.jwt.jwks_file", self.jwks_file.is_some()),
            ("auth.jwt.jwks_url", self.jwks_url.is_some()),
        ];
        all.into_iter().filter(|(_, is_set)| *is_set).map(|(name, _)| name).collect()
    }
}
