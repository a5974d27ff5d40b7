//! The one table of a file, as rows of a data set.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::records::{Batch, DataError, DataFault, Rows, Schema};

use super::facts::Guesses;
use super::row::{Parser, Row};
use super::table::{Kept, Table};
use super::{Fault, Place, ReadError};

/// Rows that are looked at before types are given to their columns.
const SAMPLE_ROWS: usize = 1000;
/// Bytes of text of these at most.
const SAMPLE_BYTES: usize = 4 << 20;

/// The rows of a file's only section.
pub struct FileRows {
    of: String,
    parser: Box<dyn Parser>,
    table: Table,
    schema: Arc<Schema>,
    /// Rows that were looked at, and not handed out yet.
    sample: VecDeque<Kept>,
    /// Whether every column of the file has to be of the schema.
    is_strict: bool,
    is_over: bool,
}

impl FileRows {
    /// The rows that `parser` reads, in columns of `schema`; without it in the columns that the file tells,
    /// or that its first rows make likely. Columns that `schema` does not name are passed over.
    pub(super) fn new(
        of: &str,
        mut parser: Box<dyn Parser>,
        schema: Option<Arc<Schema>>,
    ) -> Result<Self, ReadError> {
        let empty = || Fault { place: Place::BEGIN, why: "there is no section".to_owned() };
        let opening = parser.section()?.ok_or_else(empty)?;
        let (mut row, mut sample) = (Row::of(opening.names.clone().unwrap_or_default()), VecDeque::new());
        let is_strict = schema.is_none();
        let schema = match schema.or_else(|| opening.schema.clone()) {
            Some(schema) => schema,
            None => sampled(&mut *parser, &mut row, &mut sample)?,
        };
        let known = opening.names.as_ref();
        let missing = |name: &String| known.is_some_and(|known| !known.contains(name));
        if let Some(missing) = schema.fields.iter().map(|field| &field.name).find(|name| missing(name)) {
            let why = format!("the column `{missing}` is not there");
            return Err(Fault { place: Place::BEGIN, why }.into());
        }
        let table = Table::new(&schema, row);
        Ok(Self { of: of.to_owned(), parser, table, schema, is_strict, sample, is_over: false })
    }

    fn fill(&mut self, mut room: Batch) -> Result<Option<Batch>, ReadError> {
        room.clear();
        while !room.is_full()
            && let Some(kept) = self.sample.pop_front()
        {
            self.table.put_again(kept, &mut room)?;
        }
        if !self.is_over && self.sample.is_empty() {
            self.is_over = !self.table.fill(&mut *self.parser, &mut room)?;
            if self.is_over && self.parser.section()?.is_some() {
                let why = "a second section; one table is read here";
                return Err(Fault { place: self.table.place(), why: why.to_owned() }.into());
            }
        }
        if self.is_strict {
            self.table.has_no_strangers()?;
        }
        Ok((!room.is_empty()).then_some(room))
    }
}

impl Rows for FileRows {
    fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        let of = self.of.clone();
        self.fill(room).map_err(|error| DataError {
            data_set: of,
            section: None,
            fault: DataFault::from(error),
        })
    }
}

/// The columns that the first rows make likely; these are kept in `sample`.
fn sampled(
    parser: &mut dyn Parser,
    row: &mut Row,
    sample: &mut VecDeque<Kept>,
) -> Result<Arc<Schema>, ReadError> {
    let (mut guesses, mut bytes) = (Guesses::default(), 0);
    while sample.len() < SAMPLE_ROWS && bytes < SAMPLE_BYTES && parser.row(row)? {
        guesses.look(row);
        bytes += row.text.len();
        sample.push_back((row.text.clone(), row.cells.clone()));
    }
    Ok(guesses.schema(row))
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Cursor;

    use super::*;
    use crate::domain::Format;
    use crate::formats::read::open;
    use crate::records::{Field, Type, Value};

    fn file(format: Format, text: &str, schema: Option<Arc<Schema>>) -> Result<Box<dyn Rows>, ReadError> {
        open(format, "orders", Box::new(Cursor::new(text.to_owned())), schema)
    }

    /// How many rows come before the end, or an error's words.
    fn rows(mut rows: Box<dyn Rows>) -> Result<usize, String> {
        let (mut room, mut count) = (Batch::new(rows.schema()), 0);
        while let Some(batch) = rows.next(room).map_err(|error| error.to_string())? {
            count += batch.len();
            room = batch;
        }
        Ok(count)
    }

    fn lines(count: usize) -> String {
        (0..count).fold(String::new(), |mut text, row| {
            writeln!(text, "{{\"id\":{row}}}").expect("memory can be written");
            text
        })
    }

    #[test]
    fn the_first_rows_tell_the_columns_and_every_row_comes() {
        for count in [0, 1, 999, 1000, 1001, 5000] {
            assert_eq!(rows(file(Format::Jsonl, &lines(count), None).expect("rows")), Ok(count));
        }
        let found = file(Format::Jsonl, &lines(2), None).expect("rows");
        assert_eq!(found.schema().fields, [Field::new("id", Type::Integer)]);
    }

    #[test]
    fn what_the_first_rows_did_not_foretell_is_an_error_that_names_data_set_row_and_place() {
        let text = lines(1000) + "{\"id\":\"x\"}\n";
        let error = rows(file(Format::Jsonl, &text, None).expect("rows")).expect_err("no integer");
        assert_eq!(error, "data set orders: row 1001, column `id`: line 1001, column 7; declared as integer");
        let text = lines(3000) + "{\"id\":1,\"more\":2}\n";
        let error = rows(file(Format::Jsonl, &text, None).expect("rows")).expect_err("a column more");
        assert!(error.contains("line 3001") && error.contains("`more`"), "{error}");
    }

    #[test]
    fn columns_that_were_asked_for_come_in_their_types_and_others_do_not() {
        let schema = Schema::new(vec![Field::new("b", Type::Number), Field::new("a", Type::Text)]);
        let mut found = file(Format::Csv, "a,x,b\n1,?,2\n,,\n", Some(schema.clone())).expect("rows");
        let batch = found.next(Batch::new(&schema)).expect("rows").expect("two");
        let cells: Vec<_> = (0..2).flat_map(|row| [batch.value(row, 0), batch.value(row, 1)]).collect();
        assert_eq!(cells, [Value::Number(2.0), Value::Text("1"), Value::Null, Value::Null]);
        let Err(error) = file(Format::Csv, "a\n1\n", Some(schema.clone())) else {
            panic!("`b` is not there")
        };
        assert!(error.to_string().contains("`b`"), "{error}");
        assert_eq!(rows(file(Format::Jsonl, "{\"a\":\"1\"}\n", Some(schema)).expect("rows")), Ok(1));
    }

    #[test]
    fn a_second_section_is_not_lost_without_a_word() {
        let text = r#"{"data":{"a":[{"id":1}],"b":[{"id":2}]}}"#;
        let error = rows(file(Format::Json, text, None).expect("rows")).expect_err("two sections");
        assert!(error.contains("second section"), "{error}");
    }
}
