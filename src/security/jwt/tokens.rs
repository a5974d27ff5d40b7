//! Checking and signing.

use std::sync::Arc;
use std::time::Duration;

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{EncodingKey, Header, decode, decode_header, encode};

use crate::clock::Clock;
use crate::domain::{Caller, Timestamp};
use crate::security::{CredentialError, Secret};

use super::Config;
use super::claims::{Claims, Presented, Rules};
use super::key::{Key, KeyError, shared};
use super::provider::{FetchKeys, NobodyFetches, Provider};

/// How far the clocks of whoever makes tokens and of this machine may be apart.
pub const SKEW: Duration = Duration::from_secs(60);

/// Checks tokens.
#[derive(Debug)]
pub struct Tokens {
    keys: Keys,
    rules: Rules,
}

#[derive(Debug)]
enum Keys {
    /// The only one, whatever a token calls it.
    One(Box<Key>),
    /// Those of a set, of which a token names one.
    Set(Arc<Provider>),
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
    /// Reads the key or the keys that `config` names; those that lie elsewhere, `fetcher` will
    /// fetch. Without one, the settings are merely looked at.
    ///
    /// # Errors
    /// When it names none, several, or one that should not be relied on.
    pub fn new(
        config: &Config,
        fetcher: Option<Arc<dyn FetchKeys>>,
        clock: &Clock,
    ) -> Result<Self, KeyError> {
        let origins = config.origins();
        if origins.len() > 1 {
            return Err(KeyError::Several(origins));
        }
        let keys = if let Some(secret) = &config.secret {
            Keys::One(Box::new(Key::secret(secret)?))
        } else if let Some(path) = &config.public_key_file {
            Keys::One(Box::new(Key::public(path)?))
        } else if let Some(path) = &config.jwks_file {
            let provider = Provider::in_file(path.clone());
            let named = |source| KeyError::NotAKeySet { path: path.clone(), source };
            Keys::Set(Arc::new(provider.map_err(named)?))
        } else if config.jwks_url.is_some() {
            let fetcher = fetcher.unwrap_or_else(|| Arc::new(NobodyFetches));
            Keys::Set(Arc::new(Provider::elsewhere(fetcher, clock.clone())))
        } else {
            return Err(KeyError::Missing);
        };
        Ok(Self { keys, rules: Rules::of(config) })
    }

    /// Checks tokens with the keys of a set, for whoever tries what can be made of either.
    ///
    /// # Errors
    /// When it is none.
    #[cfg(any(test, fuzzing))]
    pub fn of_set(text: &[u8]) -> Result<Self, super::JwksError> {
        let provider = Provider::elsewhere(Arc::new(NobodyFetches), Clock::system());
        provider.take(text)?;
        Ok(Self { keys: Keys::Set(Arc::new(provider)), rules: Rules::of(&Config::default()) })
    }

    /// Where the keys come from, if they can change.
    pub fn provider(&self) -> Option<&Arc<Provider>> {
        match &self.keys {
            Keys::One(_) => None,
            Keys::Set(provider) => Some(provider),
        }
    }

    /// The caller that `token` proves at `now` with the keys that are here.
    ///
    /// # Errors
    /// Why it proves nobody; [`CredentialError::UnknownKey`] when it names a key that is not here,
    /// [`CredentialError::Unavailable`] when there are none yet.
    ///
    /// Source: RFC 8725 §3.1 (algorithm), §3.8 (issuer), §3.9 (audience); RFC 7515 §4.1.11 (`crit`).
    pub fn prove(&self, token: &str, now: Timestamp) -> Result<Caller, CredentialError> {
        let provider = match &self.keys {
            Keys::One(key) => return self.checked(key, token, now),
            Keys::Set(provider) => provider,
        };
        let header = decode_header(token).map_err(|_| CredentialError::Malformed)?;
        let set = provider.set().ok_or(CredentialError::Unavailable)?;
        self.checked(set.find(header.kid.as_deref(), header.alg)?, token, now)
    }

    fn checked(&self, key: &Key, token: &str, now: Timestamp) -> Result<Caller, CredentialError> {
        let signed =
            decode::<Presented>(token, &key.checking, &key.validation).map_err(|error| {
                match error.kind() {
                    ErrorKind::InvalidAlgorithm => CredentialError::WrongAlgorithm,
                    ErrorKind::InvalidSignature => CredentialError::Forged,
                    _ => CredentialError::Malformed,
                }
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
