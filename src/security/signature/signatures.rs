//! Checking signed requests.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use crate::domain::{Caller, Sha256, Timestamp, UserId};

use super::base::base;
use super::digest::ContentDigest;
use super::fault::SignatureFault;
use super::key_file::{self, KeyFileError};
use super::keys::MachineKeys;
use super::message::Message;
use super::presented::Presented;

/// How old a signature may be, and how far ahead its maker's clock.
pub const WINDOW: Duration = Duration::from_secs(300);

const ON_BEHALF_OF: &str = "x-on-behalf-of";

/// Checks signatures with the keys of a file.
#[derive(Debug)]
pub struct Signatures {
    path: PathBuf,
    current: RwLock<Current>,
}

#[derive(Debug)]
struct Current {
    keys: Arc<MachineKeys>,
    /// Of what they were read from.
    digest: Sha256,
    /// What is wrong with the file by now.
    fault: Option<KeyFileError>,
}

/// A request whose head is what the owner of a key signed. It proves its caller once its body
/// fits and its nonce is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    caller: Caller,
    key: String,
    nonce: String,
    created: Timestamp,
    good_until: Timestamp,
    digest: Option<ContentDigest>,
}

impl Signatures {
    /// Reads the keys in the file `path`.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        let (keys, digest) = key_file::read(path)?;
        let current = Current { keys: Arc::new(keys), digest, fault: None };
        Ok(Self { path: path.to_owned(), current: RwLock::new(current) })
    }

    /// Reads the file again; with what is wrong in it, the keys stay those that they were. For
    /// where waiting for a disk harms nobody.
    pub fn read_again(&self) {
        let read = key_file::read(&self.path);
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        match read {
            Ok((_, digest)) if digest == current.digest => current.fault = None,
            Ok((keys, digest)) => {
                tracing::info!(keys = keys.len(), "the keys of machines are read anew");
                *current = Current { keys: Arc::new(keys), digest, fault: None };
            }
            Err(error) if current.fault.as_ref() == Some(&error) => {}
            Err(error) => {
                tracing::error!(%error, "the keys of machines stay as they were");
                current.fault = Some(error);
            }
        }
    }

    /// What `message` proves at `now`.
    ///
    /// # Errors
    /// Why it proves nobody.
    ///
    /// Source: RFC 9421 §3.2, §7.2.
    pub fn check(&self, message: &Message<'_>, now: Timestamp) -> Result<Signed, SignatureFault> {
        let keys = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner).keys);
        let presented = Presented::of(message, |id| keys.contains_key(id))?;
        let key = keys.get(&presented.key).ok_or(SignatureFault::NotOneKnown { known: 0 })?;
        is_in_time(&presented, now)?;
        covers_enough(&presented, message)?;
        let base = base(message, &presented.components, &presented.parameters)?;
        if !key.has_signed(&base, &presented.bytes) {
            return Err(SignatureFault::Forged);
        }
        let is_covered = presented.components.has("content-digest");
        let digest = message.field("content-digest").filter(|_| is_covered);
        Ok(Signed {
            caller: key.caller(on_behalf_of(message)?)?,
            created: presented.created,
            good_until: presented.created.plus(WINDOW),
            digest: digest.map(|field| ContentDigest::parse(&field)).transpose()?,
            key: presented.key,
            nonce: presented.nonce,
        })
    }
}

impl Signed {
    /// Whether `body` is what was signed with this head: one that no digest is of is empty.
    ///
    /// # Errors
    /// [`SignatureFault::OtherBody`], [`SignatureFault::DoesNotCover`].
    pub fn has_body(&self, body: &[u8]) -> Result<(), SignatureFault> {
        match &self.digest {
            Some(digest) if digest.is_of(body) => Ok(()),
            Some(_) => Err(SignatureFault::OtherBody),
            None if body.is_empty() => Ok(()),
            None => Err(SignatureFault::DoesNotCover("content-digest")),
        }
    }

    /// The name of the key that signed.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What no other request of this key may have.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// When it was signed, by the signer's clock.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Until when the nonce has to be remembered: after that, the signature is too old anyway.
    pub fn good_until(&self) -> Timestamp {
        self.good_until
    }

    /// Who calls, now that body and nonce are right.
    pub fn into_caller(self) -> Caller {
        self.caller
    }
}

fn is_in_time(presented: &Presented, now: Timestamp) -> Result<(), SignatureFault> {
    let created = presented.created;
    if now > created.plus(WINDOW) || created > now.plus(WINDOW) {
        return Err(SignatureFault::OutsideWindow { created });
    }
    match presented.expires {
        Some(at) if now >= at => Err(SignatureFault::Expired { at }),
        _ => Ok(()),
    }
}

/// What a signature does not cover, anybody on the way may change.
fn covers_enough(presented: &Presented, message: &Message<'_>) -> Result<(), SignatureFault> {
    let needed = [
        ("@method", true),
        ("@target-uri", true),
        (ON_BEHALF_OF, message.has(ON_BEHALF_OF)),
        ("content-digest", message.has("content-digest")),
    ];
    match needed.into_iter().find(|(name, is_needed)| *is_needed && !presented.components.has(name)) {
        Some((name, _)) => Err(SignatureFault::DoesNotCover(name)),
        None => Ok(()),
    }
}

/// The user that the only `X-On-Behalf-Of` names, if there is one.
fn on_behalf_of(message: &Message<'_>) -> Result<Option<UserId>, SignatureFault> {
    let mut lines = message.headers.iter().filter(|(name, _)| *name == ON_BEHALF_OF);
    let line = match (lines.next(), lines.next()) {
        (None, _) => return Ok(None),
        (Some((_, only)), None) => only.trim_ascii(),
        (Some(_), Some(_)) => return Err(SignatureFault::NoUser),
    };
    let user = std::str::from_utf8(line).ok().and_then(|text| text.parse().ok());
    user.map(Some).ok_or(SignatureFault::NoUser)
}
