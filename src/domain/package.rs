//! The finished file: size, digest, name, and what it could not hold.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ExportId, Format, Timestamp};

/// A SHA-256 digest (FIPS 180-4).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Manifests have thousands of them: not digit by digit through the formatter.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(str::from_utf8(&hex).expect("digits are ASCII"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256({self})")
    }
}

impl FromStr for Sha256 {
    type Err = &'static str;

    fn from_str(hex: &str) -> Result<Self, Self::Err> {
        const NOT_HEX: &str = "a SHA-256 is 64 lower-case hexadecimal digits";
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NOT_HEX),
        };
        let digits: &[u8; 64] = hex.as_bytes().try_into().map_err(|_| NOT_HEX)?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(hex: String) -> Result<Self, Self::Error> {
        hex.parse()
    }
}

impl From<Sha256> for String {
    fn from(digest: Sha256) -> Self {
        digest.to_string()
    }
}

/// Where a package lies in the store: unique for every (export, lease), so that a worker whose
/// lease was taken over can never write over its successor's package.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PackageKey(String);

impl PackageKey {
    /// The key for the package that holder `lease` of `export` makes.
    pub fn new(export: ExportId, lease: i64, format: Format) -> Self {
        Self(format!("{export}.{lease}.{}", format.extension()))
    }

    /// The key as stored in a row.
    pub fn from_stored(key: impl Into<String>) -> Self {
        Self(key.into())
    }

    /// The key as text: one file name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The export that a stored file belongs to, if its name is one of ours.
    pub fn export(&self) -> Option<ExportId> {
        self.0.split_once('.')?.0.parse().ok()
    }
}

impl fmt::Display for PackageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sealed package: one immutable byte string, for ever the same behind its export's id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Where it lies.
    pub key: PackageKey,
    /// Bytes.
    pub size: u64,
    /// Entries that are files.
    pub file_count: u64,
    /// Bytes of those files, unpacked.
    pub source_bytes: u64,
    /// Rows in it, if it holds data.
    pub rows: Option<u64>,
    /// Of all its bytes; the ETag.
    pub checksum: Sha256,
    /// When its source was captured.
    pub snapshot_at: Timestamp,
}

/// Something a package had to leave out or change. Told, never silent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Warning {
    /// What happened, for programs.
    pub code: WarningCode,
    /// Which entry, as far as one is concerned.
    pub path: Option<String>,
    /// What happened, for people.
    pub message: String,
}

/// What happened to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum WarningCode {
    /// A symbolic link; links are never followed and never packed.
    SymlinkSkipped,
    /// A socket, pipe or device.
    SpecialFileSkipped,
    /// Larger than `limits.max_file`.
    FileTooLarge,
    /// Deleted between the scan and the read.
    FileVanished,
    /// Grew, shrank or was rewritten while it was read.
    FileChanged,
    /// exportd may not read it, or the disk cannot.
    Unreadable,
    /// Its name cannot be written portably; it is packed under an escaped one.
    NameEscaped,
    /// Its name differs from another's only in case or in Unicode form: some systems will unpack
    /// one over the other.
    NameCollision,
    /// A name that Windows cannot have. It is packed under it.
    NameReserved,
    /// Left out because a secret was found in it.
    SecretWithheld,
    /// A submodule: another repository, of which only the address is here.
    SubmoduleSkipped,
    /// A pointer of Git LFS; the file that it stands for is elsewhere.
    LfsPointer,
    /// A line of an ignore file that was not understood, or more of them than are read.
    IgnoreRule,
    /// Rows beyond a limit of the operator's, which are not in the package.
    RowsLeftOut,
    /// As many rows as were asked for, and there are more.
    LimitReached,
    /// What the format could not hold as it is.
    ContentChanged,
    /// A column whose personal data are masked.
    DataMasked,
    /// Parts that are of different moments.
    SeveralMoments,
    /// Nothing of what there is was asked for: the package is empty.
    NothingSelected,
    /// Compresses better than `limits.ratio_alert`: look before unpacking it.
    HighCompressionRatio,
    /// More warnings than are kept; the manifest names every entry left out.
    MoreWarnings,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_back_and_nothing_else_is_taken_for_one() {
        let digest = Sha256(std::array::from_fn(|i| u8::try_from(i * 8).unwrap_or(255)));
        assert_eq!(digest.to_string().parse(), Ok(digest));
        for wrong in ["", "00", &"0".repeat(63), &"0".repeat(65), &"G".repeat(64)] {
            assert!(wrong.parse::<Sha256>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn two_leases_of_one_export_never_share_a_key() {
        let id = ExportId::new();
        let (first, second) = (PackageKey::new(id, 1, Format::Zip), PackageKey::new(id, 2, Format::Zip));
        assert_ne!(first, second);
        assert_eq!(second.export(), Some(id));
        assert_eq!(PackageKey::from_stored("notes.txt").export(), None);
    }
}
