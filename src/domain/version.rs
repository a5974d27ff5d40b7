//! The versions of a project: what its repository or its owner calls a state of it.

use std::cmp::Reverse;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Timestamp, VersionId};

/// What a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionKind {
    /// A tag of a repository.
    Tag,
    /// A branch of a repository: another commit tomorrow.
    Branch,
    /// A folder that its owner registered.
    Snapshot,
}

impl VersionKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Tag, Self::Branch, Self::Snapshot];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Branch => "branch",
            Self::Snapshot => "snapshot",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A version that can be exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// What it is asked for by.
    pub id: VersionId,
    /// What it is.
    pub kind: VersionKind,
    /// What it is called; for people.
    pub name: String,
    /// The commit it stands for now, in full.
    pub commit: Option<String>,
    /// When it was committed, or registered.
    pub created_at: Timestamp,
    /// The first line of what was said of it.
    pub subject: Option<String>,
}

/// Where a version stands among all of its project's: the newest first, then tags before
/// branches, then by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionMark {
    /// When it was made.
    pub created_at: Reverse<Timestamp>,
    /// What it is.
    pub kind: VersionKind,
    /// Its name.
    pub id: VersionId,
}

impl Version {
    /// Where it stands.
    pub fn mark(&self) -> VersionMark {
        VersionMark { created_at: Reverse(self.created_at), kind: self.kind, id: self.id.clone() }
    }
}

/// A folder that holds one version of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What its owner calls it.
    pub version: VersionId,
    /// Where it lies: absolute, and below one of `projects.allowed_roots`.
    pub path: PathBuf,
    /// When it was registered.
    pub registered_at: Timestamp,
}

/// What was settled when the export was asked for: what the versions that its selector names stood
/// for (a branch may have moved by the time it is made), what its asker may see, and the template as
/// it was. The export is of what its asker saw.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Pins {
    /// For the version that is exported: a commit, or when a snapshot was registered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The same for `since`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Personal data are as they are; masked otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unmasked: bool,
    /// The template of the report that the data become.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<serde_json::Value>,
}
