//! What a document must say, told without any formatter.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::cases::{Case, Cell};

/// All that `check.py` compares a document with.
pub fn truth(case: &Case) -> Value {
    let sections = case.head.sections.iter().zip(&case.rows).map(|(section, rows)| {
        let columns: Vec<_> =
            section.schema.fields.iter().map(|field| json!([field.name, field.kind.as_str()])).collect();
        let compared = (0..section.rows).step_by(usize::try_from(case.every).expect("small"));
        let cells: Vec<_> = compared.map(|row| rows(row).iter().map(told).collect::<Vec<_>>()).collect();
        json!({ "name": section.name, "title": section.title, "columns": columns, "rows": section.rows, "cells": cells })
    });
    let sections: Vec<_> = sections.collect();
    json!({ "title": case.head.title, "metadata": case.head.metadata, "every": case.every, "sections": sections })
}

/// A cell as a text that has one meaning: instants in microseconds, days in days since 1970, numbers
/// by their bits, bytes in hexadecimal.
fn told(cell: &Cell) -> Value {
    let text = match cell {
        Cell::Null => return Value::Null,
        Cell::Boolean(cell) => cell.to_string(),
        Cell::Integer(cell) | Cell::Timestamp(cell) => cell.to_string(),
        Cell::Number(cell) => format!("{:016x}", cell.to_bits()),
        Cell::Decimal(cell) | Cell::Text(cell) | Cell::Json(cell) => cell.clone(),
        Cell::Date(cell) => cell.to_string(),
        Cell::Bytes(cell) => cell.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a text takes all");
            text
        }),
    };
    Value::String(text)
}
