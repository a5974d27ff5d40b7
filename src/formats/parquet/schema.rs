//! Which column of parquet holds what column of ours, and back.

use std::sync::Arc;

use parquet::basic::{ConvertedType, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::errors::ParquetError;
use parquet::schema::types::{ColumnDescriptor, Type as ParquetType, TypePtr};

use crate::records::{Field, Schema, Type};

/// The schema of a file of these columns.
pub fn of(schema: &Schema) -> Result<TypePtr, ParquetError> {
    let columns = schema.fields.iter().map(column).collect::<Result<_, _>>()?;
    let root = ParquetType::group_type_builder("schema").with_fields(columns).build()?;
    Ok(Arc::new(root))
}

fn column(field: &Field) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match field.kind {
        Type::Boolean => (Physical::BOOLEAN, None),
        Type::Integer => (Physical::INT64, None),
        Type::Number => (Physical::DOUBLE, None),
        Type::Decimal | Type::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Type::Timestamp => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Type::Date => (Physical::INT32, Some(LogicalType::Date)),
        Type::Json => (Physical::BYTE_ARRAY, Some(LogicalType::Json)),
        Type::Bytes => (Physical::BYTE_ARRAY, None),
    };
    let column = ParquetType::primitive_type_builder(&field.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(column))
}

/// How the cells of a foreign column become ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// As they are.
    Plain,
    /// Whole numbers without a sign, of 32 bits or fewer.
    Unsigned,
    /// Whole numbers without a sign, of 64 bits: written out, as half of them are none of ours.
    Unsigned64,
    /// A decimal number with so many digits after its point.
    Decimal(u32),
    /// Of a clock: so many ticks make a second.
    Instant(i64),
    /// Since midnight: so many ticks make a second.
    TimeOfDay(i64),
    /// RFC 9562.
    Uuid,
    /// IEEE 754 binary16.
    Half,
}

/// What a foreign column is to us; an error in words for one that is nested.
pub fn meaning(column: &ColumnDescriptor) -> Result<(Type, Meaning), String> {
    if column.max_rep_level() > 0 || column.max_def_level() > 1 || column.path().parts().len() > 1 {
        return Err("holds lists or records, and only plain columns are read".to_owned());
    }
    let logical = column.logical_type_ref().cloned().or_else(|| older(column));
    Ok(match (column.physical_type(), logical) {
        (_, Some(LogicalType::Decimal(decimal))) => {
            let scale = u32::try_from(decimal.scale).map_err(|_| "has a negative scale".to_owned())?;
            (Type::Decimal, Meaning::Decimal(scale))
        }
        (Physical::BOOLEAN, _) => (Type::Boolean, Meaning::Plain),
        (Physical::INT32, Some(LogicalType::Date)) => (Type::Date, Meaning::Plain),
        (Physical::INT32 | Physical::INT64, Some(LogicalType::Time(time))) => {
            (Type::Text, Meaning::TimeOfDay(ticks(time.unit)))
        }
        (Physical::INT32, Some(LogicalType::Integer(whole))) if !whole.is_signed => {
            (Type::Integer, Meaning::Unsigned)
        }
        (Physical::INT64, Some(LogicalType::Integer(whole))) if !whole.is_signed => {
            (Type::Decimal, Meaning::Unsigned64)
        }
        (Physical::INT64, Some(LogicalType::Timestamp(instant))) => {
            (Type::Timestamp, Meaning::Instant(ticks(instant.unit)))
        }
        (Physical::INT32 | Physical::INT64, _) => (Type::Integer, Meaning::Plain),
        (Physical::INT96, _) => (Type::Timestamp, Meaning::Plain),
        (Physical::FLOAT | Physical::DOUBLE, _) => (Type::Number, Meaning::Plain),
        (Physical::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum)) => (Type::Text, Meaning::Plain),
        (Physical::BYTE_ARRAY, Some(LogicalType::Json)) => (Type::Json, Meaning::Plain),
        (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Uuid)) => (Type::Text, Meaning::Uuid),
        (Physical::FIXED_LEN_BYTE_ARRAY, Some(LogicalType::Float16)) => (Type::Number, Meaning::Half),
        (Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY, _) => (Type::Bytes, Meaning::Plain),
    })
}

/// What files from before 2.4 of the format say instead of a logical type.
fn older(column: &ColumnDescriptor) -> Option<LogicalType> {
    Some(match column.converted_type() {
        ConvertedType::UTF8 => LogicalType::String,
        ConvertedType::ENUM => LogicalType::Enum,
        ConvertedType::JSON => LogicalType::Json,
        ConvertedType::DATE => LogicalType::Date,
        ConvertedType::DECIMAL => LogicalType::decimal(column.type_scale(), column.type_precision()),
        ConvertedType::TIME_MILLIS => LogicalType::time(true, TimeUnit::MILLIS),
        ConvertedType::TIME_MICROS => LogicalType::time(true, TimeUnit::MICROS),
        ConvertedType::TIMESTAMP_MILLIS => LogicalType::timestamp(true, TimeUnit::MILLIS),
        ConvertedType::TIMESTAMP_MICROS => LogicalType::timestamp(true, TimeUnit::MICROS),
        ConvertedType::UINT_8 => LogicalType::integer(8, false),
        ConvertedType::UINT_16 => LogicalType::integer(16, false),
        ConvertedType::UINT_32 => LogicalType::integer(32, false),
        ConvertedType::UINT_64 => LogicalType::integer(64, false),
        _ => return None,
    })
}

fn ticks(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    }
}
