//! One version of a project, found and opened: the folder as it lies there, a snapshot's folder,
//! or a commit.

use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::domain::{Timestamp, Version, VersionId, WhichVersion};
use crate::packaging::{LoadError, Source};

use super::git::{Commit, GitSource, Repository, RepositoryError, RevisionError};
use super::rules::TreeRules;
use super::tree::TreeSource;

/// Where the versions of a project are kept.
pub struct Shelf {
    /// Its folder.
    pub folder: PathBuf,
    /// Whether that is a repository, and nothing but its commits is exported.
    pub is_git: bool,
    /// Of other folders, whether they may be read for its owner.
    pub may_read: Arc<dyn Fn(&Path) -> bool + Send + Sync>,
}

/// Which version is wanted.
#[derive(Debug)]
pub struct Edition {
    /// As it was asked for.
    pub asked: Option<VersionId>,
    /// Which of the selector's it is.
    pub which: WhichVersion,
    /// The commit that it is to be, whatever is called so by now.
    pub pin: Option<String>,
}

/// A version that is there.
#[derive(Debug)]
pub enum OpenEdition {
    /// A folder; a snapshot's with the instant of its registration.
    Folder(PathBuf, Option<Timestamp>),
    /// A commit.
    Commit(Box<Repository>, Commit),
}

impl Shelf {
    /// The tags and branches, where there are any.
    ///
    /// # Errors
    /// [`LoadError`] when a repository cannot be read.
    pub fn versions(&self) -> Result<Vec<Version>, LoadError> {
        match Repository::open(&self.folder, &*self.may_read) {
            Ok(repository) => repository.versions().map_err(|error| LoadError::Repository(error.to_string())),
            Err(error) if self.is_git => Err(error.into()),
            // A folder like any other.
            Err(_) => Ok(Vec::new()),
        }
    }
}

impl Edition {
    /// Finds it on `shelf`.
    ///
    /// # Errors
    /// [`LoadError::NoVersion`], [`LoadError::Repository`].
    pub fn open(self, shelf: &Shelf) -> Result<OpenEdition, LoadError> {
        if self.asked.is_none() && !shelf.is_git {
            return Ok(OpenEdition::Folder(shelf.folder.clone(), None));
        }
        let repository = match Repository::open(&shelf.folder, &*shelf.may_read) {
            Ok(repository) => repository,
            Err(RepositoryError::NoRepository) if !shelf.is_git => {
                let why = "no snapshot of that name is registered, and its folder is no git repository";
                return Err(self.no_version(why));
            }
            Err(error) => return Err(error.into()),
        };
        let pinned = self.pin.as_ref().and_then(|pin| pin.parse::<VersionId>().ok());
        let commit = match pinned.as_ref().or(self.asked.as_ref()) {
            Some(version) => repository.commit(version),
            None => repository.head(),
        };
        match commit {
            Ok(commit) => Ok(OpenEdition::Commit(Box::new(repository), commit)),
            Err(error @ (RevisionError::Unknown | RevisionError::Ambiguous)) => Err(self.no_version(error)),
            Err(error) => Err(LoadError::Repository(error.to_string())),
        }
    }

    fn no_version(self, why: impl ToString) -> LoadError {
        match self.asked {
            Some(version) => LoadError::NoVersion { which: self.which, version, why: why.to_string() },
            None => LoadError::Repository("the repository has no commit to export yet".to_owned()),
        }
    }
}

impl OpenEdition {
    /// The snapshot in `folder`.
    pub fn snapshot(folder: PathBuf, registered_at: Timestamp) -> Self {
        Self::Folder(folder, Some(registered_at))
    }

    /// By what it is known again; `None` for a folder that is what it is at the moment.
    pub fn pin(&self) -> Option<String> {
        match self {
            Self::Folder(_, registered_at) => registered_at.map(|at| at.millis().to_string()),
            Self::Commit(_, commit) => Some(commit.id.to_string()),
        }
    }

    /// The commit's whole name, of one.
    pub fn commit(&self) -> Option<String> {
        match self {
            Self::Folder(..) => None,
            Self::Commit(_, commit) => Some(commit.id.to_string()),
        }
    }

    /// Its tree, of which `rules` lets through, without what is the server's `own`.
    ///
    /// # Errors
    /// [`LoadError::NotThere`].
    pub fn source(self, rules: TreeRules, own: &[PathBuf]) -> Result<Box<dyn Source>, LoadError> {
        match self {
            Self::Folder(folder, _) => {
                let own = own.iter().filter_map(|own| within(&folder, own)).collect();
                let source =
                    TreeSource::open(&folder, rules.without(own)).map_err(|_| LoadError::NotThere)?;
                Ok(Box::new(source))
            }
            Self::Commit(repository, commit) => Ok(Box::new(GitSource::new(*repository, &commit, rules))),
        }
    }
}

/// The path of `own` within `folder`, if it lies there.
fn within(folder: &Path, own: &Path) -> Option<Vec<u8>> {
    let own = own.canonicalize().ok()?;
    Some(own.strip_prefix(folder).ok()?.as_os_str().as_bytes().to_vec())
}

impl From<RepositoryError> for LoadError {
    fn from(error: RepositoryError) -> Self {
        match error {
            RepositoryError::Missing => Self::NotThere,
            error => Self::Repository(error.to_string()),
        }
    }
}

impl fmt::Debug for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shelf")
            .field("folder", &self.folder)
            .field("is_git", &self.is_git)
            .finish_non_exhaustive()
    }
}
