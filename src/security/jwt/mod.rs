//! JSON Web Tokens (RFC 7519), as RFC 8725 wants them read: one key, one algorithm, an expiry.

mod claims;
mod key;
#[cfg(test)]
pub mod test_keys;
#[cfg(test)]
mod tests;
mod tokens;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Secret;

pub use claims::{Claims, expiry_of};
pub use key::KeyError;
pub use tokens::{SKEW, SignError, Tokens, sign};

/// `auth.jwt.*` of the settings: exactly one key, and what else a token must say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// HS256: at least 32 bytes that only token makers and exportd know.
    pub secret: Option<Secret>,
    /// RS256, ES256 or EdDSA, whichever the PEM public key in this file is for.
    pub public_key_file: Option<PathBuf>,
    /// The `iss` that tokens must carry, when set.
    pub issuer: Option<String>,
    /// The `aud` that tokens must name, when set.
    pub audience: Option<String>,
}
