//! The cells of a column of parquet, as ours.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{DataType, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;

use super::decimal::{pointed, pointed_bytes};
use super::schema::Meaning;
use crate::records::{Column, Type, Value};

/// Julian day of 1970-01-01, from which INT96 counts.
const JULIAN_1970: i128 = 2_440_588;
const DAY_MICROS: i128 = 86_400_000_000;

/// A column of a row group, and how far it has been read.
pub struct Cells {
    pub reader: ColumnReader,
    pub kind: Type,
    pub meaning: Meaning,
    pub optional: bool,
}

/// Why cells cannot be read.
#[derive(Debug)]
pub enum Broken {
    /// The file is damaged.
    File(ParquetError),
    /// A cell is none of ours: how many rows of these came before it, and why.
    Cell(usize, String),
}

type Put = Result<(), String>;

impl Cells {
    /// Adds the cells of up to `rows` more rows to `to`, and tells of how many.
    pub fn read(&mut self, rows: usize, to: &mut Column) -> Result<usize, Broken> {
        let (kind, meaning, optional) = (self.kind, self.meaning, self.optional);
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| put(to, Value::Boolean(*cell)))
            }
            ColumnReader::Int32ColumnReader(reader) => each(reader, rows, optional, to, |cell, to| {
                if kind == Type::Date {
                    put(to, Value::Date(*cell))
                } else {
                    whole(to, i64::from(*cell), meaning)
                }
            }),
            ColumnReader::Int64ColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| whole(to, *cell, meaning))
            }
            ColumnReader::Int96ColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| put(to, Value::Timestamp(int96(cell)?)))
            }
            ColumnReader::FloatColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| number(to, f64::from(*cell)))
            }
            ColumnReader::DoubleColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| number(to, *cell))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                each(reader, rows, optional, to, |cell, to| bytes(to, cell.data(), kind, meaning))
            }
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                each(reader, rows, optional, to, |cell: &FixedLenByteArray, to| {
                    bytes(to, cell.data(), kind, meaning)
                })
            }
        }
    }
}

fn each<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    optional: bool,
    to: &mut Column,
    add: impl Fn(&T::T, &mut Column) -> Put,
) -> Result<usize, Broken> {
    let (mut levels, mut cells) = (Vec::new(), Vec::new());
    let levels_wanted = optional.then_some(&mut levels);
    let (came, _, _) = reader.read_records(rows, levels_wanted, None, &mut cells).map_err(Broken::File)?;
    let mut cells = cells.iter();
    // A column that is not optional has no levels: all of its cells are there.
    let is_there = |row: usize| levels.get(row).is_none_or(|level| *level > 0);
    for row in 0..came {
        if !is_there(row) {
            to.push_null();
            continue;
        }
        let cell = cells.next().ok_or_else(|| Broken::Cell(row, "is missing".to_owned()))?;
        add(cell, to).map_err(|why| Broken::Cell(row, why))?;
    }
    Ok(came)
}

fn put(to: &mut Column, value: Value<'_>) -> Put {
    if to.push(value) { Ok(()) } else { Err("is of another type than its column".to_owned()) }
}

fn number(to: &mut Column, cell: f64) -> Put {
    if cell.is_finite() { put(to, Value::Number(cell)) } else { Err(format!("{cell} is no number here")) }
}

fn whole(to: &mut Column, cell: i64, meaning: Meaning) -> Put {
    match meaning {
        Meaning::Plain | Meaning::Uuid | Meaning::Half => put(to, Value::Integer(cell)),
        Meaning::Unsigned => put(to, Value::Integer(cell & 0xffff_ffff)),
        Meaning::Unsigned64 => put(to, Value::Decimal(&cell.cast_unsigned().to_string())),
        Meaning::Decimal(scale) => put(to, Value::Decimal(&pointed(i128::from(cell), scale))),
        Meaning::Instant(ticks) => put(to, Value::Timestamp(micros(i128::from(cell), ticks)?)),
        Meaning::TimeOfDay(ticks) => put(to, Value::Text(&time_of_day(micros(i128::from(cell), ticks)?))),
    }
}

