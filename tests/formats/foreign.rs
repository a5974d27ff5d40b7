//! Parquet files that other programs wrote.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use exportd::formats::{ParquetFacts, ParquetRows};
use exportd::records::{Batch, DataError, Rows, Value};

use super::tools::python;

/// What is written by pyarrow and DuckDB, of the versions in `requirements.txt`.
fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/formats/foreign.py");
    let ended = Command::new(python()).arg(script).arg(folder.path()).output().expect("Python is there");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    folder
}

fn open(path: &Path) -> Result<ParquetRows, DataError> {
    ParquetRows::open(File::open(path).expect("it is there"), "feeds")
}

/// Every row, each cell as its value says itself.
fn read(path: &Path) -> Result<Vec<Vec<String>>, DataError> {
    let mut rows = open(path)?;
    let (mut all, mut room) = (Vec::new(), Batch::new(rows.schema()));
    while let Some(batch) = rows.next(room)? {
        for row in 0..batch.len() {
            all.push(
                (0..batch.columns().len()).map(|place| format!("{:?}", batch.value(row, place))).collect(),
            );
        }
        room = batch;
    }
    Ok(all)
}

#[test]
fn columns_of_every_type_and_compression_are_read_exactly() {
    let files = files();
    let (micros, long) = (1_795_166_100_250_000, "x".repeat(1000));
    let wanted = [
        Value::Boolean(true),
        Value::Integer(-128),
        Value::Integer(4_294_967_295),
        Value::Decimal("18446744073709551615"),
        Value::Number(0.5),
        Value::Number(0.5),
        Value::Decimal("-12.30"),
        Value::Decimal("123456789012345678901234567890.12"),
        Value::Decimal("-9999999999999999999999999999999999999999999999999999999999999999999999"),
        Value::Text("größe"),
        Value::Text(&long),
        Value::Bytes(&[0, 255]),
        Value::Bytes(b"abcd"),
        Value::Date(20_777),
        Value::Timestamp(micros),
        Value::Timestamp(micros),
        Value::Timestamp(micros),
        Value::Text("09:15:00.5"),
        Value::Text("same"),
    ];
    let first: Vec<_> = wanted.iter().map(|value| format!("{value:?}")).collect();
    let second = vec!["Null".to_owned(); first.len()];
    for name in ["none", "snappy", "gzip", "zstd", "pages_v2"] {
        let rows = read(&files.path().join(format!("{name}.parquet"))).expect("rows");
        assert_eq!(rows, [first.clone(), second.clone()], "{name}");
    }
    let older = read(&files.path().join("int96.parquet")).expect("rows");
    assert_eq!(older, [vec![format!("Timestamp({micros})")], vec!["Null".to_owned()]]);
}

#[test]
fn what_duckdb_writes_is_read() {
    let files = files();
    let rows = read(&files.path().join("duckdb.parquet")).expect("rows");
    assert_eq!(rows.len(), 3);
    let id = rows[0][0].trim_start_matches("Text(\"").trim_end_matches("\")");
    assert!(uuid::Uuid::parse_str(id).is_ok(), "{id}");
    let others = ["Integer(7)", "Json(\"[1]\")", "Timestamp(1795166100000000)", "Decimal(\"1.5\")"];
    assert_eq!(rows[0][1..], others);
}

#[test]
fn columns_that_must_not_be_empty_are_read_over_many_row_groups() {
    let files = files();
    let path = files.path().join("required.parquet");
    let facts = ParquetFacts { rows: 10_000, columns: 1, row_groups: 11 };
    assert_eq!(open(&path).expect("parquet").facts(), facts);
    let rows = read(&path).expect("rows");
    let wanted: Vec<_> = (0..10_000).map(|id| vec![format!("Integer({id})")]).collect();
    assert!(rows == wanted);
}

#[test]
fn what_is_not_read_is_told_by_its_column() {
    let files = files();
    for (name, part) in [
        ("list", "`tags` holds lists or records"),
        ("record", "`person` holds lists or records"),
        ("nan", "row 2, column `n`: NaN is no number here"),
        ("fine", "row 1, column `at`: is finer than a microsecond"),
    ] {
        let told =
            read(&files.path().join(format!("{name}.parquet"))).expect_err("it is not read").to_string();
        assert!(told.contains(part), "{name}: {told}");
    }
}

/// Wherever a byte is turned over, the reading ends: with rows or with an error, never with a panic.
#[test]
fn a_damaged_file_never_ends_the_reader() {
    let files = files();
    let (whole, path) =
        (fs::read(files.path().join("snappy.parquet")).expect("a file"), files.path().join("bad"));
    for at in (0..whole.len()).step_by(7) {
        let mut bad = whole.clone();
        bad[at] ^= 0x41;
        fs::write(&path, &bad).expect("room");
        let _ = read(&path);
    }
    for length in (0..whole.len()).step_by(97) {
        fs::write(&path, &whole[..length]).expect("room");
        assert!(read(&path).is_err(), "{length} bytes are no file");
    }
}
