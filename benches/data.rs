//! A million rows of twelve columns from PostgreSQL to a file, beside `psql \copy` of the same query.
//!
//! ```text
//! cargo bench --bench data
//! EXPORTD_BENCH_ROWS=100000 EXPORTD_BENCH_ROUNDS=3 cargo bench --bench data
//! ```
//!
//! Each round runs `psql` and ours one after another, ours in a process of its own, whose peak of
//! memory it tells. What counts is the median of the ratios. Ours counts the rows first.

#[allow(dead_code, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use exportd::datasets::{Arguments, Config, DataSets, Order, Reading};
use exportd::domain::Format;
use exportd::formats::{FormatOptions, formatter};
use exportd::records::{Batch, Head};
use measure::{chosen, median, peak_memory};
use support::postgres::{OwnDatabase, psql};
use tokio_util::sync::CancellationToken;

const QUERY: &str = "SELECT id, a, b, name, email, note, amount, price, created_at, updated_at, active, extra \
                     FROM rows ORDER BY id";

const COLUMNS: &str = r#"columns = [
    { name = "id", type = "integer" }, { name = "a", type = "integer" }, { name = "b", type = "integer" },
    { name = "name", type = "text" }, { name = "email", type = "text" }, { name = "note", type = "text" },
    { name = "amount", type = "decimal" }, { name = "price", type = "decimal" },
    { name = "created_at", type = "timestamp" }, { name = "updated_at", type = "timestamp" },
    { name = "active", type = "boolean" }, { name = "extra", type = "json" } ]"#;

/// Tells a process of ours what to write.
const CHILD: &str = "EXPORTD_BENCH_CHILD";

fn main() {
    match std::env::var(CHILD) {
        Ok(word) => child(&word),
        Err(_) => rounds(),
    }
}

fn rounds() {
    let (rows, rounds) = (chosen("EXPORTD_BENCH_ROWS", 1_000_000), chosen("EXPORTD_BENCH_ROUNDS", 7));
    let database = OwnDatabase::create();
    psql(&database.url, &table(rows));
    psql(&database.url, "VACUUM ANALYZE rows");
    let folder = tempfile::tempdir().expect("a folder");
    let declared = format!(
        "[sources.app]\nurl = \"{}\"\n[[datasets]]\nname = \"rows\"\nsource = \"app\"\nfor = \"admins\"\n\
         [[datasets.queries]]\nname = \"rows\"\nsql = \"{QUERY}\"\n{COLUMNS}\n",
        database.url
    );
    std::fs::write(folder.path().join("datasets.toml"), declared).expect("written");
    for format in [Format::Csv, Format::Jsonl] {
        let (mut ratios, mut peaks) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            let peer = copied(&database.url, &folder.path().join("peer.csv"));
            let (ours, peak) = exported(folder.path(), format);
            println!("{format}: ours {ours:.2?}, psql {peer:.2?}, {peak:.0} MB");
            ratios.push(ours.as_secs_f64() / peer.as_secs_f64());
            peaks.push(peak);
        }
        println!(
            "{format}: {:.2} times psql, at most {:.0} MB",
            median(ratios),
            peaks.iter().fold(0.0, |a, b| f64::max(a, *b))
        );
    }
}

fn table(rows: usize) -> String {
    format!(
        "CREATE TABLE rows AS SELECT i::bigint AS id, (i % 1000)::int AS a, (i * 7 % 100000)::int AS b, \
           'Customer number ' || i AS name, 'user' || i || '@example.org' AS email, \
           CASE WHEN i % 10 = 0 THEN 'He said \"yes\", and then left.' ELSE 'a note of some words for row ' || i END AS note, \
           (i % 1000000)::numeric / 100 AS amount, (i * 13 % 99999999)::numeric(12,4) / 1000 AS price, \
           timestamptz '2026-01-01' + i * interval '13.37 seconds' AS created_at, \
           CASE WHEN i % 3 > 0 THEN timestamptz '2026-02-01' + i * interval '1 second' END AS updated_at, \
           i % 2 = 0 AS active, jsonb_build_object('k', i, 'tags', jsonb_build_array('a', 'b')) AS extra \
         FROM generate_series(1::bigint, {rows}) AS s(i); ALTER TABLE rows ADD PRIMARY KEY (id)"
    )
}

/// How long `psql` takes.
fn copied(url: &str, file: &Path) -> Duration {
    let begun = Instant::now();
    psql(url, &format!("\\copy ({QUERY}) TO '{}' (FORMAT csv, HEADER)", file.display()));
    begun.elapsed()
}

/// How long ours takes, in a process of its own, and the most memory that it had.
fn exported(folder: &Path, format: Format) -> (Duration, f64) {
    let ran = Command::new(std::env::current_exe().expect("this bench"))
        .env(CHILD, format.as_str())
        .current_dir(folder)
        .output()
        .expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told = String::from_utf8(ran.stdout).expect("text");
    let (seconds, peak) = told.trim().split_once(' ').expect("two numbers");
    let seconds = Duration::from_secs_f64(seconds.parse().expect("a number"));
    (seconds, peak.parse().expect("a number"))
}

fn child(word: &str) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = Config { file: Some(PathBuf::from("datasets.toml")), mask_key: None };
    let data_sets = DataSets::open(&config).expect("declared");
    let begun = Instant::now();
    let reading = runtime.block_on(data_sets.begin(order())).expect("begun");
    write(reading, Format::parse(word).expect("a format"));
    println!("{} {}", begun.elapsed().as_secs_f64(), peak_memory(std::process::id()));
}

fn write(mut reading: Reading, format: Format) {
    let head = Head { title: "Rows".to_owned(), sections: reading.sections().to_vec(), ..Head::default() };
    let mut rows = reading.next_section().expect("a section");
    let mut out = BufWriter::with_capacity(1 << 18, File::create("ours").expect("a file"));
    let mut written = formatter(format, &mut out, &options()).expect("a document");
    written.begin(&head).expect("written");
    written.section(&head.sections[0]).expect("written");
    let mut room = Batch::new(rows.schema());
    while let Some(batch) = rows.next(room).expect("rows") {
        written.rows(&batch).expect("written");
        room = batch;
    }
    written.end_section().expect("written");
    written.finish().expect("written");
    out.flush().expect("written");
}

fn options() -> FormatOptions {
    FormatOptions::scratching_in(std::env::temp_dir())
}

fn order() -> Order {
    Order {
        data_set: "rows".to_owned(),
        owner: "ada".parse().expect("an id"),
        unmasked: true,
        system_fields: false,
        arguments: Arguments::new(),
        sections: None,
        users: None,
        most_rows: None,
        cancel: CancellationToken::new(),
    }
}
