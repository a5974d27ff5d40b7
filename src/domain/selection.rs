//! Which part of what is exported, and in what shape.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Format, ProjectId, VersionId};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A project's source tree.
    Project,
}

impl Kind {
    /// Every kind this server exports.
    pub const ALL: [Self; 1] = [Self::Project];

    /// The word in the API, in metrics and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The formats this kind comes in, the default first.
    pub const fn formats(self) -> &'static [Format] {
        match self {
            Self::Project => &[Format::Zip, Format::TarGz, Format::TarZst],
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much of a project's tree is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExportType {
    /// What a person wrote: no installed dependencies, build output, caches, version control folders
    /// or leftovers of operating systems.
    #[default]
    SourceCode,
    /// Build output and version control folders too. Installed dependencies, caches and leftovers
    /// are left out all the same, for a tool brings them back; and what no export may contain
    /// (environments, keys, credentials) is in none.
    FullProject,
}

impl ExportType {
    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SourceCode => "source_code",
            Self::FullProject => "full_project",
        }
    }
}

/// Which part of a project.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProjectSelector {
    /// The project, among its owner's.
    pub project_id: ProjectId,
    /// A version of it; `None` is the tree as it lies there now.
    #[serde(default)]
    pub version_id: Option<VersionId>,
    /// How much of the tree.
    #[serde(default)]
    pub export_type: ExportType,
    /// Globs (gitignore syntax) one of which a path must match; empty takes every path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Only what changed from this version on; what was deleted since is told in the manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<VersionId>,
}

/// Which of the versions that a selector names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichVersion {
    /// The one that is exported.
    Selected,
    /// The one from which on changes are exported.
    Since,
}

/// Which part of which kind: a selector together with its [`Kind`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selection {
    /// Part of a project's tree.
    Project(ProjectSelector),
}

impl Selection {
    /// The kind that the selector belongs to.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Project(_) => Kind::Project,
        }
    }

    /// The project this is about, for kinds that have one.
    pub const fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::Project(selector) => Some(&selector.project_id),
        }
    }

    /// The version this is about, for kinds that have versions.
    pub const fn version(&self) -> Option<&VersionId> {
        match self {
            Self::Project(selector) => selector.version_id.as_ref(),
        }
    }
}
