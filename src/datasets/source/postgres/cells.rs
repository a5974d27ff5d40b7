//! Cells in PostgreSQL's binary format (the `*_send` functions of its types), read by hand: a
//! million rows of twelve columns pass here.

use std::fmt::Write as _;

use sqlx::TypeInfo;
use sqlx::postgres::{PgTypeInfo, PgTypeKind};

use super::super::Gives;
use super::numeric;
use crate::records::{Type, Value};

/// Microseconds from 1970 to 2000, PostgreSQL's epoch.
pub(super) const EPOCH: i64 = 946_684_800_000_000;
/// Days from 1970 to 2000.
pub(super) const EPOCH_DAY: i32 = 10_957;

/// How the cells of a column are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Boolean,
    Int2,
    Int4,
    Int8,
    Oid,
    Float4,
    Float8,
    Numeric,
    /// UTF-8: text and its like, enumerations, `citext`.
    Text,
    Uuid,
    /// With a time zone or without: both are microseconds, and the latter are taken for UTC.
    Timestamp,
    Date,
    Json,
    /// JSON after one byte, the version of the format.
    Jsonb,
    Bytes,
    /// Something that is not read here.
    Other,
}

impl Coding {
    /// That of a type, by its object id (`pg_type.dat`).
    pub(super) fn of(told: &PgTypeInfo) -> Self {
        match told.oid().map(|oid| oid.0) {
            Some(16) => Self::Boolean,
            Some(17) => Self::Bytes,
            Some(20) => Self::Int8,
            Some(21) => Self::Int2,
            Some(23) => Self::Int4,
            Some(26) => Self::Oid,
            // "char", name, text, xml, unknown, bpchar, varchar.
            Some(18 | 19 | 25 | 142 | 705 | 1042 | 1043) => Self::Text,
            Some(114) => Self::Json,
            Some(700) => Self::Float4,
            Some(701) => Self::Float8,
            Some(1082) => Self::Date,
            Some(1114 | 1184) => Self::Timestamp,
            Some(1700) => Self::Numeric,
            Some(2950) => Self::Uuid,
            Some(3802) => Self::Jsonb,
            _ => Self::of_kind(told),
        }
    }

    fn of_kind(told: &PgTypeInfo) -> Self {
        match told.kind() {
            PgTypeKind::Domain(base) => Self::of(base),
            PgTypeKind::Enum(_) => Self::Text,
            _ if told.name().eq_ignore_ascii_case("citext") => Self::Text,
            _ => Self::Other,
        }
    }

    /// What such cells come as.
    pub(super) fn gives(self) -> Gives {
        Gives::One(match self {
            Self::Boolean => Type::Boolean,
            Self::Int2 | Self::Int4 | Self::Int8 | Self::Oid => Type::Integer,
            Self::Float4 | Self::Float8 => Type::Number,
            Self::Numeric => Type::Decimal,
            Self::Text | Self::Uuid => Type::Text,
            Self::Timestamp => Type::Timestamp,
            Self::Date => Type::Date,
            Self::Json | Self::Jsonb => Type::Json,
            Self::Bytes => Type::Bytes,
            Self::Other => return Gives::Unreadable,
        })
    }

    /// The cell in `bytes`; what has to be written as text is written into `text`.
    ///
    /// # Errors
    /// What it is that no column can hold.
    #[inline]
    pub(super) fn read<'a>(self, bytes: &'a [u8], text: &'a mut String) -> Result<Value<'a>, &'static str> {
        const CUT: &str = "is cut short";
        Ok(match self {
            Self::Boolean => Value::Boolean(array::<1>(bytes).ok_or(CUT)? != [0]),
            Self::Int2 => Value::Integer(i16::from_be_bytes(array(bytes).ok_or(CUT)?).into()),
            Self::Int4 => Value::Integer(i32::from_be_bytes(array(bytes).ok_or(CUT)?).into()),
            Self::Int8 => Value::Integer(i64::from_be_bytes(array(bytes).ok_or(CUT)?)),
            Self::Oid => Value::Integer(u32::from_be_bytes(array(bytes).ok_or(CUT)?).into()),
            Self::Float4 => float4(f32::from_be_bytes(array(bytes).ok_or(CUT)?))?,
            Self::Float8 => float8(f64::from_be_bytes(array(bytes).ok_or(CUT)?))?,
            Self::Numeric => {
                numeric::write(bytes, text)?;
                Value::Decimal(text)
            }
            Self::Text => Value::Text(utf8(bytes)?),
            Self::Uuid => uuid(array(bytes).ok_or(CUT)?, text),
            Self::Timestamp => timestamp(i64::from_be_bytes(array(bytes).ok_or(CUT)?))?,
            Self::Date => date(i32::from_be_bytes(array(bytes).ok_or(CUT)?))?,
            Self::Json => Value::Json(utf8(bytes)?),
            Self::Jsonb => match bytes.split_first() {
                Some((1, json)) => Value::Json(utf8(json)?),
                _ => return Err("is of an unknown version of jsonb"),
            },
            Self::Bytes => Value::Bytes(bytes),
            Self::Other => return Err("is of a type that is not read; cast it to text in the query"),
        })
    }
}

#[inline]
fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

#[inline]
fn utf8(bytes: &[u8]) -> Result<&str, &'static str> {
    std::str::from_utf8(bytes).map_err(|_| "is not UTF-8")
}

/// As the shortest decimal number that is this one among those of 32 bits: what the database
/// shows, and not the neighbours that 64 bits have.
fn float4(number: f32) -> Result<Value<'static>, &'static str> {
    float8(number.to_string().parse().unwrap_or(f64::NAN))
}

fn float8(number: f64) -> Result<Value<'static>, &'static str> {
    match number {
        number if number.is_nan() => Err(numeric::NAN),
        number if number.is_infinite() => Err(numeric::INFINITE),
        number => Ok(Value::Number(number)),
    }
}

fn timestamp(micros: i64) -> Result<Value<'static>, &'static str> {
    match micros {
        i64::MIN | i64::MAX => Err(numeric::INFINITE),
        micros => micros.checked_add(EPOCH).map(Value::Timestamp).ok_or("is beyond what an instant holds"),
    }
}

fn date(days: i32) -> Result<Value<'static>, &'static str> {
    match days {
        i32::MIN | i32::MAX => Err(numeric::INFINITE),
        days => days.checked_add(EPOCH_DAY).map(Value::Date).ok_or("is beyond what a date holds"),
    }
}

fn uuid(bytes: [u8; 16], text: &mut String) -> Value<'_> {
    text.clear();
    let _ = write!(text, "{}", uuid::Uuid::from_bytes(bytes).hyphenated());
    Value::Text(text)
}
