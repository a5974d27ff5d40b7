//! What went wrong, as clients are told (RFC 9457). Nowhere else does a situation become a
//! status.

mod document;
mod house;
mod links;
mod older;
mod rooms;
mod situations;

pub use document::{Answer, Problem, ProblemDocument};
pub use older::{Earlier, OlderProblem};
pub use situations::RequestFault;
