//! Reports for an audience: templates, and what they make of rows.
//!
//! ```text
//! Template (JSON) ─► Report (checked) ─┐
//! Head, Rows ── gathered, put by ──────┴─► Blocks ─► html, pdf, markdown
//! ```
//!
//! Whoever may ask for an export may write a template: what one may cost stands in `limits`, and what
//! data contain is text, never more.

mod binding;
mod choosing;
mod context;
mod error;
mod fault;
mod gathering;
mod language;
mod limits;
mod parts;
mod reading;
mod render;
mod report;
mod shipped;
mod spool;
mod stored;
mod template;
#[cfg(test)]
mod tests;
mod writing;

pub use error::ReportError;
pub use fault::TemplateFault;
pub use limits::LONGEST_TEMPLATE;
pub use render::{Sections, render};
pub use report::Report;
pub use shipped::Shipped;
pub use template::{ChartPart, Part, Sort, TablePart, Template, Text};
