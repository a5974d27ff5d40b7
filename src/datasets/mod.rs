//! Rows that the operator declared: which source they come from, who may ask for them, and how they
//! are read: streamed, in one snapshot, counted, within a deadline.
//!
//! ```text
//! datasets.toml ─► DataSets ── begin(Order) ─► Reading ─► records::Rows, one per section
//!                                  │ one connection, one snapshot; counts first
//!                                  └─ a task: source ─► Flow (types, masks) ─► at most three batches ahead
//! ```

mod argument;
mod check;
mod column;
mod config;
mod data_set;
mod data_sets;
mod declared;
mod fault;
mod files;
mod instants;
mod mask;
mod owner;
mod parameter;
mod query;
mod reading;
mod source;
mod sql;

pub mod reference;

pub use argument::{Argument, Arguments};
pub use check::{Finding, Severity};
pub use column::{DeclaredColumn, DeclaredLayout};
pub use config::Config;
pub use data_set::{Audience, DataSet, Outline, UnmaskedFor};
pub use data_sets::DataSets;
pub use fault::{DataSetsError, Fault};
pub use mask::Mask;
pub use parameter::{Bounds, Parameter, ParameterFault};
pub use reading::{Forecast, Order, Reading, Stretch};
