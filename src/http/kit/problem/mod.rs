//! What went wrong, as clients are told (RFC 9457). Nowhere else does a situation become a
//! status.

mod audit;
mod document;
mod links;
mod rooms;
mod situations;

pub use document::{Answer, Problem, ProblemCode, ProblemDocument};
pub use situations::RequestFault;
