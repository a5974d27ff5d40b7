//! How fast bytes of packages leave: so many per second for one download, and so many for all of
//! this node, shared fairly.
//!
//! ```text
//! a body ─ may some leave? ─► Pace ─► at once, when there is room and nobody waits
//!                                  └─ else it waits for the ticker, which deals out what has
//!                                     come in since: first between users, then between a user's
//!                                     downloads, then between a download's connections
//! ```
//! Only those who wait get something, so what one does not use goes to the others. Without a
//! limit there is no pace, and nothing of this runs.

mod bucket;
mod pace;
mod road;
mod route;
mod shares;

pub use pace::{Bandwidth, Pace};
