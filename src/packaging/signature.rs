//! Who says that a manifest is right.

use serde_json::{Map, Value};

use crate::security::{ED25519_NAME, PublicKeys, Signer};

use super::canonical::canonical;
use super::manifest::{Manifest, Signature};

/// The member of a manifest that everything but itself is signed by.
const MEMBER: &str = "signature";

/// What can be said of a manifest's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signed {
    /// By that key, and not a character was changed since.
    By(String),
    /// By nobody.
    ByNobody,
    /// By a key that is not among those that are trusted.
    ByStranger(String),
    /// Not by the key that it names, or something was changed since.
    Wrongly(String),
}

impl Manifest {
    /// The same, signed.
    ///
    /// # Panics
    /// Never: its numbers are sizes of files, and no disk holds one of 2^53 bytes.
    #[must_use]
    pub fn signed(mut self, signer: &Signer) -> Self {
        self.signature = None;
        let Ok(Value::Object(members)) = serde_json::to_value(&self) else {
            unreachable!("a manifest is an object");
        };
        let message = canonical(&members).expect("no file has 2^53 bytes");
        self.signature = Some(Signature {
            algorithm: ED25519_NAME.to_owned(),
            key_id: signer.public().key_id.clone(),
            value: signer.sign(&message),
        });
        self
    }
}

/// What can be said of the signature of the manifest `json`, all of whose members count, known
/// or not; `None` if it is no manifest.
pub fn signed_by(json: &[u8], keys: &PublicKeys) -> Option<Signed> {
    // A member that is there twice would be two things to two readers; our own reader refuses it.
    let manifest: Manifest = serde_json::from_slice(json).ok()?;
    let mut members: Map<String, Value> = serde_json::from_slice(json).ok()?;
    members.remove(MEMBER);
    let Some(Signature { algorithm, key_id, value }) = manifest.signature else {
        return Some(Signed::ByNobody);
    };
    let Some(key) = keys.find(&key_id) else { return Some(Signed::ByStranger(key_id)) };
    let is_right = algorithm == ED25519_NAME
        && canonical(&members).is_ok_and(|message| key.has_signed(&message, &value));
    Some(if is_right { Signed::By(key_id) } else { Signed::Wrongly(key_id) })
}
