//! Re-reads a package and holds it against its manifest: a flipped bit anywhere is found and named.

mod archive;
mod blocking;
mod checks;

pub use checks::{Check, Verification, VerifyError, verify};
