//! From what people call a revision to its commit.

use gix::hash::{ObjectId, Prefix};
use gix::objs::{self, CommitRef, TagRef};

use crate::domain::{Timestamp, VersionId};

use super::Repository;
use super::store::ObjectError;

/// The largest commit or tag that is read.
const LARGEST: u64 = 8 << 20;
/// Tags of tags of tags.
const DEEPEST: usize = 10;
/// The shortest abbreviation, as git has it.
const SHORTEST: usize = 4;
/// Objects that an abbreviation may stand for before it is called ambiguous without a look.
const MOST_CANDIDATES: usize = 64;
/// The longest subject that is told, in characters.
const LONGEST_SUBJECT: usize = 200;

/// Why a revision cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// Nothing is called that.
    #[error("no tag, branch or commit of the repository is called that")]
    Unknown,
    /// It is the beginning of several commits' names.
    #[error("several commits begin with that; write more of it")]
    Ambiguous,
    /// An object that is needed to say what it is cannot be had.
    #[error("the repository cannot give its object {id}: {error}")]
    Object {
        /// Which.
        id: ObjectId,
        /// Why.
        error: ObjectError,
    },
    /// The disk does not answer.
    #[error("the repository cannot be read")]
    Unreadable(#[from] std::io::Error),
}

/// What is to be known of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its name.
    pub id: ObjectId,
    /// The tree of it.
    pub tree: ObjectId,
    /// When it was committed.
    pub at: Timestamp,
    /// The first line of what was said of it.
    pub subject: String,
}

impl Repository {
    /// The commit that `version` stands for: `HEAD`, a commit's whole name, a tag, a branch, or
    /// the beginning of a commit's name, in this order.
    ///
    /// # Errors
    /// [`RevisionError`].
    pub fn commit(&self, version: &VersionId) -> Result<Commit, RevisionError> {
        let name = version.as_str();
        let whole = ObjectId::from_hex(name.as_bytes()).ok().filter(|id| id.kind() == self.objects.hash());
        match whole.map(|id| self.peeled(id)).transpose() {
            Ok(Some(Some(commit))) => return Ok(commit),
            Ok(_) => {}
            // A branch may be called like that all the same.
            Err(RevisionError::Object { error: ObjectError::Missing | ObjectError::Elsewhere, id })
                if Some(id) == whole => {}
            Err(error) => return Err(error),
        }
        for place in places(name) {
            if let Some(id) = self.refs.find(&place)? {
                return self.peeled(id)?.ok_or(RevisionError::Unknown);
            }
        }
        self.beginning_with(name)
    }

    /// The commit that the repository stands at.
    ///
    /// # Errors
    /// [`RevisionError::Unknown`] when nothing was committed yet.
    pub fn head(&self) -> Result<Commit, RevisionError> {
        let id = self.refs.find("HEAD")?.ok_or(RevisionError::Unknown)?;
        self.peeled(id)?.ok_or(RevisionError::Unknown)
    }

    fn beginning_with(&self, name: &str) -> Result<Commit, RevisionError> {
        let prefix = Prefix::from_hex(name).ok().filter(|prefix| prefix.hex_len() >= SHORTEST);
        let prefix = prefix.ok_or(RevisionError::Unknown)?;
        let found = self.objects.with_prefix(&prefix, MOST_CANDIDATES);
        let found = found.map_err(|error| RevisionError::Object { id: prefix.as_oid().to_owned(), error })?;
        if found.len() == MOST_CANDIDATES {
            return Err(RevisionError::Ambiguous);
        }
        // What is no commit was not meant; and a tag and its own commit are one.
        let mut commits: Vec<Commit> = Vec::new();
        for id in found {
            match self.peeled(id) {
                Ok(Some(commit)) if commits.iter().all(|known| known.id != commit.id) => commits.push(commit),
                _ => {}
            }
        }
        if commits.len() > 1 {
            return Err(RevisionError::Ambiguous);
        }
        commits.pop().ok_or(RevisionError::Unknown)
    }

    /// The commit that `id` is, or that it is a tag of; `None` for trees and files.
    pub(super) fn peeled(&self, mut id: ObjectId) -> Result<Option<Commit>, RevisionError> {
        for _ in 0..DEEPEST {
            let object = match self.objects.read(&id, LARGEST) {
                Ok(object) => object,
                Err(ObjectError::TooLarge) => return Ok(None),
                Err(error) => return Err(RevisionError::Object { id, error }),
            };
            let broken = || RevisionError::Object { id, error: ObjectError::Corrupt("it is broken") };
            match object.kind {
                objs::Kind::Commit => return Commit::read(id, &object.bytes).map(Some).ok_or_else(broken),
                objs::Kind::Tag => {
                    let tag = TagRef::from_bytes(&object.bytes, id.kind()).map_err(|_| broken())?;
                    id = tag.target();
                }
                objs::Kind::Tree | objs::Kind::Blob => return Ok(None),
            }
        }
        Ok(None)
    }
}

impl Commit {
    fn read(id: ObjectId, bytes: &[u8]) -> Option<Self> {
        let commit = CommitRef::from_bytes(bytes, id.kind()).ok()?;
        let seconds = commit.time().map_or(0, |time| time.seconds);
        Some(Self { id, tree: commit.tree(), at: at(seconds), subject: subject(commit.message) })
    }
}

/// Where a name is looked for, the first that is there wins.
///
/// Source: git's `Documentation/revisions.adoc`, `<refname>`.
fn places(name: &str) -> Vec<String> {
    if name == "HEAD" {
        return vec![name.to_owned()];
    }
    let mut places: Vec<_> = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"]
        .into_iter()
        .map(|place| format!("{place}{name}"))
        .collect();
    if name.starts_with("refs/") {
        places.insert(0, name.to_owned());
    }
    places
}

/// An instant that a commit tells; one that no clock shows is brought to the nearest that does.
fn at(seconds: i64) -> Timestamp {
    const LATEST: i64 = 253_402_300_799; // the end of the year 9999
    Timestamp::from_millis(seconds.clamp(0, LATEST) * 1000)
}

fn subject(message: &[u8]) -> String {
    let line = message.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    line.chars().filter(|c| !c.is_control()).take(LONGEST_SUBJECT).collect()
}
