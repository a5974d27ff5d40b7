//! Which part of what is exported, and in what shape.

use std::fmt;

use serde::{Deserialize, Serialize};

use serde_json::Value;

use super::{
    AnalyticsSelector, BulkSelector, ConversationSelector, CustomSelector, Format, ProjectId, TraceSelector,
    UserDataSelector, VersionId,
};

/// What is exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A project's source tree.
    Project,
    /// What is kept about a user.
    UserData,
    /// Conversations.
    Conversation,
    /// A report.
    Analytics,
    /// Traces of what programs did.
    Trace,
    /// A data set that the operator declared.
    Custom,
    /// Everyone's data.
    Bulk,
}

impl Kind {
    /// Every kind this server exports.
    pub const ALL: [Self; 7] = [
        Self::Project,
        Self::UserData,
        Self::Conversation,
        Self::Analytics,
        Self::Trace,
        Self::Custom,
        Self::Bulk,
    ];

    /// The word in the API, in metrics and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::UserData => "user_data",
            Self::Conversation => "conversation",
            Self::Analytics => "analytics",
            Self::Trace => "trace",
            Self::Custom => "custom",
            Self::Bulk => "bulk",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The formats this kind comes in, the default first.
    pub const fn formats(self) -> &'static [Format] {
        use Format::{Csv, Html, Json, Jsonl, Markdown, Parquet, Pdf, TarGz, TarZst, Txt, Xlsx, Xml, Zip};
        match self {
            Self::Project => &[Zip, TarGz, TarZst],
            Self::UserData => &[Json, Csv, Xml, Zip],
            Self::Conversation => &[Json, Jsonl, Csv, Markdown, Txt, Html, Pdf, Xml, Xlsx],
            Self::Analytics => &[Csv, Json, Jsonl, Xml, Html, Pdf, Markdown, Xlsx],
            Self::Trace => &[Jsonl, Json, Csv, Parquet],
            Self::Custom => &[Csv, Json, Jsonl, Xml, Markdown, Txt, Html, Pdf, Parquet, Xlsx],
            Self::Bulk => &[Zip, TarZst],
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Part of a project's tree.
    Project(ProjectSelector),
    /// Part of what is kept about a user.
    UserData(UserDataSelector),
    /// Some conversations.
    Conversation(ConversationSelector),
    /// A report.
    Analytics(AnalyticsSelector),
    /// Some traces.
    Trace(TraceSelector),
    /// Rows of a data set.
    Custom(CustomSelector),
    /// Part of everyone's data.
    Bulk(BulkSelector),
}

impl Selection {
    /// The kind that the selector belongs to.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Project(_) => Kind::Project,
            Self::UserData(_) => Kind::UserData,
            Self::Conversation(_) => Kind::Conversation,
            Self::Analytics(_) => Kind::Analytics,
            Self::Trace(_) => Kind::Trace,
            Self::Custom(_) => Kind::Custom,
            Self::Bulk(_) => Kind::Bulk,
        }
    }

    /// Which part of a project, for the kind that is about one.
    pub const fn of_project(&self) -> Option<&ProjectSelector> {
        match self {
            Self::Project(selector) => Some(selector),
            _ => None,
        }
    }

    /// The project this is about, for kinds that have one.
    pub fn project(&self) -> Option<&ProjectId> {
        self.of_project().map(|selector| &selector.project_id)
    }

    /// The version this is about, for kinds that have versions.
    pub fn version(&self) -> Option<&VersionId> {
        self.of_project().and_then(|selector| selector.version_id.as_ref())
    }

    /// The selector alone, as it is stored beside its kind.
    pub fn to_json(&self) -> Value {
        let json = match self {
            Self::Project(selector) => serde_json::to_value(selector),
            Self::UserData(selector) => serde_json::to_value(selector),
            Self::Conversation(selector) => serde_json::to_value(selector),
            Self::Analytics(selector) => serde_json::to_value(selector),
            Self::Trace(selector) => serde_json::to_value(selector),
            Self::Custom(selector) => serde_json::to_value(selector),
            Self::Bulk(selector) => serde_json::to_value(selector),
        };
        json.expect("a selector has only text keys")
    }

    /// The selection that `selector` stands for beside `kind`.
    ///
    /// # Errors
    /// When it is no selector of that kind.
    pub fn from_json(kind: Kind, selector: Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            Kind::Project => Self::Project(serde_json::from_value(selector)?),
            Kind::UserData => Self::UserData(serde_json::from_value(selector)?),
            Kind::Conversation => Self::Conversation(serde_json::from_value(selector)?),
            Kind::Analytics => Self::Analytics(serde_json::from_value(selector)?),
            Kind::Trace => Self::Trace(serde_json::from_value(selector)?),
            Kind::Custom => Self::Custom(serde_json::from_value(selector)?),
            Kind::Bulk => Self::Bulk(serde_json::from_value(selector)?),
        })
    }
}
