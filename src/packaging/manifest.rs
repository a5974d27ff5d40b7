//! What is in a package, and what was left out.

use serde::{Deserialize, Serialize};

use crate::domain::Sha256;

/// The list that goes with every package. The same for the same source, like the package itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The package it belongs to.
    pub package: PackageDigest,
    /// How the bytes were made: another version may make others of the same source.
    pub recipe: Recipe,
    /// What is inside, in the order of the package.
    pub entries: Vec<ManifestEntry>,
    /// What was left out.
    pub excluded: Vec<Excluded>,
    /// Sums.
    pub totals: Totals,
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
    /// The archive's format.
    pub format: String,
    /// What compressed it.
    pub codec: String,
    /// 1 to 9.
    pub level: u32,
}

/// One entry of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ManifestEntry {
    /// Its name in the package; a folder's ends in `/`.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Bytes as packed.
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
    /// The request's own excludes.
    Requested,
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
            Self::Requested => "requested",
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
    /// As it is stored and served.
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a manifest has only text keys")
    }
}
