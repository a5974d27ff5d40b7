//! Documents made for people, looked at with other people's tools.

mod html;
mod markdown;
mod pdf;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use exportd::domain::Format;
use exportd::formats::{Blocks, Chart, ChartShape, Fonts, FormatOptions, Series, blocks, formatter};
use exportd::records::{Batch, Field, Head, Layout, Schema, Section, Type, Value};
use tempfile::TempDir;

/// A document in a file of its own, and what its writer told.
struct Document {
    path: PathBuf,
    bytes: Vec<u8>,
    told: Vec<String>,
    _folder: TempDir,
}

impl Document {
    fn keep(format: Format, bytes: Vec<u8>, told: Vec<String>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let path = folder.path().join(format!("document.{}", format.extension()));
        std::fs::write(&path, &bytes).expect("it is kept");
        Self { path, bytes, told, _folder: folder }
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }
}

/// What a document is written with.
fn options(fonts: Fonts) -> FormatOptions {
    FormatOptions { fonts: Arc::new(fonts), ..FormatOptions::scratching_in(std::env::temp_dir()) }
}

/// With the fonts of this machine.
fn with_all_fonts() -> FormatOptions {
    options(Fonts::of_system(Vec::new()))
}

/// As on a machine without fonts.
fn with_own_fonts() -> FormatOptions {
    options(Fonts::default())
}

/// A document of one table of text.
fn table(format: Format, options: &FormatOptions, titles: &[&str], rows: &[Vec<String>]) -> Document {
    let schema = Schema::new(titles.iter().map(|title| Field::new(*title, Type::Text)).collect());
    let layout = Layout::Table;
    let (name, title) = ("rows".to_owned(), "All rows".to_owned());
    let section = Section {
        name,
        title,
        schema: Arc::clone(&schema),
        rows: rows.len() as u64,
        left_out: Vec::new(),
        layout,
    };
    let metadata = vec![("Created".to_owned(), "2026-11-21T10:20:30Z".to_owned())];
    let head = Head { title: "Ελλάδα & more".to_owned(), metadata, sections: vec![section] };
    let mut bytes = Vec::new();
    let mut writer = formatter(format, &mut bytes, options).expect("a format for people");
    writer.begin(&head).expect("written");
    writer.section(&head.sections[0]).expect("written");
    for rows in rows.chunks(100) {
        let mut batch = Batch::new(&schema);
        for (place, cell) in rows.iter().flat_map(|row| row.iter().enumerate()) {
            assert!(batch.column_mut(place).push(Value::Text(cell)));
        }
        writer.rows(&batch).expect("written");
    }
    writer.end_section().expect("written");
    let told = writer.finish().expect("written");
    Document::keep(format, bytes, told)
}

/// A document of blocks.
fn of_blocks(format: Format, options: &FormatOptions, write: impl FnOnce(&mut dyn Blocks)) -> Document {
    let mut bytes = Vec::new();
    let mut writer = blocks(format, &mut bytes, options).expect("a format for people");
    write(&mut *writer);
    let told = writer.finish().expect("written");
    Document::keep(format, bytes, told)
}

/// A chart of every shape.
fn charts() -> [Chart; 3] {
    [ChartShape::Bar, ChartShape::Line, ChartShape::Pie].map(|shape| {
        let series = |name: &str| Series { name: name.to_owned(), values: vec![3.0, -1.5, 4e9] };
        let labels = ["one", "two", "drei"].map(str::to_owned).to_vec();
        Chart { shape, title: format!("{shape:?} chart"), labels, series: vec![series("s"), series("t")] }
    })
}

/// Cells that would be something else if they could, and characters of every plane.
fn hostile() -> Vec<Vec<String>> {
    let planes = (0..=16).map(|plane: u32| {
        let codes = (0..0x1_0000).step_by(0x1fd).map(|code| plane << 16 | code);
        codes.filter_map(char::from_u32).collect::<String>()
    });
    let cells = [
        "<script>alert(1)</script><img src=x onerror=y>",
        "</td></tr></table></main></body></html>",
        "| a | b |\n| --- | --- |\n| `c` | **d** |",
        "# h\n- l\n1. n\n> q\n```\ncode\n```\n    indented\n***\n===",
        "[l](javascript:x) ![i](x) <https://h.example> www.h.example https://h.example \\ &lt; ~~s~~ $m$",
        "\u{202e}right to left\u{202d}\u{2066}\u{2067} and never back",
        "\u{0}\u{1}\u{7}\u{8}\u{1b}[31mred\u{7f}\u{9b}\u{fffe}\r\n\u{85}\u{2028}\u{2029}\t",
        "e\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}\u{308}\u{309}\u{30a}\u{200d}\u{fe0f}\u{20e3}",
        "",
        " \t ",
    ];
    let cells = cells.into_iter().map(str::to_owned).chain(planes);
    let long = ["x".repeat(10_000), "漢".repeat(3_000), "word ".repeat(4_000), "\n".repeat(300)];
    let long = long.into_iter().chain(std::iter::once("🙂\u{200d}".repeat(500)));
    cells.chain(long).map(|cell| vec![cell.clone(), "after".to_owned(), cell]).collect()
}

/// What a program says; it must succeed.
fn output(program: &str, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    let ran =
        Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    let error = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{program}: {}{error}", String::from_utf8_lossy(&ran.stdout));
    String::from_utf8(ran.stdout).expect("UTF-8")
}

fn name(path: &Path) -> &str {
    path.to_str().expect("a temporary folder has a plain name")
}
