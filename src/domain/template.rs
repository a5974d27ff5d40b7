//! Report templates as they are kept: whose they are, and by what they are found.

use std::fmt;
use std::str::FromStr;

use serde_json::Value;
use uuid::Uuid;

use super::{ExportId, IdError, Timestamp, UserId};

/// Which template that somebody made: a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TemplateId(Uuid);

impl TemplateId {
    /// A new id, greater than every earlier one of this process.
    #[expect(clippy::new_without_default, reason = "an id is made on purpose, not by default")]
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl FromStr for TemplateId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<ExportId>()?;
        Uuid::try_parse(text).map(Self).map_err(|_| IdError::NotAUuid)
    }
}

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// By what a template is asked for: the id of one that somebody made, or a name, which those have that
/// come with the server and those that somebody made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum TemplateKey {
    /// A name. A small letter, then up to 39 small letters, digits, `_` and `-`.
    Name(String),
    /// An id.
    Id(TemplateId),
}

impl FromStr for TemplateKey {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        if let Ok(id) = text.parse() {
            return Ok(Self::Id(id));
        }
        let is_sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte);
        let is_name = (1..=40).contains(&text.len()) && text.as_bytes()[0].is_ascii_lowercase();
        if is_name && text.bytes().all(is_sign) {
            Ok(Self::Name(text.to_owned()))
        } else {
            Err(IdError::NotATemplate)
        }
    }
}

impl fmt::Display for TemplateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// A template that somebody made.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredTemplate {
    /// Its id.
    pub id: TemplateId,
    /// Whose it is.
    pub owner: UserId,
    /// What its owner calls it; unlike every other of theirs.
    pub name: String,
    /// Whether everyone may use it. Its name is unlike that of every other that is.
    pub shared: bool,
    /// What it says: JSON that was found to be right when it was written.
    pub body: Value,
    /// Grows with every change.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Who did that.
    pub updated_by: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_asked_for_by_its_id_or_by_its_name() {
        let id = TemplateId::new();
        assert_eq!(id.to_string().parse(), Ok(TemplateKey::Id(id)));
        assert_eq!("weekly-2_b".parse(), Ok(TemplateKey::Name("weekly-2_b".to_owned())));
        for wrong in
            ["", "Weekly", "2weekly", "a/b", "..", "ä", &"a".repeat(41), &id.to_string().to_uppercase()]
        {
            assert_eq!(wrong.parse::<TemplateKey>(), Err(IdError::NotATemplate), "{wrong}");
        }
    }
}
