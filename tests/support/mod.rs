//! What tests stand on: a real house, and callers who talk to it.

pub mod api;
pub mod disk;
pub mod documented;
pub mod forum;
pub mod front;
pub mod git;
pub mod house;
pub mod machine;
pub mod mariadb;
pub mod nginx;
pub mod postgres;
pub mod process;
pub mod project;
pub mod proxy;
pub mod raw;
pub mod snippets;
pub mod story;

/// The SHA-256 of `bytes`, in hex.
pub fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
