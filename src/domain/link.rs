//! Download links, and who receives a package.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::Serialize;
use uuid::Uuid;

use super::{IdError, UserId};

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
