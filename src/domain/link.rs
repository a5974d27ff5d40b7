//! Download links, and who receives a package.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;
use uuid::Uuid;

use super::{ExportId, IdError, Sha256, Timestamp, UserId};

/// Which link: a UUIDv7. Not its token, which is known to nobody but those it was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct LinkId(Uuid);

impl LinkId {
    /// A new id, greater than every earlier one of this process.
    #[expect(clippy::new_without_default, reason = "an id is made on purpose, not by default")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl FromStr for LinkId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<super::ExportId>()?;
        Uuid::try_parse(text).map(Self).map_err(|_| IdError::NotAUuid)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Bytes of a `User-Agent` that are kept; the longest that real programs send are half of it.
pub const LONGEST_AGENT: usize = 512;

/// A password as it is kept: its Argon2id digest with salt and parameters, a PHC string. Whoever has
/// one can try passwords at leisure, so it is not shown either.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A PHC string.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The string, for its row and for whoever checks a password.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(***)")
    }
}

/// An address by which anyone who knows it may download one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Which.
    pub id: LinkId,
    /// Whose package.
    pub export: ExportId,
    /// Who made it: the export's owner, or an admin.
    pub made_by: UserId,
    /// The SHA-256 of its token. The token itself is kept nowhere.
    pub token_hash: Sha256,
    /// What else has to be known, if anything.
    pub password_hash: Option<PasswordHash>,
    /// How many downloads it allows; any number when `None`.
    pub max_downloads: Option<u64>,
    /// How many it has allowed of those; those that are not limited are counted elsewhere.
    pub downloads: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it leads nowhere; when its package expires if `None`.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used for one of the downloads that are limited.
    pub last_used_at: Option<Timestamp>,
}

impl Link {
    /// Why it leads nowhere at `now`, if it does not; its package may be gone besides.
    pub fn end_at(&self, now: Timestamp) -> Option<LinkEnd> {
        if self.revoked_at.is_some() {
            return Some(LinkEnd::Revoked);
        }
        self.expires_at.filter(|end| now >= *end).map(|at| LinkEnd::Expired { at })
    }

    /// Whether every download that it allows has been taken.
    pub fn is_used_up(&self) -> bool {
        self.max_downloads.is_some_and(|most| self.downloads >= most)
    }
}

/// How a link ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// Somebody took it back.
    Revoked,
    /// Its time is over.
    Expired {
        /// Since when.
        at: Timestamp,
    },
}

/// Who receives bytes of a package.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Receiver {
    /// A user who proved to be one; for a link, the user who made it.
    pub user: UserId,
    /// The link they came by.
    pub link: Option<LinkId>,
    /// From where, past the proxies that are believed.
    pub address: IpAddr,
    /// The client's `User-Agent`, no longer than [`LONGEST_AGENT`].
    pub agent: Option<String>,
}
