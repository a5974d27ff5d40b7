//! Values for the places that a prepared statement has, each as the type that the server found the
//! place to have: an id compared with a `bigint` goes as one.

use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo, PgTypeKind};
use sqlx::{Arguments, Postgres, Type, TypeInfo};

use super::super::Trouble;
use super::cells::{EPOCH, EPOCH_DAY};
use crate::datasets::Argument;
use crate::datasets::owner::whole;
use crate::datasets::sql::Bound;
use crate::records::DataFault;

/// The query's values as `types` has them.
pub(super) fn bind(query: &Bound, types: &[PgTypeInfo]) -> Result<PgArguments, Trouble> {
    let mut arguments = PgArguments::default();
    for ((argument, name), kind) in query.arguments.iter().zip(&query.names).zip(types) {
        let bytes = encode(argument, kind)
            .map_err(|why| DataFault::Parameter { name: name.clone(), why: why.to_owned() })?;
        let placed = Placed { kind: kind.clone(), bytes };
        arguments.add(placed).map_err(|error| Trouble::Refused {
            why: "a value cannot be bound".to_owned(),
            said: error.to_string(),
        })?;
    }
    Ok(arguments)
}

/// A value in the binary format of its place.
struct Placed {
    kind: PgTypeInfo,
    bytes: Vec<u8>,
}

impl Encode<'_, Postgres> for Placed {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.extend_from_slice(&self.bytes);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(self.kind.clone())
    }
}

impl Type<Postgres> for Placed {
    fn type_info() -> PgTypeInfo {
        <str as Type<Postgres>>::type_info()
    }
}

/// The argument in the binary format of `kind` (the `*_recv` functions of its types).
fn encode(argument: &Argument, kind: &PgTypeInfo) -> Result<Vec<u8>, &'static str> {
    const OTHER: &str = "is of another type than where it stands in the query; add a cast there";
    const BEYOND: &str = "is out of the range of where it stands in the query";
    let number = || match argument {
        Argument::Integer(number) => Ok(*number),
        Argument::Text(text) => whole(text).ok_or("is no whole number, and is compared with one"),
        _ => Err(OTHER),
    };
    match kind.oid().map(|oid| oid.0) {
        Some(16) => match argument {
            Argument::Boolean(flag) => Ok(vec![u8::from(*flag)]),
            _ => Err(OTHER),
        },
        Some(20) => Ok(number()?.to_be_bytes().to_vec()),
        Some(21) => Ok(i16::try_from(number()?).map_err(|_| BEYOND)?.to_be_bytes().to_vec()),
        Some(23) => Ok(i32::try_from(number()?).map_err(|_| BEYOND)?.to_be_bytes().to_vec()),
        Some(26) => Ok(u32::try_from(number()?).map_err(|_| BEYOND)?.to_be_bytes().to_vec()),
        Some(701) => match argument {
            Argument::Number(number) => Ok(number.to_be_bytes().to_vec()),
            Argument::Integer(number) => Ok((*number as f64).to_be_bytes().to_vec()),
            _ => Err(OTHER),
        },
        Some(1700) => match argument {
            Argument::Decimal(text) => Ok(numeric(text)),
            Argument::Integer(number) => Ok(numeric(&number.to_string())),
            Argument::Number(number) => Ok(numeric(&number.to_string())),
            Argument::Text(text) => whole(text).map(|number| numeric(&number.to_string())).ok_or(OTHER),
            _ => Err(OTHER),
        },
        Some(1114 | 1184) => match argument {
            Argument::Timestamp(micros) => {
                Ok(micros.checked_sub(EPOCH).ok_or(BEYOND)?.to_be_bytes().to_vec())
            }
            Argument::Date(days) => {
                Ok((i64::from(*days - EPOCH_DAY) * 86_400_000_000).to_be_bytes().to_vec())
            }
            _ => Err(OTHER),
        },
        Some(1082) => match argument {
            Argument::Date(days) => Ok(days.checked_sub(EPOCH_DAY).ok_or(BEYOND)?.to_be_bytes().to_vec()),
            _ => Err(OTHER),
        },
        Some(2950) => match argument {
            Argument::Text(text) => uuid(text).ok_or("is no UUID in lower case, and is compared with one"),
            _ => Err(OTHER),
        },
        _ => match (argument, is_text(kind)) {
            (_, false) => Err(OTHER),
            (argument, true) => Ok(argument.to_string().into_bytes()),
        },
    }
}

