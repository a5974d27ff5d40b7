//! A number of bytes written as `500MiB`, `1GiB` or `1048576`.

use bytesize::ByteSize;
use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

/// A size as a settings file may have it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Bytes(u64),
    Text(String),
}

/// Reads a size.
///
/// # Errors
/// When the text is not a number followed by a unit.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match Written::deserialize(deserializer)? {
        Written::Bytes(bytes) => Ok(bytes),
        Written::Text(text) => text
            .parse::<ByteSize>()
            .map(|size| size.as_u64())
            .map_err(|_| D::Error::custom(format!("`{text}` is not a size; write 1048576, 100MiB or 1GiB"))),
    }
}

/// Writes a size in the largest unit that divides it.
///
/// # Errors
/// The serializer's own.
pub fn serialize<S: Serializer>(bytes: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&written(*bytes))
}

/// The same for a size that may be left out.
pub mod some {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(transparent)]
    struct Size(#[serde(with = "super")] u64);

    /// Reads a size, or nothing.
    ///
    /// # Errors
    /// As [`super::deserialize`].
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        Ok(Option::<Size>::deserialize(deserializer)?.map(|size| size.0))
    }

    /// Writes a size, or nothing.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(bytes: &Option<u64>, serializer: S) -> Result<S::Ok, S::Error> {
        bytes.map(Size).serialize(serializer)
    }
}

/// Writes a size as settings have it.
pub(crate) fn written(bytes: u64) -> String {
    for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
        if bytes > 0 && bytes.trailing_zeros() >= shift {
            return format!("{}{unit}", bytes >> shift);
        }
    }
    format!("{bytes}B")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_written_as_it_is_read() {
        for bytes in [0, 1, 1023, 1024, 500 << 20, 1 << 30, (1 << 30) + 1] {
            let again: ByteSize = written(bytes).parse().expect("a size");
            assert_eq!(again.as_u64(), bytes);
        }
        assert_eq!(written(500 << 20), "500MiB");
    }
}
