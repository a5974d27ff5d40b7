//! What the audit is to know of requests: who acted, what they did by the route they took, and how
//! it ended.
//!
//! [`audited`] is around every route, outermost, and [`table`] says of each what it does. Handlers
//! tell only what nobody else can know ([`Told`]). Downloads are told of by whoever counts them, once
//! each; here only those that were refused.

mod all;
mod author;
mod form;
mod recorded;
mod table;
mod told;
mod witness;

pub use all::all;
pub use author::{author, receiving};
pub use form::Form;
pub use recorded::audited;
pub use told::{GivenAgain, Told};
pub use witness::Witness;
