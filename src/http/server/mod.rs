//! Sockets, and what is expected of those at the other end.

mod config;
mod lively;
mod quiet;
mod serve;

pub use config::{Config, OpsListen};
pub use lively::Lively;
pub use quiet::{OurTurn, Quiet};
pub use serve::{Listening, Patience};
