//! PostgreSQL: one connection, in one read-only transaction that sees one moment.

mod arguments;
mod cells;
mod connection;
mod numeric;

pub(super) use connection::open;
