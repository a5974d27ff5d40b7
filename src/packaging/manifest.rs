//! What is in a package, and what was left out.

use serde::{Deserialize, Serialize};

use crate::domain::{Compression, Format, Profile, Sha256, Warning};

/// The list that goes with every package. The same for the same source, like the package itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The package it belongs to.
    pub package: PackageDigest,
    /// How the bytes were made: another version may make others of the same source.
    pub recipe: Recipe,
    /// Which version of the source it is, where the source has versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Provenance>,
    /// What is inside, in the order of the package.
    pub entries: Vec<ManifestEntry>,
    /// What was there in the version that `source.since` names, and is not any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deleted: Vec<String>,
    /// What was left out.
    pub excluded: Vec<Excluded>,
    /// Of what was left out, what holds secrets: why it is taken for that, never the secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Withheld>,
    /// What else had to be left out or changed: as the export tells it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// Sums.
    pub totals: Totals,
    /// Who says so, where it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
}

/// By which a manifest and its package are known to belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackageDigest {
    /// Bytes.
    pub size: u64,
    /// Of all of them.
    pub sha256: Sha256,
}

/// How the bytes of a package were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// `exportd` and its version.
    pub tool: String,
    /// The archive's format, or the document's.
    pub format: String,
    /// What a document is compressed with.
    #[serde(default, skip_serializing_if = "Compression::is_none")]
    pub compression: Compression,
    /// What compressed it.
    pub codec: String,
    /// 1 to 9.
    pub level: u32,
    /// What was asked for instead of a level.
    #[serde(default)]
    pub profile: Profile,
    /// Which set of rules decided what is a secret: unlike sets may leave out unlike files.
    pub rules: u32,
}

/// Which version of its source a package holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    /// As it was asked for: a tag, a branch, a commit, a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The commit that was, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Only what changed from this version on is in the package.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The commit that was, in full.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since_commit: Option<String>,
}

/// A signature over a manifest: over its canonical form (RFC 8785) without this member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signature {
    /// `Ed25519`.
    pub algorithm: String,
    /// Which key, as `/api/v1/keys` names it.
    pub key_id: String,
    /// The signature itself, in base64.
    pub value: String,
}

/// Something withheld because it holds, or would hold, a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Where it lies; a folder's ends in `/`.
    pub path: String,
    /// What gave it away: a name's pattern, or the kind of secret found in it.
    pub rule: String,
    /// The line it was found in, counted from 1; nothing when its name was enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
}

/// One entry of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestEntry {
    /// Its name in the package; a folder's ends in `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Bytes as packed. Small files of a tar archive are packed together: there it is a file's share,
    /// in proportion to the bytes that it takes up in the archive, its head included.
    pub compressed_size: u64,
    /// Of its bytes.
    pub sha256: Sha256,
    /// Its permissions, octal.
    pub mode: String,
}

/// Something that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Where it lies; a folder's ends in `/` and stands for all that is in it.
    pub path: String,
    /// Why.
    pub reason: ExcludeReason,
    /// The rule that said so, where one did: a pattern, or what was found inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
}

/// Why something was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExcludeReason {
    /// Environment files, private keys, credentials: no option brings them in.
    Secret,
    /// The server's own data: no option brings it in.
    OwnData,
    /// Installed dependencies.
    Dependency,
    /// What a build makes.
    BuildOutput,
    /// Caches.
    Cache,
    /// Version control.
    VersionControl,
    /// What operating systems and editors leave.
    OsJunk,
    /// The project's own `.exportignore`.
    Ignored,
    /// The request's own excludes.
    Requested,
    /// Another repository, of which only the address is in this one.
    Submodule,
    /// A symbolic link.
    Symlink,
    /// A socket, pipe or device.
    SpecialFile,
    /// Larger than `limits.max_file`.
    TooLarge,
    /// It may not, or cannot, be read.
    Unreadable,
    /// It was deleted before it could be read.
    Vanished,
    /// Its name, made portable, is another entry's.
    NameCollision,
    /// Its path is longer than an archive can write.
    PathTooLong,
}

impl ExcludeReason {
    /// Every reason.
    pub const ALL: [Self; 17] = [
        Self::Secret,
        Self::OwnData,
        Self::Dependency,
        Self::BuildOutput,
        Self::Cache,
        Self::VersionControl,
        Self::OsJunk,
        Self::Ignored,
        Self::Requested,
        Self::Submodule,
        Self::Symlink,
        Self::SpecialFile,
        Self::TooLarge,
        Self::Unreadable,
        Self::Vanished,
        Self::NameCollision,
        Self::PathTooLong,
    ];

    /// The word, as in JSON and as a metric's label.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::OwnData => "own_data",
            Self::Dependency => "dependency",
            Self::BuildOutput => "build_output",
            Self::Cache => "cache",
            Self::VersionControl => "version_control",
            Self::OsJunk => "os_junk",
            Self::Ignored => "ignored",
            Self::Requested => "requested",
            Self::Submodule => "submodule",
            Self::Symlink => "symlink",
            Self::SpecialFile => "special_file",
            Self::TooLarge => "too_large",
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::NameCollision => "name_collision",
            Self::PathTooLong => "path_too_long",
        }
    }
}

/// Sums over a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Entries that are files.
    pub files: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Bytes of all of them as packed.
    pub compressed_bytes: u64,
    /// Entries left out; a folder counts once.
    pub excluded: u64,
}

impl Manifest {
    /// What its package is, if it is one document.
    pub fn document(&self) -> Option<Format> {
        Format::parse(&self.recipe.format).filter(|format| format.archive().is_none())
    }

    /// As it is stored and served.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a manifest has only text keys")
    }
}
