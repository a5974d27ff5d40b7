//! Cells in MySQL's binary protocol
//! (<https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_binary_resultset.html>).

use sqlx::mysql::{MySqlRow, MySqlTypeInfo};
use sqlx::{Decode, Row, TypeInfo, ValueRef};

use super::super::{Gives, Trouble};
use crate::records::{Type, Value, calendar};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

/// How the cells of a column are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    /// Of as many bytes as come, the lowest first.
    Signed,
    Unsigned,
    Float,
    Double,
    Decimal,
    Text,
    Json,
    Bytes,
    /// Taken for UTC, to which the session is set.
    Instant,
    Date,
    /// Something that is not read here.
    Other,
}

impl Coding {
    /// That of a type, by the name that the driver gives it.
    pub(super) fn of(told: &MySqlTypeInfo) -> Self {
        match told.name() {
            "BOOLEAN" | "TINYINT" | "SMALLINT" | "INT" | "MEDIUMINT" | "BIGINT" => Self::Signed,
            "YEAR" => Self::Unsigned,
            told if told.ends_with(" UNSIGNED") => Self::Unsigned,
            "FLOAT" => Self::Float,
            "DOUBLE" => Self::Double,
            "DECIMAL" => Self::Decimal,
            "CHAR" | "VARCHAR" | "TINYTEXT" | "TEXT" | "MEDIUMTEXT" | "LONGTEXT" | "ENUM" | "SET"
            | "NULL" => Self::Text,
            "JSON" => Self::Json,
            // The driver calls a text with a binary order (`utf8mb4_bin`) so, too; its character set tells.
            "BINARY" | "VARBINARY" | "TINYBLOB" | "BLOB" | "MEDIUMBLOB" | "LONGBLOB" => {
                if <str as sqlx::Type<sqlx::MySql>>::compatible(told) {
                    Self::Text
                } else {
                    Self::Bytes
                }
            }
            "TIMESTAMP" | "DATETIME" => Self::Instant,
            "DATE" => Self::Date,
            _ => Self::Other,
        }
    }

    /// What such cells come as.
    pub(super) fn gives(self) -> Gives {
        Gives::One(match self {
            Self::Signed | Self::Unsigned => Type::Integer,
            Self::Float | Self::Double => Type::Number,
            Self::Decimal => Type::Decimal,
            Self::Text => Type::Text,
            Self::Json => Type::Json,
            Self::Bytes => Type::Bytes,
            Self::Instant => Type::Timestamp,
            Self::Date => Type::Date,
            Self::Other => return Gives::Unreadable,
        })
    }

    fn read(self, bytes: &[u8]) -> Result<Value<'_>, &'static str> {
        Ok(match self {
            Self::Signed => Value::Integer(signed(bytes)),
            Self::Unsigned => Value::Integer(
                i64::try_from(unsigned(bytes)).map_err(|_| "is beyond 63 bits; cast it to decimal")?,
            ),
            Self::Float => Value::Number(float(bytes)?),
            Self::Double => Value::Number(f64::from_le_bytes(bytes.try_into().map_err(|_| CUT)?)),
            Self::Decimal => Value::Decimal(utf8(bytes)?),
            Self::Text => Value::Text(utf8(bytes)?),
            Self::Json => Value::Json(utf8(bytes)?),
            Self::Bytes => Value::Bytes(bytes),
            Self::Instant => Value::Timestamp(instant(bytes)?),
            Self::Date => Value::Date(i32::try_from(days(bytes)?).map_err(|_| CUT)?),
            Self::Other => return Err("is of a type that is not read; cast it to CHAR in the query"),
        })
    }
}

const CUT: &str = "is cut short";

/// The cell at `ordinal`.
pub(super) fn value(
    row: &MySqlRow,
    ordinal: usize,
    coding: Coding,
) -> Result<Result<Value<'_>, &'static str>, Trouble> {
    let raw = row.try_get_raw(ordinal).map_err(|error| Trouble::of(&error))?;
    // The driver takes zero dates for nothing; they are something, and no date.
    if raw.is_null() && !matches!(coding, Coding::Instant | Coding::Date) {
        return Ok(Ok(Value::Null));
    }
    Ok(match <&[u8] as Decode<'_, sqlx::MySql>>::decode(raw) {
        Ok(bytes) => coding.read(bytes),
        Err(_) => Ok(Value::Null),
    })
}

fn signed(bytes: &[u8]) -> i64 {
    let negative = bytes.last().is_some_and(|byte| byte & 0x80 != 0);
    let mut all = [if negative { 0xff } else { 0 }; 8];
    all[..bytes.len().min(8)].copy_from_slice(&bytes[..bytes.len().min(8)]);
    i64::from_le_bytes(all)
}

fn unsigned(bytes: &[u8]) -> u64 {
    let mut all = [0; 8];
    all[..bytes.len().min(8)].copy_from_slice(&bytes[..bytes.len().min(8)]);
    u64::from_le_bytes(all)
}

/// As the shortest decimal number that is this one among those of 32 bits.
fn float(bytes: &[u8]) -> Result<f64, &'static str> {
    let number = f32::from_le_bytes(bytes.try_into().map_err(|_| CUT)?);
    number.to_string().parse().map_err(|_| "is no finite number")
}

fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "is not UTF-8")
}

/// Length, year, month, day, and then hour, minute, second, and then microseconds.
fn instant(bytes: &[u8]) -> Result<i64, &'static str> {
    let day = days(bytes)?;
    let of_day = match bytes.get(5..8) {
        Some([hour, minute, second]) => {
            i64::from(*hour) * 3_600 + i64::from(*minute) * 60 + i64::from(*second)
        }
        _ => 0,
    };
    let micros = match bytes.get(8..12) {
        Some([a, b, c, d]) => i64::from(u32::from_le_bytes([*a, *b, *c, *d])),
        _ => 0,
    };
    Ok(day * DAY + of_day * 1_000_000 + micros)
}

fn days(bytes: &[u8]) -> Result<i64, &'static str> {
    let [_, low, high, month, day, ..] = bytes else { return Err("is the zero date, which is no date") };
    if *month == 0 || *day == 0 {
        return Err("is a date without a month or a day");
    }
    let year = i64::from(u16::from_le_bytes([*low, *high]));
    Ok(calendar::days_to(year, i64::from(*month), i64::from(*day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_of_any_width_keep_their_sign() {
        assert_eq!(signed(&[0x80]), -128);
        assert_eq!(signed(&[0xff, 0x7f]), 32_767);
        assert_eq!(signed(&i64::MIN.to_le_bytes()), i64::MIN);
        assert_eq!(unsigned(&[0xff]), 255);
        assert!(Coding::Unsigned.read(&u64::MAX.to_le_bytes()).is_err());
    }

    #[test]
    fn an_instant_is_as_long_as_it_needs_to_be() {
        assert_eq!(instant(&[4, 0xb2, 0x07, 1, 2]), Ok(DAY));
        assert_eq!(instant(&[7, 0xb2, 0x07, 1, 1, 0, 0, 1]), Ok(1_000_000));
        assert_eq!(instant(&[11, 0xb2, 0x07, 1, 1, 0, 0, 0, 5, 0, 0, 0]), Ok(5));
        assert!(instant(&[0]).is_err());
        assert!(days(&[4, 0xb2, 0x07, 0, 0]).is_err());
    }
}
