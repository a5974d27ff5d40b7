//! The files of a folder that a query means.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use rustix::fs::FileType;

use super::beneath::{self, Seen};
use super::filter::{Filter, Placed};
use super::opening::Nature;
use super::pattern::is_of;
use super::rows::FolderRows;
use crate::records::{Batch, DataError, DataFault, Schema};

/// Whose rows these are, in errors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The data set.
    pub data_set: String,
    /// Its section.
    pub section: String,
}

/// Which rows of which files.
#[derive(Debug, Clone)]
pub struct FolderQuery {
    /// The files' names, with `*` and `?`; a `/` leads into a folder beneath.
    pub pattern: String,
    /// The columns to read, in their types.
    pub schema: Arc<Schema>,
    /// What every row must be like.
    pub filters: Vec<Filter>,
}

/// The files that a query means, as they were when the folder was listed.
pub struct FileSet {
    pub(super) whose: Whose,
    pub(super) root: OwnedFd,
    pub(super) files: Vec<Listed>,
    pub(super) schema: Arc<Schema>,
    pub(super) filters: Vec<Filter>,
    counted: Option<u64>,
}

/// A file of the folder.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Beneath the folder.
    pub path: String,
    pub nature: Nature,
    pub seen: Seen,
}

impl FileSet {
    /// Lists what `query` means of `folder`.
    ///
    /// # Errors
    /// [`DataFault::SourceLost`] if the folder cannot be read, [`DataFault::File`] for a name that tells
    /// no format and for a link, [`DataFault::Columns`] for a filter of time by a column of none.
    pub fn list(folder: &Path, query: FolderQuery, whose: Whose) -> Result<Self, DataError> {
        let listed = || -> Result<_, DataFault> {
            Placed::new(&query.filters, &with_filters(&query.schema, &query.filters))?;
            let root = beneath::root(folder).map_err(|error| lost(&error, "the folder"))?;
            let mut files = Vec::new();
            list(&root, &root, &query.pattern, "", &mut files)?;
            Ok((root, files))
        };
        let (root, files) = listed().map_err(|fault| whose.error(fault))?;
        Ok(Self { whose, root, files, schema: query.schema, filters: query.filters, counted: None })
    }

    /// Counts the rows that are meant: reads all files, but of each row only what tells whether it is
    /// one. [`FileSet::rows`] then gives just as many. `stopped` is asked now and then.
    ///
    /// # Errors
    /// [`DataError`]; [`DataFault::File`] if a file is not what it was.
    pub fn count(&mut self, stopped: &dyn Fn() -> bool) -> Result<u64, DataError> {
        let counted = self.files.iter().map(|file| self.count_in(file, stopped)).sum::<Result<u64, _>>();
        let counted = counted.map_err(|fault| self.whose.error(fault))?;
        self.counted = Some(counted);
        Ok(counted)
    }

    /// The rows that are meant, file by file.
    pub fn rows(self) -> FolderRows {
        let counted = self.counted;
        FolderRows::new(self, counted)
    }

    fn count_in(&self, listed: &Listed, stopped: &dyn Fn() -> bool) -> Result<u64, DataFault> {
        let Some(file) = self.open(listed)? else { return Ok(0) };
        let kept = file.try_clone().map_err(|error| lost(&error, &listed.path))?;
        let told =
            if self.filters.is_empty() { listed.nature.told(&file, &self.whose.data_set)? } else { None };
        let counted = match told {
            Some(rows) => rows,
            None => self.count_rows(listed, file, stopped)?,
        };
        listed.is_unchanged(&kept, None)?;
        Ok(counted)
    }

    fn count_rows(&self, listed: &Listed, file: File, stopped: &dyn Fn() -> bool) -> Result<u64, DataFault> {
        // One column at least, or there is nothing to count.
        let first = self.schema.fields.first().filter(|_| self.filters.is_empty()).cloned();
        let some = Schema { fields: first.into_iter().collect() };
        let mut schema = with_filters(&some, &self.filters);
        for field in &mut Arc::make_mut(&mut schema).fields {
            if let Some(place) = self.schema.place(&field.name) {
                field.kind = self.schema.fields[place].kind;
            }
        }
        let filters = Placed::new(&self.filters, &schema)?;
        let mut rows = listed.nature.open(file, &self.whose.data_set, &schema)?;
        let (mut counted, mut room) = (0, Batch::new(&schema));
        while let Some(batch) = rows.next(room).map_err(|error| listed.told(error.fault))? {
            if stopped() {
                return Err(DataFault::Stopped);
            }
            counted += (0..batch.len()).filter(|row| filters.mean(&batch, *row)).count() as u64;
            room = batch;
        }
        Ok(counted)
    }

