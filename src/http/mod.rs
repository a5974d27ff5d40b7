//! Speaks HTTP for [`app`](crate::app).

pub mod address;
pub mod asked;
pub mod kit;
pub mod layers;
pub mod server;
