//! How settings are written: durations as `30s` or `7d`, sizes as `500MiB`, networks as
//! `10.0.0.0/8`, a time of day as `03:00`, a page's origin as `https://app.example`.

pub mod count_or_none;
pub mod duration;
pub mod listen;
mod masked_url;
mod network;
mod origin;
pub mod size;
mod time_of_day;

pub use masked_url::masked_url;
pub use network::{Network, NetworkError};
pub use origin::{Origin, OriginError};
pub use time_of_day::{TimeOfDay, TimeOfDayError};
