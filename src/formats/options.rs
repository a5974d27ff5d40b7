//! What may be chosen about the writing of a document.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::Fonts;

/// What may be chosen about the writing of a document.
#[derive(Clone)]
pub struct FormatOptions {
    /// CSV begins with a byte order mark, by which some programs know UTF-8.
    pub bom: bool,
    /// CSV cells that a spreadsheet would take for formulas are made text (OWASP, CSV injection).
    pub guards_formulas: bool,
    /// JSON Lines leave a JSON cell out where there is nothing in it: its `null` is a document.
    pub keeps_nulls_apart: bool,
    /// What text is drawn with, in formats that carry their fonts; read once for all documents.
    pub fonts: Arc<Fonts>,
    /// A folder for files without a name (`O_TMPFILE`), for formats that cannot be written from front
    /// to back. Nothing stays in it.
    pub scratch: PathBuf,
}

impl FormatOptions {
    /// The usual choices, with the system's fonts and this folder for files without a name.
    pub fn scratching_in(folder: impl Into<PathBuf>) -> Self {
        let fonts = Arc::new(Fonts::of_system(Vec::new()));
        Self { bom: false, guards_formulas: true, keeps_nulls_apart: false, fonts, scratch: folder.into() }
    }

    /// A file without a name.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn scratch_file(&self) -> io::Result<File> {
        tempfile::tempfile_in(&self.scratch)
    }
}
