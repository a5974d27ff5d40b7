//! What is needed of HTTP on top of hyper: matching, extraction, replies and problems.
//!
//! Apart from [`problem`], which turns every room's situations into statuses, nothing here knows
//! of exports.

mod asset;
mod blocks;
mod body;
mod call;
mod drawn_body;
mod endpoint;
mod extract;
pub mod fields;
mod file_body;
mod growing_body;
mod json;
mod layer;
mod prefer;
pub mod problem;
mod reading;
mod receive;
mod reply;
mod router;
#[cfg(test)]
mod tests;

pub use asset::Asset;
pub use blocks::Blocks;
pub use body::{Body, BoxError, Reply, RequestBody, boxed, empty, full};
pub use call::{Call, FromCall};
pub use drawn_body::{Draw, DrawnBody};
pub use endpoint::{Endpoint, Handler, Route};
pub use extract::{App, Json, OrNothing, Path, PathPair, PathWithin, Query};
pub use fields::{FieldFault, Fields, FromFields};
pub use file_body::{Escort, FileBody};
pub use growing_body::{Grow, Grown, growing};
pub use layer::{Next, Replying, Service, answer, around};
pub use prefer::Wait;
pub use problem::{Answer, Earlier, Problem, RequestFault};
pub use reading::FileBodyError;
pub use receive::{LONGEST_BODY, Received, SLOW};
pub use reply::{
    Accepted, Created, Document, Events, Health, IntoReply, Multiple, NoContent, Page, SeeOther, Tagged,
    WithCookie,
};
pub use router::{Matched, Router, caught};
