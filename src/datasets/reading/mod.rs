//! Reading a data set: an order, one snapshot, its counts, and then its rows, section by section.

mod begin;
mod flow;
mod folder;
mod forecast;
mod intake;
mod order;
mod plan;
mod pump;
mod rows;
mod share;
#[cfg(test)]
mod tests;
mod within;

pub use begin::Reading;
pub(super) use begin::begin;
pub(super) use flow::Flow;
pub use forecast::Forecast;
pub(super) use forecast::forecast;
pub use order::{Order, Stretch};
pub(super) use plan::Plan;
pub(super) use within::within;
