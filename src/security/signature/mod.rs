//! Signed requests of machines: HTTP Message Signatures (RFC 9421) with `hmac-sha256`.
//!
//! A [`Message`] and the keys go in, a [`Signed`] or a [`SignatureFault`] comes out. Nothing here
//! reads a body or remembers a nonce: whoever asks does, before the caller is believed.

mod base;
mod components;
mod digest;
mod fault;
mod key_file;
mod keys;
mod message;
mod presented;
mod said_once;
#[cfg(any(test, fuzzing))]
pub mod samples;
mod signatures;
#[cfg(test)]
mod tests;

pub use fault::SignatureFault;
pub use key_file::KeyFileError;
pub use message::{Message, Target};
pub use signatures::{Signatures, Signed, WINDOW};
