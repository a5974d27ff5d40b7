//! How fast rows become csv and jsonl, beside Python's own writers of both.
//!
//! ```text
//! cargo bench --bench formats
//! ROWS=10000000 ROUNDS=9 cargo bench --bench formats
//! ```
//!
//! Twelve columns of all that tables have: ids, texts with and without what has to be quoted, instants,
//! numbers and nothing. Bytes go nowhere; what is measured is processor time, and time on the clock
//! beside it. Reading is measured on what was written.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;

use std::io::{Cursor, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

use exportd::domain::Format;
use exportd::formats::{FormatOptions, formatter, read};
use exportd::records::{Batch, Field, Head, Layout, Schema, Section, Type, Value};
use measure::{chosen, cpu, median};

const COLUMNS: [(&str, Type); 12] = [
    ("id", Type::Integer),
    ("user_id", Type::Text),
    ("created_at", Type::Timestamp),
    ("day", Type::Date),
    ("kind", Type::Text),
    ("amount", Type::Decimal),
    ("score", Type::Number),
    ("is_open", Type::Boolean),
    ("note", Type::Text),
    ("city", Type::Text),
    ("count", Type::Integer),
    ("closed_at", Type::Timestamp),
];

fn main() {
    let (rows, rounds) = (chosen("ROWS", 1_000_000), chosen("ROUNDS", 5));
    let batch = batch();
    println!("{rows} rows of {} columns, {rounds} rounds; medians", COLUMNS.len());
    println!("{:<24} {:>8} {:>8} {:>14} {:>8}", "", "cpu s", "wall s", "rows/s (cpu)", "MB");
    for format in [Format::Csv, Format::Jsonl, Format::Json, Format::Xml] {
        let mut size = 0;
        told(&format!("write {format}"), rows, rounds, || {
            size = write(format, &batch, rows, &mut std::io::sink());
        });
        println!("{:>64.0}", size as f64 / 1e6);
    }
    for format in [Format::Csv, Format::Jsonl, Format::Json, Format::Xml] {
        let mut text = Vec::new();
        write(format, &batch, rows / 10, &mut text);
        told(&format!("read {format}, a tenth"), rows / 10, rounds, || {
            let facts = read::validate(format, Box::new(Cursor::new(text.clone()))).expect("our own");
            assert_eq!(facts.rows(), (rows / 10) as u64);
        });
        println!();
    }
    python(&batch, rows);
}

/// Prints the medians of `rounds` runs of `work`, without the end of the line.
fn told(name: &str, rows: usize, rounds: usize, mut work: impl FnMut()) {
    let own = [std::process::id()];
    let (mut used, mut took) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        let (before, began) = (cpu(&own), Instant::now());
        work();
        took.push(began.elapsed().as_secs_f64());
        used.push((cpu(&own) - before).as_secs_f64());
    }
    let used = median(used);
    print!("{name:<24} {used:>8.2} {:>8.2} {:>14.0}", median(took), rows as f64 / used);
}

/// Writes the batch again and again, until there are `rows`.
fn write(format: Format, batch: &Batch, rows: usize, to: &mut (dyn Write + Send)) -> u64 {
    let mut counted = Counted { to, size: 0 };
    let options = FormatOptions::scratching_in(std::env::temp_dir());
    let schema = Arc::clone(batch.schema());
    let section = Section {
        name: "rows".to_owned(),
        title: "Rows".to_owned(),
        schema,
        rows: 0,
        left_out: Vec::new(),
        layout: Layout::Table,
    };
    let head = Head { title: "Rows".to_owned(), metadata: Vec::new(), sections: vec![section] };
    let mut formatter = formatter(format, &mut counted, &options).expect("a format of rows");
    formatter.begin(&head).expect("written");
    formatter.section(&head.sections[0]).expect("written");
    for _ in 0..rows / batch.len() {
        formatter.rows(batch).expect("written");
    }
    let mut rest = Batch::new(batch.schema());
    for row in 0..rows % batch.len() {
        for place in 0..COLUMNS.len() {
            assert!(rest.column_mut(place).push(batch.value(row, place)));
        }
    }
    formatter.rows(&rest).expect("written");
    formatter.end_section().expect("written");
    formatter.finish().expect("written");
    counted.size
}

struct Counted<'a> {
    to: &'a mut (dyn Write + Send),
    size: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.size += bytes.len() as u64;
        self.to.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.to.flush()
    }
}

fn batch() -> Batch {
    let fields = COLUMNS.map(|(name, kind)| Field::new(name, kind));
    let mut batch = Batch::new(&Schema::new(fields.into()));
    for row in 0..1000_i64 {
        let at = 1_763_683_200_000_000 + row * 61_000_123;
        let (user, amount) =
            (format!("user-{:06}", row * 37 % 5000), format!("{}.{:02}", row * 7, row % 100));
        let note = match row % 10 {
            0 => "she said \"later\", and left".to_owned(),
            1 => String::new(),
            _ => format!("a note of some words about order {row}"),
        };
        let cells = [
            Value::Integer(row * 1_000_003),
            Value::Text(&user),
            Value::Timestamp(at),
            Value::Date(20_000 + row as i32),
            Value::Text(["message", "upload", "login"][row as usize % 3]),
            Value::Decimal(&amount),
            Value::Number(row as f64 / 7.0),
            Value::Boolean(row % 2 == 0),
            Value::Text(&note),
            Value::Text(["Köln", "São Paulo", "東京", "Paris"][row as usize % 4]),
            Value::Integer(row % 13),
            if row % 3 == 0 { Value::Null } else { Value::Timestamp(at + 5_000_000) },
        ];
        for (place, cell) in cells.into_iter().enumerate() {
            assert!(batch.column_mut(place).push(cell), "{cell:?}");
        }
    }
    batch
}

/// The same rows, which Python has as objects already, by its `csv` and `json`.
fn python(batch: &Batch, rows: usize) {
    const PEER: &str = "
import csv, json, resource, sys
names, *rows = [json.loads(line) for line in sys.stdin]
times = int(sys.argv[1]) // len(rows)
def used(): return resource.getrusage(resource.RUSAGE_SELF).ru_utime
def tell(name, began): print(f'{name:<24} {used() - began:>8.2f} {times * len(rows) / (used() - began):>23.0f}')
with open('/dev/null', 'w', newline='') as out:
    began, writer = used(), csv.writer(out)
    for _ in range(times): writer.writerows(rows)
    tell('python csv', began)
    began = used()
    for _ in range(times // 10):
        for row in rows: out.write(json.dumps(dict(zip(names, row)), ensure_ascii=False) + '\\n')
    times //= 10
    tell('python json, a tenth', began)
";
    let mut lines = vec![serde_json::json!(COLUMNS.map(|(name, _)| name)).to_string()];
    let mut out = Vec::new();
    write(Format::Jsonl, batch, batch.len(), &mut out);
    for line in std::str::from_utf8(&out).expect("UTF-8").lines() {
        let object: serde_json::Value = serde_json::from_str(line).expect("JSON");
        lines.push(serde_json::json!(COLUMNS.map(|(name, _)| object[name].clone())).to_string());
    }
    let mut peer = Command::new("python3")
        .args(["-c", PEER, &rows.to_string()])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    let mut input = peer.stdin.take().expect("piped");
    input.write_all(lines.join("\n").as_bytes()).expect("it reads");
    drop(input);
    assert!(peer.wait().expect("it ends").success());
}
