//! Rows into tables: parquet beside DuckDB's `COPY` of the same rows, and workbooks.
//!
//! ```text
//! ./scripts/test no_test_of_that_name     makes the Python with DuckDB
//! cargo bench --bench tables
//! ROWS=10000000 ROUNDS=3 cargo bench --bench tables
//! ```
//!
//! Rows are made before the clock runs, in batches that are written again and again; DuckDB has them in
//! a table of its own in memory, and both write to a file in the same folder. Each run is a process of
//! its own, so that its peak of memory is its own.

#[path = "../tests/formats/cases.rs"]
#[allow(dead_code, reason = "the bench uses one of the cases")]
mod cases;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use exportd::domain::Format;
use exportd::formats::{FormatOptions, formatter};
use exportd::records::{Batch, Head};

use measure::{chosen, cpu, median, peak_memory};

/// What the process is called with to write just once: the format, and where to.
const ONCE: &str = "once";
/// Batches that are made before the clock runs.
const BATCHES: u64 = 128;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|word| word == ONCE) {
        return once(&arguments[at + 1], Path::new(&arguments[at + 2]));
    }
    let folder = tempfile::tempdir().expect("a folder");
    beside_duckdb(folder.path());
    workbooks(folder.path());
}

fn rows() -> u64 {
    chosen("ROWS", 1_000_000) as u64
}

/// Writes the rows to `path` and prints seconds and megabytes.
fn once(format: &str, path: &Path) {
    let format = Format::parse(format).expect("a format");
    let case = cases::many_rows(rows());
    let batches = batches(&case);
    let this = std::process::id();
    let (before, worked) = (peak_memory(this), cpu(&[this]));
    let began = Instant::now();
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    let written = write(format, &case.head, &batches, &mut out, path.parent().expect("a folder"));
    out.flush().expect("there is room");
    let (took, peak) = (began.elapsed().as_secs_f64(), peak_memory(this));
    let worked = (cpu(&[this]) - worked).as_secs_f64();
    let bytes = std::fs::metadata(path).expect("it is there").len();
    assert!(written as u64 - rows() < 1_024, "all of them, and what the last batch has beyond");
    println!("{took} {worked} {before} {peak} {bytes}");
}

fn batches(case: &cases::Case) -> Vec<Batch> {
    let mut batches = vec![Batch::new(case.schema(0))];
    for row in 0..rows().min(BATCHES * 1_024) {
        if batches.last().expect("one at least").is_full() {
            batches.push(Batch::new(case.schema(0)));
        }
        let batch = batches.last_mut().expect("one at least");
        for (column, cell) in (case.rows[0])(row).iter().enumerate() {
            assert!(batch.column_mut(column).push(cell.value()), "it is of its column's type");
        }
    }
    batches
}

fn write(
    format: Format,
    head: &Head,
    batches: &[Batch],
    out: &mut (dyn Write + Send),
    scratch: &Path,
) -> usize {
    let mut formatter =
        formatter(format, out, &FormatOptions::scratching_in(scratch)).expect("it is written here");
    formatter.begin(head).expect("it begins");
    formatter.section(&head.sections[0]).expect("one section");
    let mut written = 0;
    for batch in batches.iter().cycle() {
        if written as u64 >= rows() {
            break;
        }
        formatter.rows(batch).expect("it can be written");
        written += batch.len();
    }
    formatter.end_section().expect("it ends");
    formatter.finish().expect("it ends");
    written
}

struct Run {
    took: f64,
    /// Of all processors together.
    worked: f64,
    before: f64,
    peak: f64,
    bytes: f64,
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (took, worked, megabytes) = (self.took, self.worked, self.bytes / 1e6);
        write!(f, "{took:.2} s, {worked:.2} s of work, {megabytes:.1} MB; ")?;
        write!(f, "{:.0} MB of memory above {:.0}", self.peak - self.before, self.before)
    }
}

fn ours(format: Format, path: &Path) -> Run {
    let this = std::env::current_exe().expect("it runs");
    let ended = Command::new(this).arg(ONCE).arg(format.as_str()).arg(path).output().expect("it runs");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    numbers(&ended.stdout)
}

fn numbers(printed: &[u8]) -> Run {
    let printed = String::from_utf8_lossy(printed);
    let numbers: Vec<f64> =
        printed.split_whitespace().map(|number| number.parse().expect("a number")).collect();
    Run { took: numbers[0], worked: numbers[1], before: numbers[2], peak: numbers[3], bytes: numbers[4] }
}

fn beside_duckdb(folder: &Path) {
    let (mine, source) = (folder.join("ours.parquet"), folder.join("source.parquet"));
    ours(Format::Parquet, &source);
    for compression in ["snappy", "zstd"] {
        let (mut ratios, mut worked) = (Vec::new(), Vec::new());
        for _ in 0..chosen("ROUNDS", 5) {
            let (run, peer) = (ours(Format::Parquet, &mine), duckdb(&source, folder, compression));
            println!("parquet: {run}");
            println!("DuckDB ({compression}): {peer}");
            ratios.push(run.took / peer.took);
            worked.push(run.worked / peer.worked);
        }
        let (ratio, worked) = (median(ratios), median(worked));
        println!("beside DuckDB with {compression}: {ratio:.2} times as long, {worked:.2} of the work");
    }
}

fn duckdb(source: &Path, folder: &Path, compression: &str) -> Run {
    let python = std::env::var_os("EXPORTD_TEST_PYTHON").map_or_else(made, Into::into);
    let ended = Command::new(python)
        .args(["-c", DUCKDB])
        .arg(source)
        .arg(folder.join("theirs.parquet"))
        .arg(compression)
        .output()
        .expect("./scripts/test makes a Python with DuckDB, or EXPORTD_TEST_PYTHON names one");
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    numbers(&ended.stdout)
}

fn made() -> std::path::PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_exportd")).ancestors().nth(2).expect("target/release/exportd");
    target.join("tools/python/bin/python")
}

/// Copies a table out, and prints seconds, megabytes at the peak and the file's bytes.
const DUCKDB: &str = "
import duckdb, os, resource, sys, time
source, to, compression = sys.argv[1:]
here = duckdb.connect()
here.execute('SET enable_progress_bar = false')
here.execute('CREATE TABLE rows AS SELECT * FROM read_parquet(?)', [source])
began, worked = time.perf_counter(), time.process_time()
here.execute(f\"COPY rows TO '{to}' (FORMAT parquet, COMPRESSION {compression})\")
took, worked = time.perf_counter() - began, time.process_time() - worked
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(took, worked, 0, peak, os.path.getsize(to))
";

fn workbooks(folder: &Path) {
    let run = ours(Format::Xlsx, &folder.join("ours.xlsx"));
    println!("xlsx: {:.0} rows/s, {run}", rows() as f64 / run.took);
}
