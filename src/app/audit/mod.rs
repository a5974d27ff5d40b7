//! The audit: entries on their way into the chain, and those who read it.

mod config;
mod crowd;
mod reading;
mod trail;
mod writer;

pub use config::AuditConfig;
pub use reading::{AuditError, Audits, Stretches};
pub use trail::Trail;
