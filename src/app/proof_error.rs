//! Why a credential of ours is not taken.

use crate::db::StoreError;
use crate::security::CredentialError;

/// Why nobody is proved.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// The credential proves nobody.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// The database did not answer, so nobody knows.
    #[error("the store failed")]
    Store(#[from] StoreError),
}
