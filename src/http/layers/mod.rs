//! What happens to every request, around its handler.

mod cross_origin;
mod guarded;
mod host;
mod metered;
mod named;

pub use cross_origin::cross_origin;
pub use guarded::guarded;
pub use host::host;
pub use metered::metered;
pub use named::{Naming, named};
