//! `exportd convert`: rows of one format as rows of another, and a look at whether a file is one.

mod named;
mod parted;
mod source;
mod target;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::outcome::{Exit, Failure};
use super::output;
use super::signals::cancel_on_interrupt;
use crate::domain::{Format, human_size};
use crate::formats::{FormatError, FormatOptions, formatter};
use crate::records::{Batch, Head, Rows, Section, Type};
use named::{format_of, parse};
use source::Source;
use target::Target;

/// Convert a file of rows into another format, or check it
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd convert orders.csv -o orders.jsonl
  exportd convert orders.json.gz -o orders.xml.zst
  exportd convert --check orders.xml            # what is in it, or its first fault by line and column
  curl -s https://api.example/orders | exportd convert - --from json -o - --to csv

Reads csv (parted by commas), json, jsonl, parquet, and xml as exportd writes it. All of a file is looked at
before any of it is written: a column gets a type only if every cell of it is written again as it was
found, so that a zip code keeps its zeros; a number with an exponent becomes the shortest that is the
same (`1E5` is `100000.0`). A file that is there is written over when the new one is whole.")]
pub struct Convert {
    /// The file to read; `-` is standard input
    #[arg(value_name = "IN")]
    input: PathBuf,
    /// Where to; `-` streams to standard output
    #[arg(short = 'o', long = "output", value_name = "OUT", required_unless_present = "check")]
    output: Option<PathBuf>,
    /// The format of IN [default: as the end of its name says]
    #[arg(long, value_name = "FORMAT", value_parser = parse)]
    from: Option<Format>,
    /// The format of OUT [default: as the end of its name says]
    #[arg(long, value_name = "FORMAT", value_parser = parse)]
    to: Option<Format>,
    /// Write nothing: tell what is in IN, or what is wrong with it
    #[arg(long, conflicts_with_all = ["output", "to"])]
    check: bool,
    /// Begin CSV with a byte order mark, by which Excel knows UTF-8
    #[arg(long)]
    bom: bool,
    /// Keep spreadsheets from taking text in CSV for formulas
    #[arg(long)]
    guard_formulas: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Convert {
    /// Reads all of the file; then reads it again, and writes it.
    ///
    /// # Errors
    /// When it is not what it should be, with the line and column of the first fault.
    pub fn run(self) -> Result<Exit, Failure> {
        let began = Instant::now();
        // Whatever is wrong with the words is told before anything is read.
        let from = self.from.map_or_else(|| format_of(&self.input, "--from"), Ok)?;
        let to = match &self.output {
            Some(output) => Some((output, self.to.map_or_else(|| format_of(output, "--to"), Ok)?)),
            None => None,
        };
        let mut source = Source::open(&self.input, from)?;
        let head = match source.look() {
            Ok(head) => head,
            Err(unsound) if self.json => return unsound.told(),
            Err(unsound) => return Err(unsound.into()),
        };
        if let Some(hint) = parted::hint(&mut source, from, &head)? {
            output::note(hint);
        }
        match to {
            None => self.tell(&facts(from, &head), &checked(from, &head), false)?,
            Some((output, to)) => self.convert(&mut source, output, to, &head, began)?,
        }
        Ok(Exit::Done)
    }

    /// Writes the file, and tells what became of it.
    fn convert(
        &self,
        source: &mut Source,
        output: &Path,
        to: Format,
        head: &Head,
        began: Instant,
    ) -> Result<(), Failure> {
        let cancel = CancellationToken::new();
        cancel_on_interrupt(&cancel);
        let mut target = Target::open(output)?;
        let mut warnings = self.write(source, &mut target, to, head, &cancel)?;
        warnings.extend(quoted(to, head));
        let (size, seconds) = (target.finish()?, began.elapsed().as_secs_f64());
        for words in &warnings {
            output::note(format_args!("warning   {words}"));
        }
        let mut facts = facts(to, head);
        facts["size"] = json!(size);
        facts["seconds"] = json!(seconds);
        facts["warnings"] = json!(warnings);
        let (rows, columns, people) = (rows(head), columns(head), human_size(size));
        let summary = format!(
            "rows      {rows}\ncolumns   {columns}\nsize      {people} ({size} bytes)\nseconds   {seconds:.2}"
        );
        self.tell(&facts, &summary, output.as_os_str() == "-")
    }

    /// Writes everything in `format`, and returns what that had to tell.
    fn write(
        &self,
        source: &mut Source,
        target: &mut Target,
        format: Format,
        head: &Head,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, Failure> {
        let options = FormatOptions {
            bom: self.bom,
            guards_formulas: self.guard_formulas,
            ..FormatOptions::scratching_in(std::env::temp_dir())
        };
        let unwritten = || Failure::new(Exit::WrongUse, format!("{format} is not written here"));
        let mut formatter = formatter(format, target, &options).ok_or_else(unwritten)?;
        formatter.begin(head).map_err(|error| unwritable(&error))?;
        source.each_section(head, &mut |section, rows| {
            formatter.section(section).map_err(|error| unwritable(&error))?;
            let mut room = Batch::new(&section.schema);
            while let Some(batch) = rows.next(room).map_err(|error| Failure::because(&error.fault))? {
                formatter.rows(&batch).map_err(|error| unwritable(&error))?;
                room = batch;
                if cancel.is_cancelled() {
                    return Err(Failure::new(Exit::Interrupted, "interrupted; nothing is left"));
                }
            }
            formatter.end_section().map_err(|error| unwritable(&error))
        })?;
        formatter.finish().map_err(|error| unwritable(&error))
    }

    /// Tells the result on standard output, unless the rows went there.
    fn tell(&self, facts: &Value, words: &str, is_streamed: bool) -> Result<(), Failure> {
        match (is_streamed, self.json) {
            (true, true) => output::note(facts),
            (true, false) => output::note(words),
            (false, true) => output::json(facts)?,
            (false, false) => output::result(words)?,
        }
        Ok(())
    }
}

/// What CSV makes of columns of JSON: of values of several kinds, texts too are written as JSON has them.
fn quoted(to: Format, head: &Head) -> Option<String> {
    let fields = head.sections.iter().flat_map(|section| &section.schema.fields);
    let columns = fields.filter(|field| field.kind == Type::Json).map(|field| format!("`{}`", field.name));
    let columns: Vec<_> = columns.filter(|_| to == Format::Csv).collect();
    let told =
        || format!("{}: cells of several kinds are JSON, in which texts stand in quotes", columns.join(", "));
    (!columns.is_empty()).then(told)
}

/// What is done with the rows of a section.
type EachSection<'a> = &'a mut dyn FnMut(&Section, &mut dyn Rows) -> Result<(), Failure>;

fn unwritable(error: &FormatError) -> Failure {
    Failure::because(error)
}

fn rows(head: &Head) -> u64 {
    head.sections.iter().map(|section| section.rows).sum()
}

fn columns(head: &Head) -> usize {
    head.sections.iter().map(|section| section.schema.fields.len()).sum()
}

fn facts(format: Format, head: &Head) -> Value {
    let section = |section: &Section| {
        let fields = section.schema.fields.iter();
        let columns: Vec<_> =
            fields.map(|field| json!({ "name": field.name, "type": field.kind.as_str() })).collect();
        json!({ "name": section.name, "rows": section.rows, "columns": columns })
    };
    let sections: Vec<_> = head.sections.iter().map(section).collect();
    json!({ "ok": true, "format": format.as_str(), "rows": rows(head), "sections": sections })
}

/// What was found in a file without fault, for people.
fn checked(format: Format, head: &Head) -> String {
    let cells = head.sections.iter().flat_map(|section| {
        let row = |field: &crate::records::Field| {
            let words = [section.name.as_str(), field.name.as_str(), field.kind.as_str()];
            words.map(|word| word.escape_debug().to_string())
        };
        section.schema.fields.iter().map(row).collect::<Vec<_>>()
    });
    let table = output::table(["SECTION", "COLUMN", "TYPE"], &cells.collect::<Vec<_>>());
    format!("{table}\n\nthis is {format}: {} rows, {} columns", rows(head), columns(head))
}
