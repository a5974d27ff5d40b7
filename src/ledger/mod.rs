//! The way from whoever sends bytes of packages to whoever counts downloads.
//!
//! A response never waits for its counting: a report is put down and taken up later. Whoever
//! then wants to read a count may wait until the reports put down so far are in their rows. How
//! far a response has come is not reported but counted where it is sent, and looked at.

mod reading;
mod report;
mod ticket;
mod writing;

pub use reading::LedgerReader;
pub use report::{Progress, Report, Sending};
pub use ticket::{NotATicket, Ticket};
pub use writing::{Ledger, Transfer};
