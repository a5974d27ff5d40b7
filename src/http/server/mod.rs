//! Sockets, and what is expected of those at the other end.

mod config;
mod lively;
mod serve;

pub use config::{Config, OpsListen};
pub use lively::Lively;
pub use serve::{Listening, Patience};
