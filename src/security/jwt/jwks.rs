//! A set of keys (RFC 7517 §5), of which a token names one.

use std::fmt;

use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

use crate::security::CredentialError;

use super::jwk::{Jwk, Unusable};
use super::jwks_error::JwksError;
use super::key::Key;

/// More keys than any provider has at a time.
const MOST: usize = 100;
/// The longest name of a key that is repeated in the log, in characters.
const LONGEST_TOLD: usize = 64;

/// The keys of a provider, each with its one algorithm.
pub struct KeySet {
    keys: Vec<Named>,
    /// What is wrong with the keys that nobody can use, in words for the log.
    pub passed_over: Vec<String>,
}

struct Named {
    kid: Option<String>,
    key: Key,
}

#[derive(Deserialize)]
struct Text {
    keys: Vec<Value>,
}

impl KeySet {
    /// Reads a set. Keys that nobody can use are passed over: providers publish keys for other
    /// uses and of later algorithms in the same set (RFC 7517 §5).
    ///
    /// # Errors
    /// [`JwksError`] when it is none, or without a key to check tokens with.
    pub fn parse(text: &[u8]) -> Result<Self, JwksError> {
        let Text { keys: all } = serde_json::from_slice(text).map_err(|_| JwksError::NotASet)?;
        let mut set = Self { keys: Vec::new(), passed_over: Vec::new() };
        for (index, value) in all.iter().take(MOST).enumerate() {
            if let Err(why) = set.take(value) {
                set.passed_over.push(format!("{}: {why}", name_of(value, index)));
            }
        }
        if set.keys.is_empty() {
            return Err(JwksError::NoneUsable { keys: all.len(), passed_over: set.passed_over });
        }
        Ok(set)
    }

    fn take(&mut self, value: &Value) -> Result<(), Unusable> {
        let jwk = Jwk::deserialize(value).map_err(|_| Unusable::NotAKey)?;
        let named = Named { kid: jwk.kid().map(str::to_owned), key: jwk.key()? };
        let is_twin = |other: &Named| {
            named.kid.is_some() && other.kid == named.kid && other.key.algorithm == named.key.algorithm
        };
        if self.keys.iter().any(is_twin) {
            return Err(Unusable::Twin);
        }
        self.keys.push(named);
        Ok(())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Never: a set without keys is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key that a token's header asks for: that of its `kid`, or, when it names none, the only
    /// one of its algorithm.
    ///
    /// # Errors
    /// [`CredentialError::UnknownKey`] when there is none, or several; `WrongAlgorithm` when the
    /// key of that name is for another.
    pub(super) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<&Key, CredentialError> {
        let of_algorithm = |named: &&Named| named.key.algorithm == algorithm;
        let mut called = self.keys.iter().filter(|named| kid.is_none() || named.kid.as_deref() == kid);
        let mut fitting = called.clone().filter(of_algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Ok(&only.key),
            (None, _) if kid.is_some() && called.next().is_some() => Err(CredentialError::WrongAlgorithm),
            _ => Err(CredentialError::UnknownKey),
        }
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kids = self.keys.iter().map(|named| named.kid.as_deref().unwrap_or("-"));
        f.debug_list().entries(kids).finish()
    }
}

/// What a key is called in the log.
fn name_of(value: &Value, index: usize) -> String {
    match value.get("kid").and_then(Value::as_str) {
        Some(kid) => format!("{:?}", kid.chars().take(LONGEST_TOLD).collect::<String>()),
        None => format!("number {}", index + 1),
    }
}
