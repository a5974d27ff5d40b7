//! What is packed, as the packer sees it.

use std::io;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::domain::{ExportId, Format, Options, Pins, ProjectId, Selection, UserId, Version, Warning};
use crate::storage::Bench;

use super::{Control, Document, Estimate, Excluded, Limits, LoadError, PackError, Provenance, Withheld};

/// What is to be opened.
#[derive(Debug, Clone)]
pub struct Order {
    /// The export that it is for; nothing when it is only to be estimated.
    pub export: Option<ExportId>,
    /// Whose it is.
    pub owner: UserId,
    /// Which part of what.
    pub selection: Selection,
    /// A version that is among these is what it was pinned to, whatever is called so by now.
    pub pins: Pins,
    /// In which shape it is wanted.
    pub format: Format,
    /// What else was chosen.
    pub options: Options,
    /// Where parts are kept that outlive an attempt; nothing when it is only to be estimated.
    pub bench: Option<Bench>,
}

/// What becomes a package.
pub enum Material {
    /// Entries, for an archive.
    Tree(Box<dyn Source>),
    /// One document.
    Document(Box<dyn Document>),
}

/// From a selection to what it selects. One for every kind.
#[async_trait]
pub trait Loader: Send + Sync {
    /// Opens what is ordered.
    ///
    /// # Errors
    /// [`LoadError`] when it is not there.
    async fn open(&self, order: &Order) -> Result<Material, LoadError>;

    /// What it would be like, for kinds that know without packing a sample.
    ///
    /// # Errors
    /// As [`Loader::open`].
    async fn estimate(&self, _order: &Order) -> Result<Option<Estimate>, LoadError> {
        Ok(None)
    }

    /// What the versions that `selection` names stand for now.
    ///
    /// # Errors
    /// [`LoadError::NoVersion`] when one of them is none.
    async fn pins(&self, _owner: &UserId, _selection: &Selection) -> Result<Pins, LoadError> {
        Ok(Pins::default())
    }

    /// The versions of `project`, in no order.
    ///
    /// # Errors
    /// [`LoadError`] when it is not there.
    async fn versions(&self, _owner: &UserId, _project: &ProjectId) -> Result<Vec<Version>, LoadError> {
        Ok(Vec::new())
    }
}

/// A tree of entries that is packed.
pub trait Source: Send + Sync {
    /// Finds out what there is, once. Entries come in ascending order of their paths' bytes.
    ///
    /// # Errors
    /// [`PackError::Source`] when nothing can be read, [`PackError::TooManyFiles`],
    /// [`PackError::Cancelled`]. An entry that cannot be read is a warning.
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError>;

    /// Opens the content of an entry that the scan found.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when it has vanished since.
    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>>;
}

/// The bytes of one entry.
pub trait Content: Send {
    /// The next bytes; 0 at the end.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize>;

    /// Whether it was written to since it was opened, as far as can be known.
    fn has_changed(&self) -> bool;
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file with bytes.
    File,
    /// A folder with nothing in it.
    EmptyFolder,
}

/// One thing that will be in the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name in the package: relative, `/` between folders, safe to unpack anywhere.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// Bytes when it was scanned.
    pub size: u64,
    /// How its source finds it again, where that is not by `path`.
    pub origin: Option<Vec<u8>>,
    /// By which the same bytes are known again without reading them, where that can be trusted.
    pub identity: Option<Identity>,
}

/// Says that two entries, of two scans, have the same bytes: if theirs are equal, so are those.
///
/// Of a file that is its place and its times, and only once these are old enough that no later
/// write could have left them alone; of what is kept by its content, the name of that content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity(pub [u8; 32]);

impl Entry {
    /// How its source finds it again.
    pub fn origin(&self) -> &[u8] {
        self.origin.as_deref().unwrap_or(self.path.as_bytes())
    }
}

/// What a scan found.
#[derive(Debug, Clone, Default)]
pub struct Scan {
    /// What will be packed, in order.
    pub entries: Vec<Entry>,
    /// What will not, and why.
    pub excluded: Vec<Excluded>,
    /// What the asker should know.
    pub warnings: Vec<Warning>,
    /// Of what is left out, what its name gave away as secret.
    pub secrets: Vec<Withheld>,
    /// What was there in the older version, if only changes are packed.
    pub deleted: Vec<String>,
    /// Which version this is, where there are versions.
    pub provenance: Option<Provenance>,
    /// How many rows all entries have, if they hold data.
    pub rows: Option<u64>,
    /// That entries hold data, which are packed whatever they look like: what looks like a secret in
    /// them is the very thing that its owner asked for. Nor are they held to `limits.max_file`.
    pub is_data: bool,
}

/// Reads until `room` is full or nothing comes any more, and tells how much came.
///
/// # Errors
/// When it cannot be read.
pub fn fill(content: &mut dyn Content, room: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < room.len() {
        match content.read(&mut room[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
