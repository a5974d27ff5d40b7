//! Proves who calls, and signs what leaves.
//!
//! A credential goes in, a [`Caller`](crate::domain::Caller) or a [`CredentialError`] comes out;
//! how it travelled, and what a refused caller is told, is for other rooms to know.

mod authority;
pub mod jwt;
mod secret;
mod signing;

pub use authority::{Authority, CredentialError};
#[cfg(test)]
pub use jwt::test_keys::test_key;
pub use jwt::{Claims, KeyError, SignError, sign};
pub use secret::Secret;
pub use signing::{ED25519_NAME, NotAPublicKey, PublicKey, PublicKeys, Signer, SigningKeyError};
