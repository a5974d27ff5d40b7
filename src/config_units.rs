//! How settings are written: durations as `30s` or `7d`, sizes as `500MiB`.

/// A [`std::time::Duration`] written as `30s`, `24h`, `7d` or `1h 30m`.
pub mod duration {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    /// Reads a duration.
    ///
    /// # Errors
    /// When the text is not a number followed by a unit.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        let text = String::deserialize(deserializer)?;
        humantime::parse_duration(&text)
            .map_err(|_| D::Error::custom(format!("`{text}` is not a duration; write 30s, 15m, 24h or 7d")))
    }

    /// Writes a duration in the largest units that fit, so that it is read back the same.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&written(*duration))
    }

    fn written(duration: Duration) -> String {
        let seconds = duration.as_secs();
        if duration.subsec_nanos() != 0 || seconds == 0 {
            return humantime::format_duration(duration).to_string();
        }
        for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
            if seconds % length == 0 {
                return format!("{}{unit}", seconds / length);
            }
        }
        format!("{seconds}s")
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_duration_is_written_as_it_is_read() {
            for text in ["30s", "15m", "24h", "7d", "250ms", "0s"] {
                let duration = humantime::parse_duration(text).expect("a duration");
                let again = humantime::parse_duration(&written(duration)).expect("a duration");
                assert_eq!(duration, again, "{text}");
            }
            assert_eq!(written(Duration::from_secs(7 * 86_400)), "7d");
        }
    }
}

/// A number of bytes written as `500MiB`, `1GiB` or `1048576`.
pub mod size {
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
            Written::Text(text) => text.parse::<ByteSize>().map(|size| size.as_u64()).map_err(|_| {
                D::Error::custom(format!("`{text}` is not a size; write 1048576, 100MiB or 1GiB"))
            }),
        }
    }

    /// Writes a size in the largest unit that divides it.
    ///
    /// # Errors
    /// The serializer's own.
    pub fn serialize<S: Serializer>(bytes: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&written(*bytes))
    }

    fn written(bytes: u64) -> String {
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
}
