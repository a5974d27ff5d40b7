//! API tokens and sessions: what this server gives out itself to prove who calls.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::Serialize;
use uuid::Uuid;

use super::{Caller, ExportId, IdError, Proof, Role, Scope, Sha256, Timestamp, UserId};

/// Declares the id of a row: a UUIDv7, which is no secret.
macro_rules! row_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, greater than every earlier one of this process.
            #[expect(clippy::new_without_default, reason = "an id is made on purpose, not by default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                text.parse::<ExportId>()?;
                Uuid::try_parse(text).map(Self).map_err(|_| IdError::NotAUuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

row_id!(
    /// Which API token. Not the token, which is known to nobody but those it was given to.
    ApiTokenId
);
row_id!(
    /// Which session. Not what its cookie says.
    SessionId
);

/// What a token may be used for: at least one thing. A wider scope includes the narrower ones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(BTreeSet<Scope>);

impl Scopes {
    /// These scopes; `None` when there are none.
    pub fn new(scopes: impl IntoIterator<Item = Scope>) -> Option<Self> {
        let scopes: BTreeSet<Scope> = scopes.into_iter().collect();
        (!scopes.is_empty()).then_some(Self(scopes))
    }

    /// The scopes whose words `text` lists, with spaces between (RFC 6749 §3.3).
    pub fn parse(text: &str) -> Option<Self> {
        let scopes: Option<Vec<Scope>> = text.split(' ').map(Scope::parse).collect();
        Self::new(scopes?)
    }

    /// The widest of them.
    pub fn reach(&self) -> Scope {
        *self.0.last().expect("there is at least one")
    }

    /// Their words, the narrowest scope first.
    pub fn words(&self) -> Vec<&'static str> {
        self.0.iter().map(|scope| scope.word()).collect()
    }
}

/// A token that somebody made for a program of theirs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// Which.
    pub id: ApiTokenId,
    /// For whom it speaks.
    pub owner: UserId,
    /// What whoever made it was allowed; its scopes may allow less.
    pub role: Role,
    /// Who really made it, when that was not the owner.
    pub acting: Option<String>,
    /// By which its owner knows it.
    pub name: String,
    /// The SHA-256 of its secret. The secret itself is kept nowhere.
    pub token_hash: Sha256,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it proves nobody; never of itself if `None`.
    pub expires_at: Option<Timestamp>,
    /// When it was taken back, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiToken {
    /// Whoever shows it.
    pub fn caller(&self) -> Caller {
        Caller {
            user: self.owner.clone(),
            role: self.role,
            scope: self.scopes.reach(),
            proof: Proof::ApiToken { id: self.id.to_string() },
            acting: self.acting.clone(),
        }
    }
}

/// A page where somebody has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Who.
    pub user: UserId,
    /// As what.
    pub role: Role,
    /// How far the credential reached that it was begun with.
    pub scope: Scope,
    /// Who really acts, when that is not the user.
    pub acting: Option<String>,
    /// The SHA-256 of what its cookie says.
    pub token_hash: Sha256,
    /// The API token that it was begun with, and with which it ends.
    pub api_token: Option<ApiTokenId>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
    /// When it was last used, to about a minute.
    pub last_used_at: Timestamp,
}

impl Session {
    /// Whoever shows its cookie.
    pub fn caller(&self) -> Caller {
        Caller {
            user: self.user.clone(),
            role: self.role,
            scope: self.scope,
            proof: Proof::Session { of_token: self.api_token.is_some() },
            acting: self.acting.clone(),
        }
    }

    /// When it ends unless it is used again, if sessions end that nobody used for `idle`.
    pub fn ends_at(&self, idle: Duration) -> Timestamp {
        self.expires_at.min(self.last_used_at.plus(idle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_reach_as_far_as_the_widest_and_are_written_in_one_way() {
        let scopes = Scopes::parse("exports:write exports:read exports:write").expect("two scopes");
        assert_eq!(scopes.reach(), Scope::Write);
        assert_eq!(scopes.words(), ["exports:read", "exports:write"]);
        assert_eq!(Scopes::parse("admin").expect("one").reach(), Scope::Admin);
        for wrong in ["", " ", "exports", "exports:read ", "exports:read  admin", "Admin", "exports:*"] {
            assert_eq!(Scopes::parse(wrong), None, "{wrong:?}");
        }
    }
}
