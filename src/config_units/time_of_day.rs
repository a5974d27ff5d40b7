//! A time of day, written as `03:00`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::domain::Timestamp;

const DAY: i64 = 86_400_000;

/// Why a text is not a time of day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time of day; write 03:00 (UTC, 24 hours)")]
pub struct TimeOfDayError(String);

/// A minute of the day, in UTC: it comes exactly once a day, whatever clocks do in spring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// `hour` and `minute` of the day; `None` past 23:59.
    pub const fn new(hour: u16, minute: u16) -> Option<Self> {
        if hour > 23 || minute > 59 {
            return None;
        }
        Some(Self { minutes: hour * 60 + minute })
    }

    /// The first instant strictly after `now` at which a day's clock shows this time.
    pub fn next_after(self, now: Timestamp) -> Timestamp {
        let midnight = now.millis().div_euclid(DAY) * DAY;
        let today = Timestamp::from_millis(midnight + i64::from(self.minutes) * 60_000);
        if today > now { today } else { today.plus(Duration::from_secs(86_400)) }
    }
}

impl FromStr for TimeOfDay {
    type Err = TimeOfDayError;

    fn from_str(text: &str) -> Result<Self, TimeOfDayError> {
        let wrong = || TimeOfDayError(text.to_owned());
        // TOML's own time, written without quotes, arrives with its seconds.
        let (hour, minute) = text
            .strip_suffix(":00")
            .filter(|rest| rest.contains(':'))
            .unwrap_or(text)
            .split_once(':')
            .ok_or_else(wrong)?;
        let number = |digits: &str| match digits.len() {
            2 if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse::<u16>().ok(),
            _ => None,
        };
        let (hour, minute) = number(hour).zip(number(minute)).ok_or_else(wrong)?;
        Self::new(hour, minute).ok_or_else(wrong)
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl Serialize for TimeOfDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for TimeOfDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_of_day_is_two_digits_a_colon_and_two_digits() {
        for (text, written) in
            [("03:00", "03:00"), ("00:00", "00:00"), ("23:59", "23:59"), ("03:30:00", "03:30")]
        {
            assert_eq!(text.parse::<TimeOfDay>().expect("a time").to_string(), written);
        }
        for text in ["", "3:00", "24:00", "12:60", "03:00:01", "-1:00", "+1:00", "03", "03:00 pm"] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_next_time_is_today_if_it_is_still_to_come_and_never_now() {
        let at = TimeOfDay::new(3, 0).expect("a time");
        let next = |now: &str| at.next_after(Timestamp::parse(now).expect("RFC 3339")).to_string();
        assert_eq!(next("2026-03-29T01:00:00Z"), "2026-03-29T03:00:00.000Z");
        assert_eq!(next("2026-03-29T03:00:00Z"), "2026-03-30T03:00:00.000Z");
        assert_eq!(next("2026-12-31T23:00:00Z"), "2027-01-01T03:00:00.000Z");
    }
}
