//! Where a user's projects lie: the registry's rows, and the folders below `projects.root`.

mod config;
mod places;

pub use config::Config;
pub use places::{PlaceError, Places};
