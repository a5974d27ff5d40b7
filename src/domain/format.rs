//! In which shape a package comes, and how hard it is pressed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The shape of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Format {
    /// A zip archive (APPNOTE 6.3.10).
    #[serde(rename = "zip")]
    Zip,
    /// A tar archive (POSIX.1-2001, pax) in one gzip member (RFC 1952).
    #[serde(rename = "tar.gz")]
    TarGz,
    /// A tar archive (POSIX.1-2001, pax) in Zstandard frames (RFC 8878) that can be sought.
    #[serde(rename = "tar.zst")]
    TarZst,
}

impl Format {
    /// Every format this server writes.
    pub const ALL: [Self; 3] = [Self::Zip, Self::TarGz, Self::TarZst];

    /// The word in the API, in metrics and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
            Self::TarZst => "tar.zst",
        }
    }

    /// The format of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The file name's extension, without its dot.
    pub const fn extension(self) -> &'static str {
        self.as_str()
    }

    /// The media type (IANA registry) that `Content-Type` carries.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::TarGz => "application/gzip",
            Self::TarZst => "application/zstd",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How hard a package is pressed: time against size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Soonest done.
    Fast,
    /// As the operator set it (`packing.level`).
    #[default]
    Balanced,
    /// Smallest.
    Small,
}

impl Profile {
    /// Every profile.
    pub const ALL: [Self; 3] = [Self::Fast, Self::Balanced, Self::Small];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Balanced => "balanced",
            Self::Small => "small",
        }
    }

    /// The profile of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|profile| profile.as_str() == word)
    }
}

/// What may be chosen beside what is exported and in which format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// How hard the package is pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
}

impl Options {
    /// The profile that was chosen, or the usual one.
    pub fn profile(self) -> Profile {
        self.profile.unwrap_or_default()
    }
}