/// Exactly: a timestamp between two microseconds is none of ours.
fn micros(cell: i128, ticks: i64) -> Result<i64, String> {
    let scaled = cell * 1_000_000;
    let ticks = i128::from(ticks);
    if scaled % ticks != 0 {
        return Err("is finer than a microsecond".to_owned());
    }
    i64::try_from(scaled / ticks).map_err(|_| "is further away than microseconds can count".to_owned())
}

fn int96(cell: &Int96) -> Result<i64, String> {
    let [low, high, day] = *cell.data() else { return Err("has not 96 bits".to_owned()) };
    let nanos = i128::from(u64::from(high) << 32 | u64::from(low));
    let day = i128::from(day) - JULIAN_1970;
    micros(day * DAY_MICROS * 1_000 + nanos, 1_000_000_000)
}

fn time_of_day(micros: i64) -> String {
    let (seconds, micros) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
    let time = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if micros == 0 { time } else { format!("{time}.{micros:06}").trim_end_matches('0').to_owned() }
}

fn bytes(to: &mut Column, cell: &[u8], kind: Type, meaning: Meaning) -> Put {
    match (kind, meaning) {
        (_, Meaning::Decimal(scale)) => put(to, Value::Decimal(&pointed_bytes(cell, scale))),
        (_, Meaning::Uuid) => {
            let id = uuid::Uuid::from_slice(cell).map_err(|error| error.to_string())?;
            put(to, Value::Text(&id.to_string()))
        }
        (_, Meaning::Half) => number(to, half(cell)?),
        (Type::Text, _) => put(to, Value::Text(text(cell)?)),
        (Type::Decimal, _) => decimal(to, text(cell)?),
        (Type::Json, _) => json(to, text(cell)?),
        _ => put(to, Value::Bytes(cell)),
    }
}

fn text(cell: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(cell).map_err(|_| "is not UTF-8".to_owned())
}

fn json(to: &mut Column, cell: &str) -> Put {
    serde_json::from_str::<serde::de::IgnoredAny>(cell).map_err(|error| format!("is not JSON: {error}"))?;
    put(to, Value::Json(cell))
}

fn decimal(to: &mut Column, cell: &str) -> Put {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let are_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if are_digits(whole) && are_digits(fraction) {
        return put(to, Value::Decimal(cell));
    }
    Err("is not a decimal number".to_owned())
}

/// IEEE 754 binary16, little-endian: 1 bit of sign, 5 of exponent, 10 of fraction.
fn half(cell: &[u8]) -> Result<f64, String> {
    let bits = <[u8; 2]>::try_from(cell).map(u16::from_le_bytes).map_err(|_| "has not 16 bits".to_owned())?;
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    let size = match exponent {
        0 => fraction * 2f64.powi(-24),
        31 if fraction > 0.0 => f64::NAN,
        31 => f64::INFINITY,
        _ => (1024.0 + fraction) * 2f64.powi(exponent - 25),
    };
    Ok(if bits >> 15 == 1 { -size } else { size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_is_read_as_ieee_754_says() {
        for (bits, number) in [
            (0x3c00_u16, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x0001, 2f64.powi(-24)),
            (0x3555, 0.333_251_953_125),
        ] {
            assert_eq!(half(&bits.to_le_bytes()), Ok(number), "{bits:x}");
        }
        assert!(half(&0x7e00_u16.to_le_bytes()).is_ok_and(f64::is_nan));
    }

    #[test]
    fn an_instant_is_exact_or_refused() {
        assert_eq!(micros(-1, 1_000), Ok(-1_000));
        assert_eq!(micros(2_000, 1_000_000_000), Ok(2));
        assert!(micros(2_001, 1_000_000_000).is_err());
        assert!(micros(i128::from(i64::MAX), 1_000).is_err());
        let epoch = Int96::from(vec![1_000, 0, 2_440_588]);
        assert_eq!(int96(&epoch), Ok(1));
    }

    #[test]
    fn a_time_of_day_is_written_as_people_write_it() {
        assert_eq!(time_of_day(0), "00:00:00");
        assert_eq!(time_of_day(86_399_999_999), "23:59:59.999999");
        assert_eq!(time_of_day(3_661_500_000), "01:01:01.5");
    }
}