    /// Opens a file that was listed; `None` for one of no bytes, which has no rows.
    pub(super) fn open(&self, listed: &Listed) -> Result<Option<File>, DataFault> {
        let file = beneath::file(&self.root, &listed.path);
        let file =
            file.map_err(|error| if is_gone(&error) { changed(None) } else { lost(&error, &listed.path) })?;
        listed.is_unchanged(&file, None)?;
        Ok((listed.seen.bytes > 0 || !listed.nature.may_be_empty()).then_some(file))
    }
}

impl Listed {
    /// Finds fault with a file that is not what it was when the folder was listed.
    pub fn is_unchanged(&self, file: &File, row: Option<u64>) -> Result<(), DataFault> {
        let seen = Seen::of(file).map_err(|error| lost(&error, &self.path))?;
        if seen == self.seen { Ok(()) } else { Err(self.told(changed(row))) }
    }

    /// `fault`, which the log has with the file's name; whoever asked does not.
    pub fn told(&self, fault: DataFault) -> DataFault {
        tracing::warn!(file = %self.path, %fault, "a file of a data set cannot be read");
        fault
    }
}

impl Whose {
    pub(super) fn error(&self, fault: DataFault) -> DataError {
        DataError { data_set: self.data_set.clone(), section: Some(self.section.clone()), fault }
    }
}

/// The columns of `schema`, and those that only filters need.
pub(super) fn with_filters(schema: &Schema, filters: &[Filter]) -> Arc<Schema> {
    let mut all = schema.clone();
    for filter in filters {
        if all.place(&filter.column).is_none() {
            all.fields.push(filter.field());
        }
    }
    Arc::new(all)
}

fn list(
    root: &OwnedFd,
    folder: &OwnedFd,
    pattern: &str,
    before: &str,
    files: &mut Vec<Listed>,
) -> Result<(), DataFault> {
    let (here, behind) =
        pattern.split_once('/').map_or((pattern, None), |(here, behind)| (here, Some(behind)));
    let names = beneath::names(folder).map_err(|error| lost(&error, before))?;
    for lying in names.into_iter().filter(|lying| is_of(&lying.name, here)) {
        let path = format!("{before}{}", lying.name);
        match (lying.kind, behind) {
            (FileType::Symlink, _) => return Err(of_name(&path, "is a link, and links are not followed")),
            (FileType::Directory, Some(behind)) => {
                let next = beneath::folder(folder, &lying.name).map_err(|error| lost(&error, &path))?;
                list(root, &next, behind, &format!("{path}/"), files)?;
            }
            (FileType::RegularFile, None) => {
                let unknown = || of_name(&path, "has a name that tells no format: csv, jsonl or parquet");
                let nature = Nature::of(&path).ok_or_else(unknown)?;
                let file = beneath::file(root, &path).map_err(|error| lost(&error, &path))?;
                let seen = Seen::of(&file).map_err(|error| lost(&error, &path))?;
                files.push(Listed { path, nature, seen });
            }
            _ => {}
        }
    }
    Ok(())
}

fn of_name(path: &str, why: &str) -> DataFault {
    tracing::warn!(file = %path, "a file of a data set {why}");
    DataFault::File { row: None, why: why.to_owned() }
}

fn changed(row: Option<u64>) -> DataFault {
    DataFault::File { row, why: "changed while it was read; try again".to_owned() }
}

fn is_gone(error: &io::Error) -> bool {
    // A link in the place of a file is another file, too.
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

fn lost(error: &io::Error, path: &str) -> DataFault {
    tracing::warn!(file = %path, %error, "a folder of data sets cannot be read");
    DataFault::SourceLost { row: None }
}
