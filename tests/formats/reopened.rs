//! Every format is read by other people's tools, cell by cell.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use exportd::domain::Format;

use super::cases::{self, Case};
use super::tools::check;
use super::truth::truth;
use super::writing::write;

/// Rows of the case of many: a debug build writes them in seconds. `benches/tables.rs` writes more.
const MANY: u64 = 200_000;
/// In formats that are made for people, and read slowly by the tools.
const FEWER: u64 = 20_000;

/// Writes `case` in `format` into `folder`; `None` while there is no formatter for it.
fn document(case: &Case, format: Format, folder: &Path) -> Option<PathBuf> {
    let path = folder.join(format!("{}.{}", case.name, format.extension()));
    let mut out = BufWriter::new(File::create_new(&path).expect("a file"));
    write(case, format, &mut out, folder)?;
    out.flush().expect("there is room");
    Some(path)
}

fn reopen(format: Format, cases: &[Case]) {
    let folder = tempfile::tempdir().expect("a folder");
    for case in cases {
        let Some(path) = document(case, format, folder.path()) else { return };
        let told = folder.path().join(format!("{}.truth", case.name));
        fs::write(&told, truth(case).to_string()).expect("there is room");
        check(&[Path::new(format.as_str()), &path, &told]);
    }
}

macro_rules! reopened {
    ($($test:ident: $format:ident, $rows:expr;)*) => {$(
        mod $test {
            use super::*;

            #[test]
            fn every_hard_case_comes_back_cell_by_cell() {
                reopen(Format::$format, &cases::all());
            }

            #[test]
            fn many_rows_are_all_there() {
                reopen(Format::$format, &[cases::many_rows($rows)]);
            }
        }
    )*};
}

reopened! {
    csv: Csv, MANY;
    json: Json, MANY;
    jsonl: Jsonl, MANY;
    xml: Xml, MANY;
    parquet: Parquet, MANY;
    xlsx: Xlsx, FEWER;
    markdown: Markdown, FEWER;
    txt: Txt, FEWER;
    html: Html, FEWER;
    pdf: Pdf, 2_000;
}

/// A format that is added to `Format` is added here too.
#[test]
fn no_format_is_left_out() {
    let documents = Format::ALL.iter().filter(|format| format.archive().is_none());
    assert_eq!(documents.count(), 10, "one more line in `reopened!`, and a reader in check.py");
}
