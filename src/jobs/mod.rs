//! Notice that there is work, do it once, finish it.
//!
//! Actors notice, start and record; thinking (what to claim, when to back off, how an attempt
//! ends) is plain functions beside them. Everything an actor needs is read from rows, so the path
//! after a crash is the normal path.

mod accel_log;
mod attempt;
mod backoff;
mod book;
mod cleanup;
mod config;
mod counter;
mod download;
mod ending;
mod engine;
mod events;
mod export_job;
mod keeper;
mod keeping;
mod promises;
mod reservations;
mod scheduler;
mod settle;
mod slots;
mod strays;
mod sweep;
mod tail;
mod under_way;
mod usage;
mod works;

pub use config::{CleanupConfig, Config};
pub use engine::{Engine, LAST_WAIT};
pub use sweep::sweep;

pub use crate::domain::{Occasion, Swept};
pub use works::{Works, WorksParts};
