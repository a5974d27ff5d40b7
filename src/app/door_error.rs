//! Why a link leads nowhere.

use std::time::Duration;

use crate::db::StoreError;
use crate::domain::Timestamp;

use super::AdmitError;

/// Why somebody who came by a link is not let in.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// No link has this token; nor will one, so that nothing else is told.
    #[error("there is no such link; ask for another one")]
    Unknown,
    /// The same, and too many like it came from there.
    #[error("too many links that are none were tried from your address; wait before trying another")]
    UnknownSlowed {
        /// For how long.
        wait: Duration,
    },
    /// The link has a password, and none was given.
    #[error("this link has a password; give it with HTTP Basic authentication, any user name will do")]
    PasswordWanted,
    /// Another was given.
    #[error("this is not the link's password")]
    PasswordWrong,
    /// Too many others were given.
    #[error("too many wrong passwords; wait before trying another")]
    PasswordSlowed {
        /// For how long.
        wait: Duration,
    },
    /// Too many passwords are being tried at once.
    #[error("too many passwords are being looked at just now; try again shortly")]
    Busy,
    /// Whoever made the link took it back.
    #[error("this link was revoked; ask for another one")]
    Revoked,
    /// Its time is over.
    #[error("this link expired at {at}; ask for another one")]
    Expired {
        /// Since when.
        at: Timestamp,
    },
    /// All its downloads have been taken.
    #[error("this link has been used as often as it may be; ask for another one")]
    UsedUp,
    /// Whoever made it has used up what their packages may send.
    #[error("the owner of this package has reached a limit; try again later")]
    OwnerLimited {
        /// For how long.
        wait: Duration,
    },
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Of the owner's limits a visitor hears nothing but when to come back.
impl From<AdmitError> for DoorError {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Refused(refusal) => Self::OwnerLimited { wait: refusal.retry_at.since(refusal.now) },
            AdmitError::Store(error) => Self::Store(error),
        }
    }
}

impl DoorError {
    /// Every word for metrics.
    pub const REASONS: [&str; 11] = [
        "unknown",
        "unknown_slowed",
        "password_wanted",
        "password_wrong",
        "password_slowed",
        "busy",
        "revoked",
        "expired",
        "used_up",
        "owner_limited",
        "unavailable",
    ];

    /// The word for metrics.
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::UnknownSlowed { .. } => "unknown_slowed",
            Self::PasswordWanted => "password_wanted",
            Self::PasswordWrong => "password_wrong",
            Self::PasswordSlowed { .. } => "password_slowed",
            Self::Busy => "busy",
            Self::Revoked => "revoked",
            Self::Expired { .. } => "expired",
            Self::UsedUp => "used_up",
            Self::OwnerLimited { .. } => "owner_limited",
            Self::Store(_) => "unavailable",
        }
    }
}
