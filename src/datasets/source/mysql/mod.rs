//! MySQL and MariaDB: one connection, in one read-only transaction that sees one moment.

mod cells;
mod connection;

pub(super) use connection::open;
