//! What went wrong, as clients are told (RFC 9457). Nowhere else does a situation become a
//! status.

mod access;
mod audit;
mod codes;
mod document;
mod house;
mod limits;
mod links;
mod older;
mod permissions;
mod rooms;
mod signatures;
mod situations;
mod templates;

pub use access::AccessFault;
pub use codes::{CODES, Code, code};
pub use document::{Answer, Problem, ProblemCode, ProblemDocument};
pub use older::{Earlier, OlderProblem};
pub use situations::RequestFault;
