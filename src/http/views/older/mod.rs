//! What clients of earlier systems send, and what they are told: the same in the members that they
//! know.
//!
//! They may send more than they did, and it is passed over, as it was then.

mod data;
mod job;
mod listing;
mod plan;

pub use data::{NewDataExport, OlderExport, OlderExportView, OlderRequestView, PromotedView};
pub use job::{JobStatusView, JobView, NewJob};
pub use listing::{OlderExportsPage, OlderExportsQuery};
pub use plan::NewPlan;
