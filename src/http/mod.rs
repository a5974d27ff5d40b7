//! Speaks HTTP for [`app`](crate::app).

pub mod accel;
pub mod address;
pub mod api;
pub mod asked;
mod audit;
mod building_delivery;
mod caller;
pub mod delivery;
pub mod document;
pub mod entry_delivery;
pub mod following;
mod front;
pub mod kit;
pub mod layers;
pub mod once;
pub mod plain;
pub mod presented;
pub mod rate_limit;
pub mod server;
pub mod shared;
pub mod views;

pub use front::Front;
