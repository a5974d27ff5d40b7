//! A schema that data sets can be tried out on, rows to fill it with, and the data sets that are
//! shipped for it. Whoever has a schema of their own changes the SQL and nothing else.

mod chance;
mod dialect;
mod error;
mod example;
mod insert;
mod lives;
mod schema;
mod seed;
mod spans;
mod talks;
mod target;
mod world;

pub use dialect::Dialect;
pub use error::ReferenceError;
pub use example::example;
pub use schema::{down, up};
pub use seed::{Seed, Seeded, seed};
