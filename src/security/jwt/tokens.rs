//! Checking and signing.

use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{EncodingKey, Header, Validation, decode, encode};

use crate::domain::{Caller, Timestamp};
use crate::security::{CredentialError, Secret};

use super::Config;
use super::claims::{Claims, Presented, Rules};
use super::key::{Key, KeyError, shared};

/// How far the clocks of whoever makes tokens and of this machine may be apart.
pub const SKEW: Duration = Duration::from_secs(60);

/// Checks tokens against one key.
#[derive(Debug)]
pub struct Tokens {
    key: Key,
    rules: Rules,
    validation: Validation,
}

/// Why a token cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// Nothing that such a secret signs could be trusted.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signer refused.
    #[error("the token could not be signed")]
    Failed(#[source] jsonwebtoken::errors::Error),
}

impl Tokens {
    /// Reads the key that `config` names.
    ///
    /// # Errors
    /// When it names none, two, or one that should not be relied on.
    pub fn new(config: &Config) -> Result<Self, KeyError> {
        let key = Key::of(config)?;
        let mut validation = Validation::new(key.algorithm);
        // The library would look at the machine's clock; ours can be moved, and also wants `exp`,
        // `iss` and `aud` to be there at all. `Presented::caller` judges them.
        validation.validate_exp = false;
        validation.validate_aud = false;
        validation.required_spec_claims.clear();
        Ok(Self { key, rules: Rules::of(config), validation })
    }

    /// The caller that `token` proves at `now`.
    ///
    /// # Errors
    /// Why it proves nobody.
    ///
    /// Source: RFC 8725 §3.1 (algorithm), §3.8 (issuer), §3.9 (audience); RFC 7515 §4.1.11 (`crit`).
    pub fn prove(&self, token: &str, now: Timestamp) -> Result<Caller, CredentialError> {
        let signed =
            decode::<Presented>(token, &self.key.checking, &self.validation).map_err(|error| match error
                .kind()
            {
                ErrorKind::InvalidAlgorithm => CredentialError::WrongAlgorithm,
                ErrorKind::InvalidSignature => CredentialError::Forged,
                _ => CredentialError::Malformed,
            })?;
        // No extension is understood here, so none may be critical.
        if signed.header.crit.is_some() {
            return Err(CredentialError::Malformed);
        }
        signed.claims.caller(&self.rules, now)
    }
}

/// Signs `claims` with HS256, for whoever checks with the same secret.
///
/// # Errors
/// [`SignError::Key`] when the secret is too weak to be relied on.
pub fn sign(secret: &Secret, claims: &Claims) -> Result<String, SignError> {
    let key = EncodingKey::from_secret(shared(secret)?);
    encode(&Header::default(), claims, &key).map_err(SignError::Failed)
}
