//! The library's failures, as ours.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rust_xlsxwriter::XlsxError;

use crate::formats::FormatError;

/// Does `work` with the library. It panics when its scratch file cannot be written, for instance on a
/// full disk: an error of the output to us, as it is one when the document itself cannot be written.
/// The workbook is not used again after that.
pub fn guarded<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FormatError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(done) => done.map_err(told),
        Err(panic) => {
            let words = panic.downcast_ref::<String>().map_or("", String::as_str);
            let full = words.contains("StorageFull") || words.contains("QuotaExceeded");
            let kind = if full { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
            Err(io::Error::new(kind, "the scratch file cannot be written").into())
        }
    }
}

fn told(error: XlsxError) -> FormatError {
    match error {
        XlsxError::IoError(error) | XlsxError::TempFileError(_, error) => FormatError::Output(error),
        XlsxError::ZipError(error) => FormatError::Output(error.into()),
        other => FormatError::Library(other.to_string()),
    }
}
