//! What may be chosen about the writing of a document.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// What may be chosen about the writing of a document.
#[derive(Clone)]
pub struct FormatOptions {
    /// CSV begins with a byte order mark, by which some programs know UTF-8.
    pub bom: bool,
    /// CSV cells that a spreadsheet would take for formulas are made text (OWASP, CSV injection).
    pub guards_formulas: bool,
    /// Where fonts lie beside the system's, for formats that carry them.
    pub fonts: Vec<PathBuf>,
    /// Makes files without a name, for formats that cannot be written from front to back.
    pub scratch: Arc<dyn Fn() -> io::Result<File> + Send + Sync>,
}
