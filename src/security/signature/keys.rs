//! The keys of machines, and what each may do.

use std::collections::{BTreeSet, HashMap};
use std::fmt;

use aws_lc_rs::hmac;

use crate::domain::{Caller, Proof, Role, Scope, UserId};

use super::fault::SignatureFault;

/// In whose name else a key may act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActsFor {
    /// In every user's.
    Anyone,
    /// In the name of these.
    These(BTreeSet<UserId>),
}

/// A secret that a machine signs with, and whose machine it is.
pub struct MachineKey {
    /// Its name, which is no secret.
    pub id: String,
    /// The secret.
    pub secret: hmac::Key,
    /// Whose it is. Several keys of one user let secrets change without a pause.
    pub user: UserId,
    /// What its user may do.
    pub role: Role,
    /// How far it reaches.
    pub scope: Scope,
    /// In whose name else it may act.
    pub acts_for: ActsFor,
}

impl MachineKey {
    /// Whether `signature` is this key's over `base`: takes as long whether it is or not.
    pub fn has_signed(&self, base: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.secret, base, signature).is_ok()
    }

    /// The caller that this key proves: its user, or the one named by `on_behalf_of`.
    ///
    /// # Errors
    /// [`SignatureFault::MayNotActFor`] them.
    pub fn caller(&self, on_behalf_of: Option<UserId>) -> Result<Caller, SignatureFault> {
        let proof = Proof::Signature { key: self.id.clone() };
        let own = Caller { scope: self.scope, proof, ..Caller::new(self.user.clone(), self.role) };
        let Some(user) = on_behalf_of else { return Ok(own) };
        let may = match &self.acts_for {
            ActsFor::Anyone => true,
            ActsFor::These(users) => users.contains(&user),
        };
        if !may {
            return Err(SignatureFault::MayNotActFor(user));
        }
        // Whoever acts for a user can do no more than that user, whatever they may do themselves.
        Ok(Caller { user, role: Role::User, acting: Some(format!("key:{}", self.id)), ..own })
    }
}

impl fmt::Debug for MachineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MachineKey({} of {})", self.id, self.user)
    }
}

/// All keys, by their ids.
pub type MachineKeys = HashMap<String, MachineKey>;
