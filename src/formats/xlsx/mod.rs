//! Workbooks of Office Open XML: a sheet for each section, for people with a spreadsheet program.
//!
//! What a sheet cannot hold as it is, is never rounded or dropped in silence: it becomes text, is cut,
//! or goes on in another sheet, and `finish` tells so ([`told`]).
//!
//! Source: ISO/IEC 29500-1:2016 (SpreadsheetML); limits of "Excel specifications and limits".

mod cell;
mod formatter;
mod guard;
mod names;
mod told;

pub(super) use formatter::Xlsx;

/// Rows of one sheet, its header among them.
const ROWS: u32 = 1_048_576;
/// Columns of one sheet.
const COLUMNS: usize = 16_384;
/// UTF-16 units of one cell.
const UNITS: usize = 32_767;
