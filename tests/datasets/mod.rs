//! Data sets on real databases: SQLite, PostgreSQL and MariaDB.

mod checks;
mod counts;
mod declarations;
mod endings;
pub mod ground;
mod injection;
mod limits;
mod masks;
mod owners;
mod snapshots;
mod types;
mod wrong_cells;
