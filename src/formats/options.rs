//! What may be chosen about the writing of a document.

use std::fs::File;
use std::io;
use std::sync::Arc;

use super::Fonts;

/// What may be chosen about the writing of a document.
#[derive(Clone)]
pub struct FormatOptions {
    /// CSV begins with a byte order mark, by which some programs know UTF-8.
    pub bom: bool,
    /// CSV cells that a spreadsheet would take for formulas are made text (OWASP, CSV injection).
    pub guards_formulas: bool,
    /// What text is drawn with, in formats that carry their fonts; read once for all documents.
    pub fonts: Arc<Fonts>,
    /// Makes files without a name, for formats that cannot be written from front to back.
    pub scratch: Arc<dyn Fn() -> io::Result<File> + Send + Sync>,
}
