//! Running it: the unit, the Debian package, the containers, and the guides to them.

mod containers;
mod guide;
mod older_variables;
mod package;
mod telling;
mod unit;
