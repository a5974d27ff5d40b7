//! Secrets known by what they look like: private keys, and tokens whose makers gave them a shape.
//!
//! ```text
//! bytes ─► anchors (one pass, many literals at once) ─► the kind's own check ─► a finding
//! ```
//! What a check asks is answered by the bytes near its anchor, so a file may come in chunks of any
//! size. A check errs on the side of silence: what is left out here, no option brings in. So there
//! is none for words without a shape (`password = …`), none for tokens that are public by design
//! (a web page's `AIza…`, a JWT that has long expired), and none for what is not written in ASCII.
//!
//! Every kind of file is looked at, programs and pictures too; what is compressed is not opened.

mod chance;
mod keys;
mod kinds;
mod scan;
mod sight;
#[cfg(test)]
mod tests;
mod tokens;

pub use scan::{Finding, SecretScan, find};

/// Which set of rules this is, by name and by content: to be raised with every change of what is
/// taken for a secret, because unlike sets make unlike packages of the same tree.
pub const VERSION: u32 = 3;
