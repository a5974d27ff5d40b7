//! Re-reads a package and holds it against its manifest: a flipped bit anywhere is found and named.

mod blocking;
mod checks;
mod document;
mod findings;
mod roll;
mod signature;
mod tar;
mod zip;

#[cfg(test)]
mod flips;
#[cfg(test)]
mod hostile;

pub use checks::{VerifyError, verify};
pub use findings::{Check, Verification};
pub use signature::check_signature;
