//! Who acts, once they have proved it.

use serde::{Deserialize, Serialize};

use super::UserId;

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and acts on their own exports.
    User,
    /// Sees and acts on everyone's.
    Admin,
}

impl Role {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// The role that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::User, Self::Admin].into_iter().find(|role| role.word() == word)
    }
}

/// How far a credential reaches, whatever its bearer may do otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    /// Looks, and downloads.
    #[serde(rename = "exports:read")]
    Read,
    /// Also asks, changes and deletes.
    #[serde(rename = "exports:write")]
    Write,
    /// All of that on everyone's exports too, for a bearer who is an admin.
    #[serde(rename = "admin")]
    Admin,
}

impl Scope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "exports:read",
            Self::Write => "exports:write",
            Self::Admin => "admin",
        }
    }

    /// The scope that `word` stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// What proved who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// A JSON Web Token.
    Jwt,
    /// A signature of the request, by the key of this id.
    Signature {
        /// The `keyid`.
        key: String,
    },
    /// An API token.
    ApiToken {
        /// Its id, which is no secret.
        id: String,
    },
    /// The cookie of a page where somebody signed in.
    Session {
        /// Whether that was with an API token, with which it ends.
        of_token: bool,
    },
}

impl Proof {
    /// The word for metrics and the audit.
    pub const fn way(&self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Signature { .. } => "signature",
            Self::ApiToken { .. } => "api_token",
            Self::Session { .. } => "session",
        }
    }

    /// Whether it lasts only as long as something that can be taken back: a machine's key, or an API
    /// token. What is made with such a thing must not outlive it.
    pub const fn can_be_taken_back(&self) -> bool {
        match self {
            Self::Jwt => false,
            Self::Signature { .. } | Self::ApiToken { .. } => true,
            Self::Session { of_token } => *of_token,
        }
    }
}

/// Whoever sent a request, proved by a credential and never read from a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// In whose name the request is carried out.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
    /// How far their credential reaches.
    pub scope: Scope,
    /// What proved it.
    pub proof: Proof,
    /// Who really acts, when that is not the user: an admin, or a key, as `key:ID`.
    pub acting: Option<String>,
}

impl Caller {
    /// A caller who acts for themselves, as far as their role goes.
    pub const fn new(user: UserId, role: Role) -> Self {
        Self { user, role, scope: Scope::Admin, proof: Proof::Jwt, acting: None }
    }

    /// Whether this caller may act on everyone's exports.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin && self.scope == Scope::Admin
    }

    /// Whether this caller may change anything.
    pub fn may_write(&self) -> bool {
        self.scope >= Scope::Write
    }

    /// Who really acts.
    pub fn actor(&self) -> &str {
        self.acting.as_deref().unwrap_or_else(|| self.user.as_str())
    }
}
