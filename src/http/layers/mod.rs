//! What happens to every request, around its handler.

mod host;
mod metered;
mod named;

pub use host::host;
pub use metered::metered;
pub use named::{Naming, named};
