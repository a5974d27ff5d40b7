//! A user's project: a name, and where its source lies.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{ProjectId, Timestamp, UserId};

/// Where a project's source lies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ProjectSource {
    /// A folder, as it lies there at the moment of the export.
    Directory {
        /// Absolute, and below one of `projects.allowed_roots`.
        path: PathBuf,
    },
    /// A git repository, of which any revision can be exported: a bare one, or a work tree.
    Git {
        /// Absolute, and below one of `projects.allowed_roots`.
        path: PathBuf,
    },
}

impl ProjectSource {
    /// Where it lies.
    pub const fn path(&self) -> &PathBuf {
        match self {
            Self::Directory { path } | Self::Git { path } => path,
        }
    }

    /// The same at `path`.
    #[must_use]
    pub fn at(&self, path: PathBuf) -> Self {
        match self {
            Self::Directory { .. } => Self::Directory { path },
            Self::Git { .. } => Self::Git { path },
        }
    }

    /// The word in the API.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "directory",
            Self::Git { .. } => "git",
        }
    }
}

/// A project as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Project {
    /// Its owner.
    pub owner: UserId,
    /// Which of the owner's projects.
    pub id: ProjectId,
    /// What people call it.
    pub name: String,
    /// What it is built with, as its owner says; for people.
    pub framework: Option<String>,
    /// Where its source lies.
    pub source: ProjectSource,
    /// When it was registered; `None` for a folder found below `projects.root`.
    pub registered_at: Option<Timestamp>,
}
