//! A [`Duration`] written as `30s`, `24h`, `7d` or `1h 30m`.

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

/// Writes a duration as settings have it.
pub(crate) fn written(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 || seconds == 0 {
        return humantime::format_duration(duration).to_string();
    }
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds.is_multiple_of(length) {
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
