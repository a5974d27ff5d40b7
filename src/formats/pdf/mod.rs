//! PDF (ISO 32000-1): pages of A4 with bookmarks, page numbers and tables that go on from page to
//! page; tagged, so that screen readers know what is a heading and what a cell.
//!
//! ```text
//! Blocks ─► Pdf (what comes when) ─► Flow (lines and rows down the page) ─► Sheets (marks of one page) ─► krilla
//!                 Setter (parley): text ─► lines of glyphs, in whatever font has them
//! ```
//! Memory: one page's marks, the lines of one row, and the pages that are finished, compressed.

mod columns;
mod figure;
mod flow;
mod ink;
mod outline;
mod pour;
mod setter;
mod sheets;
mod table;
mod tags;
mod writer;

pub(super) use writer::Pdf;
