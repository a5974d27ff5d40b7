//! Names that whoever unpacks can have: none that leads out, none that cannot be written, and a
//! word on those that some systems take for one and the same.

mod namesakes;
mod portable;
mod reserved;
mod twins;

pub use namesakes::part_namesakes;
pub use portable::{named, portable};
pub use reserved::warn_of_reserved;
pub use twins::{Siblings, warn_of_twins};
