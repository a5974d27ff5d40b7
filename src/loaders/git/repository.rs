//! Opening a repository, whatever its owner has put in it.

use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use gix::config::File as Settings;
use gix::config::file::Metadata;
use gix::hash;

use crate::loaders::tree::beneath;

use super::refs::Refs;
use super::store::Objects;

/// The longest `config` that is read.
const LONGEST_SETTINGS: u64 = 1 << 20;

/// Why a folder cannot be read as a repository.
#[derive(Debug, thiserror::Error)]
pub enum RepositoryError {
    /// The folder is not there.
    #[error("the folder is not there")]
    Missing,
    /// There are no objects in it.
    #[error("the folder is no git repository")]
    NoRepository,
    /// A work tree or a submodule, whose objects are another's.
    #[error("the folder is a work tree whose repository lies elsewhere; register that repository")]
    Elsewhere,
    /// Kept in a way that this version does not read.
    #[error("the repository keeps its {0}, which this version does not read")]
    Unknown(String),
    /// The disk does not answer.
    #[error("the repository cannot be read")]
    Unreadable(#[from] io::Error),
}

/// An open repository. It stays the one that was opened, whatever happens to its path.
#[derive(Debug)]
pub struct Repository {
    pub(super) refs: Refs,
    pub(super) objects: Objects,
}

impl Repository {
    /// Opens the repository in `folder`, an absolute path without links: a bare one, or a work
    /// tree with a `.git` folder. `may_read` says of other folders whether objects may be
    /// borrowed from there.
    ///
    /// # Errors
    /// [`RepositoryError`].
    pub fn open(folder: &Path, may_read: &dyn Fn(&Path) -> bool) -> Result<Self, RepositoryError> {
        let top = beneath::whole(folder).map_err(|_| RepositoryError::Missing)?;
        let (own, path) = match beneath::folder(top.as_fd(), b".git") {
            Ok(own) => (own, folder.join(".git")),
            Err(_) if beneath::plain_file(top.as_fd(), b".git").is_ok() => {
                return Err(RepositoryError::Elsewhere);
            }
            Err(_) => (top, folder.to_owned()),
        };
        if beneath::plain_file(own.as_fd(), b"commondir").is_ok() {
            return Err(RepositoryError::Elsewhere);
        }
        let has_head = beneath::plain_file(own.as_fd(), b"HEAD").is_ok();
        let objects = beneath::folder(own.as_fd(), b"objects").ok().filter(|_| has_head);
        let objects = objects.ok_or(RepositoryError::NoRepository)?;
        let hash = hash_of(&own)?;
        let objects = Objects::open(objects, &path.join("objects"), hash, may_read);
        Ok(Self { refs: Refs::new(own), objects })
    }

    /// Whether `folder` looks as if it could be opened.
    pub fn is_in(folder: &Path) -> bool {
        Self::open(folder, &|_| false).is_ok()
    }
}

/// By what the repository names its objects: the only thing its settings are asked for, besides
/// whether it is kept in a way that is known here. Other files that they name are not read.
fn hash_of(own: &OwnedFd) -> Result<hash::Kind, RepositoryError> {
    let mut text = Vec::new();
    if let Ok(file) = beneath::plain_file(own.as_fd(), b"config") {
        file.take(LONGEST_SETTINGS).read_to_end(&mut text)?;
    }
    let settings = Settings::from_bytes_no_includes(&text, Metadata::default(), Default::default());
    let settings = settings.map_err(|_| RepositoryError::Unknown("settings in a broken file".into()))?;
    let word = |key: &str| settings.string(key).map(|word| word.to_string().to_ascii_lowercase());
    if let Some(kept) = word("extensions.refstorage").filter(|kept| kept != "files") {
        return Err(RepositoryError::Unknown(format!("branches as `{}`", plain(&kept))));
    }
    match word("extensions.objectformat").as_deref() {
        None | Some("sha1") => Ok(hash::Kind::Sha1),
        Some("sha256") => Ok(hash::Kind::Sha256),
        Some(other) => Err(RepositoryError::Unknown(format!("objects by `{}`", plain(other)))),
    }
}

/// A word out of a stranger's file, fit to be told.
fn plain(word: &str) -> String {
    word.chars().filter(char::is_ascii_alphanumeric).take(20).collect()
}
