//! A whole number, or `none` where there is no limit.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// A count as a settings file may have it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Count(u64),
    Text(String),
}

/// Reads a count, or `none`.
///
/// # Errors
/// When it is neither.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Count(count) => Ok(Some(count)),
        Written::Text(text) if text == "none" => Ok(None),
        Written::Text(text) => Err(D::Error::custom(format!("`{text}` is neither a whole number nor none"))),
    }
}

/// Writes a count, or `none`.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(count: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
    match count {
        Some(count) => serializer.serialize_u64(*count),
        None => serializer.serialize_str("none"),
    }
}
