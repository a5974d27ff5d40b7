//! What is found out about rows while they go by once: figures over all of them, the first of them for
//! texts, and what tables and charts will show.

mod amount;
mod figures;
mod order;
mod points;
mod ranked;
mod room;
mod section;

pub use figures::Figures;
pub use order::order;
pub use points::{Drawn, Points, PointsOrder};
pub use ranked::Ranked;
pub use room::{Room, Rooms};
pub use section::Gathered;
