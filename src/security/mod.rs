//! Proves who calls, and signs what leaves.
//!
//! A credential goes in, a [`Caller`](crate::domain::Caller) or a [`CredentialError`] comes out;
//! how it travelled, and what a refused caller is told, is for other rooms to know.

mod authority;
mod config;
pub mod jwt;
mod link_token;
mod password;
mod secret;
pub mod signature;
mod signing;
mod slowing;
mod strongbox;

pub use authority::{Authority, CredentialError};
pub use config::Config;
#[cfg(test)]
pub use jwt::test_keys::test_key;
pub use jwt::{Claims, FetchKeys, Fetched, KeyError, SignError, sign};
pub use link_token::LinkToken;
pub use password::{Mark, Marker, hash_password, is_password};
pub use secret::Secret;
pub use signing::{ED25519_NAME, NotAPublicKey, PublicKey, PublicKeys, Signer, SigningKeyError};
pub use slowing::{Patience, Slowing};
pub use strongbox::Strongbox;
