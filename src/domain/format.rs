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
    /// One JSON document (RFC 8259).
    #[serde(rename = "json")]
    Json,
    /// JSON documents, one a line.
    #[serde(rename = "jsonl")]
    Jsonl,
    /// Comma-separated values (RFC 4180), in UTF-8.
    #[serde(rename = "csv")]
    Csv,
    /// XML 1.0 (fifth edition).
    #[serde(rename = "xml")]
    Xml,
    /// Markdown (GitHub's, for its tables).
    #[serde(rename = "markdown")]
    Markdown,
    /// Plain text.
    #[serde(rename = "txt")]
    Txt,
    /// One HTML file that needs no other.
    #[serde(rename = "html")]
    Html,
    /// PDF.
    #[serde(rename = "pdf")]
    Pdf,
    /// Apache Parquet.
    #[serde(rename = "parquet")]
    Parquet,
    /// A workbook of Office Open XML (ISO/IEC 29500).
    #[serde(rename = "xlsx")]
    Xlsx,
}

impl Format {
    /// Every format this server writes.
    pub const ALL: [Self; 13] = [
        Self::Zip,
        Self::TarGz,
        Self::TarZst,
        Self::Json,
        Self::Jsonl,
        Self::Csv,
        Self::Xml,
        Self::Markdown,
        Self::Txt,
        Self::Html,
        Self::Pdf,
        Self::Parquet,
        Self::Xlsx,
    ];

    /// The archive it is; every other format is one document.
    pub const fn archive(self) -> Option<Archive> {
        match self {
            Self::Zip => Some(Archive::Zip),
            Self::TarGz => Some(Archive::TarGz),
            Self::TarZst => Some(Archive::TarZst),
            _ => None,
        }
    }

    /// The word in the API, in metrics and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::TarGz => "tar.gz",
            Self::TarZst => "tar.zst",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Xml => "xml",
            Self::Markdown => "markdown",
            Self::Txt => "txt",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Parquet => "parquet",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// The file name's extension, without its dot.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Markdown => "md",
            other => other.as_str(),
        }
    }

    /// The media type (IANA registry) that `Content-Type` carries.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Zip => "application/zip",
            Self::TarGz => "application/gzip",
            Self::TarZst => "application/zstd",
            Self::Json => "application/json",
            Self::Jsonl => "application/jsonl",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Xml => "application/xml",
            Self::Markdown => "text/markdown; charset=utf-8; variant=GFM",
            Self::Txt => "text/plain; charset=utf-8",
            Self::Html => "text/html; charset=utf-8",
            Self::Pdf => "application/pdf",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A format that holds entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Archive {
    /// [`Format::Zip`].
    Zip,
    /// [`Format::TarGz`].
    TarGz,
    /// [`Format::TarZst`].
    TarZst,
}

impl Archive {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Zip, Self::TarGz, Self::TarZst];

    /// The format that it is.
    pub const fn format(self) -> Format {
        match self {
            Self::Zip => Format::Zip,
            Self::TarGz => Format::TarGz,
            Self::TarZst => Format::TarZst,
        }
    }

    /// The word in the API and the extension of file names.
    pub const fn as_str(self) -> &'static str {
        self.format().as_str()
    }

    /// The one of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|archive| archive.as_str() == word)
    }
}

impl fmt::Display for Archive {
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

/// What a document is compressed with. Archives are compressed as their format says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compression {
    /// Nothing: it is as it is.
    #[default]
    None,
    /// One gzip member (RFC 1952).
    Gzip,
    /// Zstandard frames (RFC 8878) that can be sought.
    Zstd,
}

impl Compression {
    /// Every compression.
    pub const ALL: [Self; 3] = [Self::None, Self::Gzip, Self::Zstd];

    /// The word in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The compression of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compression| compression.as_str() == word)
    }

    /// Whether it is none.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }

    /// What it adds to the end of a file name.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }

    /// The media type of a file of `format` that is compressed with it: what is compressed is told
    /// as such, for nothing on the way is to undo it.
    pub const fn media_type(self, format: Format) -> &'static str {
        match self {
            Self::None => format.media_type(),
            Self::Gzip => Format::TarGz.media_type(),
            Self::Zstd => Format::TarZst.media_type(),
        }
    }
}

/// What may be chosen beside what is exported and in which format.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Options {
    /// How hard the package is pressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// What a document is compressed with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<Compression>,
    /// Whether a document tells what it is of, where its format has a place for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_metadata: Option<bool>,
    /// Whether columns are there that only the system itself needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub include_system_fields: Option<bool>,
    /// Whether CSV begins with a byte order mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bom: Option<bool>,
    /// The template of the report that the data become: its id, or the name of one that is shipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
}

impl Options {
    /// The profile that was chosen, or the usual one.
    pub fn profile(&self) -> Profile {
        self.profile.unwrap_or_default()
    }

    /// The compression that was chosen, or none.
    pub fn compression(&self) -> Compression {
        self.compression.unwrap_or_default()
    }
}
