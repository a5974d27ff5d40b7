//! Who acts, once they have proved it.

use serde::{Deserialize, Serialize};

use super::{Export, UserId};

/// What a caller may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sees and acts on their own exports.
    User,
    /// Sees and acts on everyone's.
    Admin,
}

/// Whoever sent a request, proved by a credential and never read from a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who they are.
    pub user: UserId,
    /// What they may do.
    pub role: Role,
}

impl Caller {
    /// Whether this caller may see `export` and act on it: its owner, or an admin.
    pub fn may_access(&self, export: &Export) -> bool {
        self.is_admin() || self.user == export.owner
    }

    /// Whether this caller may act on everyone's exports.
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }
}