/// Whether two values of a type are equal only if their bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exactness {
    /// Whatever their collation: numbers, UUIDs, the words of an enum.
    Always,
    /// Unless their collation is one that takes different texts for equal.
    ByCollation,
    /// No: `citext` leaves case out of account, `char(n)` the blanks at the end.
    Never,
}

/// That of a place which has the type `kind`.
pub(super) fn exactness(kind: &PgTypeInfo) -> Exactness {
    match (kind.oid().map(|oid| oid.0), kind.kind()) {
        (Some(1042), _) => Exactness::Never,
        (Some(19 | 25 | 705 | 1043), _) => Exactness::ByCollation,
        (_, PgTypeKind::Domain(base)) => exactness(base),
        _ if kind.name().eq_ignore_ascii_case("citext") => Exactness::Never,
        _ => Exactness::Always,
    }
}

fn is_text(kind: &PgTypeInfo) -> bool {
    match kind.oid().map(|oid| oid.0) {
        Some(18 | 19 | 25 | 705 | 1042 | 1043) => true,
        _ => match kind.kind() {
            PgTypeKind::Domain(base) => is_text(base),
            PgTypeKind::Enum(_) => true,
            _ => kind.name().eq_ignore_ascii_case("citext"),
        },
    }
}

fn uuid(text: &str) -> Option<Vec<u8>> {
    let parsed = uuid::Uuid::try_parse(text).ok()?;
    (parsed.hyphenated().to_string() == text).then(|| parsed.as_bytes().to_vec())
}

/// A decimal number to the base of 10,000 (`numeric_recv`).
fn numeric(text: &str) -> Vec<u8> {
    let (sign, text) = text.strip_prefix('-').map_or((0_u16, text), |rest| (0x4000, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let padded = format!("{}{whole}{fraction}{}", "0".repeat(filling(whole)), "0".repeat(filling(fraction)));
    let digits: Vec<u16> = padded
        .as_bytes()
        .chunks(4)
        .map(|four| four.iter().fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0')))
        .collect();
    let weight = i16::try_from((whole.len() + filling(whole)) / 4).unwrap_or(i16::MAX) - 1;
    let count = u16::try_from(digits.len()).unwrap_or(u16::MAX);
    let scale = u16::try_from(fraction.len()).unwrap_or(u16::MAX);
    let head = [count, weight.cast_unsigned(), sign, scale];
    head.iter().chain(&digits).flat_map(|word| word.to_be_bytes()).collect()
}

/// Digits that are missing to a multiple of four.
fn filling(digits: &str) -> usize {
    (4 - digits.len() % 4) % 4
}

#[cfg(test)]
mod tests {
    use super::super::numeric;

    #[test]
    fn a_decimal_number_arrives_as_it_was_written() {
        for text in ["0", "-1", "12345.6789", "0.00012", "100000000", "-99999999.99999999", "10000", "0.1"] {
            let mut back = String::new();
            numeric::write(&super::numeric(text), &mut back).expect(text);
            assert_eq!(back, text);
        }
    }

    #[test]
    fn an_id_has_one_spelling_where_it_is_compared_with_a_uuid() {
        assert!(super::uuid("01987b3e-5d1c-7c3a-9f5e-0123456789ab").is_some());
        assert!(super::uuid("01987B3E-5D1C-7C3A-9F5E-0123456789AB").is_none());
        assert!(super::uuid("01987b3e5d1c7c3a9f5e0123456789ab").is_none());
    }
}
