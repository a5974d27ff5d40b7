//! Names of things, parsed once at the border.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Why a text is not an id. The message tells what would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Not a lower-case hyphenated UUID.
    #[error("an id is a lower-case UUID like 01987b3e-5d1c-7c3a-9f5e-0123456789ab")]
    NotAUuid,
    /// Not usable as one folder name.
    #[error("must be 1 to 128 bytes, without `/`, `\\` or control characters, and not `.` or `..`")]
    NotASegment,
    /// Not a version's name.
    #[error("must be 1 to 128 of letters, digits and `. _ - + @ #`, with single `/` between, and no `..`")]
    NotAVersion,
    /// Neither a template's id nor its name.
    #[error(
        "must be a template's id, or its name: a small letter, then up to 39 small letters, digits, `_` and `-`"
    )]
    NotATemplate,
}

/// Which export: a UUIDv7 (RFC 9562 §5.7), so that ids sort by creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ExportId(Uuid);

impl ExportId {
    /// A new id, greater than every earlier one of this process.
    #[expect(clippy::new_without_default, reason = "an id is made on purpose, not by default")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The first eight hex digits, as file names carry them.
    pub fn short(self) -> String {
        self.to_string()[..8].to_owned()
    }
}

impl FromStr for ExportId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let id = Uuid::try_parse(text).map_err(|_| IdError::NotAUuid)?;
        // `try_parse` also takes braces, URNs and capitals; one thing has one name here.
        if id.hyphenated().encode_lower(&mut Uuid::encode_buffer()) != text {
            return Err(IdError::NotAUuid);
        }
        Ok(Self(id))
    }
}

impl fmt::Display for ExportId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Declares a text newtype that is valid by construction.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $valid:path, $error:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                if $valid(text) { Ok(Self(text.to_owned())) } else { Err($error) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// Who asks: the `sub` of their token. Usable as one folder name, because
    /// `{projects.root}/{userId}/{projectId}` is where a user's projects lie.
    UserId,
    is_segment,
    IdError::NotASegment
);
text_id!(
    /// Which project of a user. Usable as one folder name.
    ProjectId,
    is_segment,
    IdError::NotASegment
);
text_id!(
    /// Which version of a project: opaque. What repositories commonly call their tags and branches
    /// (`v1.2+3`, `feature/x`) is one; nothing that is leads out of a folder.
    VersionId,
    is_version,
    IdError::NotAVersion
);

/// Whether `text` names exactly one entry of a folder, on any system a package may be opened on.
fn is_segment(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text != "."
        && text != ".."
        && !text.chars().any(|c| c == '/' || c == '\\' || c.is_control())
}

fn is_version(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-+@#/".contains(&b))
        && text.split('/').all(|part| !part.is_empty() && part != ".")
        && !text.contains("..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_id_has_one_spelling() {
        let id = ExportId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        for wrong in ["", "7", "not-a-uuid", &id.to_string().to_uppercase(), &format!("{{{id}}}")] {
            assert_eq!(wrong.parse::<ExportId>(), Err(IdError::NotAUuid), "{wrong}");
        }
    }

    #[test]
    fn a_version_may_be_called_as_branches_are_and_leads_nowhere() {
        for right in [
            "v1.2",
            "feature/x",
            "a/b/c",
            "v1.0.0+build.7",
            "user@topic",
            "fix-#12",
            "...x/y".get(2..).expect("text"),
        ] {
            assert!(right.parse::<VersionId>().is_ok(), "{right:?}");
        }
        for wrong in
            ["", "/a", "a/", "a//b", "a/../b", "..", ".", "a/./b", "a b", "a~1", "a^", "a:b", "ä", "a\\b"]
        {
            assert_eq!(wrong.parse::<VersionId>(), Err(IdError::NotAVersion), "{wrong:?}");
        }
    }

    #[test]
    fn an_id_that_would_leave_its_folder_is_refused() {
        for wrong in ["", ".", "..", "a/b", "a\\b", "a\0b", "a\nb", &"x".repeat(129)] {
            assert!(wrong.parse::<ProjectId>().is_err(), "{wrong:?}");
        }
        for right in ["shop", "...", "a..b", "Müller & Söhne", "auth0|42"] {
            assert!(right.parse::<UserId>().is_ok(), "{right:?}");
        }
    }
}
