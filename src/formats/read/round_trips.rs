//! Whatever is written is read again as it was.

use std::io::Cursor;

use proptest::prelude::*;

use crate::domain::Format;
use crate::formats::samples::{options, written};
use crate::records::{Batch, Field, Head, Layout, Rows, Schema, Section, Type, Value};

use super::{document, open, validate};

const FORMATS: [Format; 4] = [Format::Csv, Format::Json, Format::Jsonl, Format::Xml];

/// A cell that owns what is in it.
#[derive(Debug, Clone)]
enum Cell {
    Null,
    Boolean(bool),
    Whole(i64),
    Number(f64),
    Day(i32),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    fn value(&self, kind: Type) -> Value<'_> {
        match (self, kind) {
            (Self::Null, _) => Value::Null,
            (Self::Boolean(cell), _) => Value::Boolean(*cell),
            (Self::Whole(cell), Type::Timestamp) => Value::Timestamp(*cell),
            (Self::Whole(cell), _) => Value::Integer(*cell),
            (Self::Number(cell), _) => Value::Number(*cell),
            (Self::Day(cell), _) => Value::Date(*cell),
            (Self::Text(cell), Type::Decimal) => Value::Decimal(cell),
            (Self::Text(cell), Type::Json) => Value::Json(cell),
            (Self::Text(cell), _) => Value::Text(cell),
            (Self::Bytes(cell), _) => Value::Bytes(cell),
        }
    }
}

/// Characters that formats trip over, and those of every plane.
fn character() -> impl Strategy<Value = char> {
    let odd = "\0\u{1}\u{8}\t\n\u{b}\u{c}\r\u{1b}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}\u{fffd}\u{fffe}\u{ffff}\u{feff} \"',;<>&\\/_x{}[]=+-@＝";
    prop_oneof![
        proptest::sample::select(odd.chars().collect::<Vec<_>>()),
        proptest::char::range(' ', '~'),
        (0u32..17, 0u32..0x10000)
            .prop_filter_map("a half of a pair", |(plane, at)| char::from_u32(plane << 16 | at)),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(character(), 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        text().prop_map(Into::into),
    ];
    let tree = leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Into::into),
            prop::collection::vec((text(), inner), 0..3)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    });
    // A column's `null` is nothing in it.
    tree.prop_filter("nothing", |json| !json.is_null()).prop_map(|json| json.to_string())
}

fn cell(kind: Type) -> BoxedStrategy<Cell> {
    let full = match kind {
        Type::Boolean => any::<bool>().prop_map(Cell::Boolean).boxed(),
        Type::Integer | Type::Timestamp => {
            prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -9i64..9].prop_map(Cell::Whole).boxed()
        }
        Type::Number => {
            let limits = proptest::sample::select(vec![
                f64::MAX,
                f64::MIN,
                f64::MIN_POSITIVE,
                5e-324,
                -0.0,
                0.1,
                1e21,
            ]);
            let any = proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL | proptest::num::f64::ZERO;
            prop_oneof![any, limits].prop_map(Cell::Number).boxed()
        }
        Type::Decimal => "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?".prop_map(Cell::Text).boxed(),
        Type::Text => text().prop_map(Cell::Text).boxed(),
        Type::Date => any::<i32>().prop_map(Cell::Day).boxed(),
        Type::Json => json().prop_map(Cell::Text).boxed(),
        Type::Bytes => prop::collection::vec(any::<u8>(), 0..9).prop_map(Cell::Bytes).boxed(),
    };
    prop_oneof![1 => Just(Cell::Null), 4 => full].boxed()
}

fn names() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(prop_oneof![text(), "[a-z]{1,3}"], 1..6)
        .prop_map(|names| names.into_iter().collect())
}

/// A section and its rows.
fn table() -> impl Strategy<Value = (Head, Vec<Vec<Batch>>)> {
    let schema = names().prop_flat_map(|names| {
        let count = names.len();
        (Just(names), prop::collection::vec(proptest::sample::select(Type::ALL.to_vec()), count))
    });
    let rows = schema.prop_flat_map(|(names, kinds)| {
        let row: Vec<_> = kinds.iter().map(|kind| cell(*kind)).collect();
        (Just(names), Just(kinds), prop::collection::vec(row, 0..5))
    });
    (rows, text()).prop_map(|((names, kinds, rows), title)| {
        let fields = names.into_iter().zip(&kinds).map(|(name, kind)| Field::new(name, *kind)).collect();
        let schema = Schema::new(fields);
        let mut batch = Batch::new(&schema);
        for (row, place) in rows.iter().flat_map(|row| (0..row.len()).map(move |place| (row, place))) {
            assert!(batch.column_mut(place).push(row[place].value(kinds[place])));
        }
        let section = Section {
            name: "rows".to_owned(),
            title: title.clone(),
            schema,
            rows: rows.len() as u64,
            left_out: Vec::new(),
            layout: Layout::Table,
        };
        (Head { title, metadata: Vec::new(), sections: vec![section] }, vec![vec![batch]])
    })
}

fn cells(batches: &[Batch]) -> Vec<String> {
    let rows = batches.iter().flat_map(|batch| (0..batch.len()).map(move |row| (batch, row)));
    let cells = |(batch, row): (&Batch, usize)| {
        let cells: Vec<_> = (0..batch.columns().len()).map(|place| batch.value(row, place)).collect();
        format!("{cells:?}")
    };
    rows.map(cells).collect()
}

fn all(mut rows: impl Rows) -> Vec<Batch> {
    let schema = rows.schema().clone();
    let mut batches = Vec::new();
    while let Some(batch) = rows.next(Batch::new(&schema)).expect("what was written is read") {
        batches.push(batch);
    }
    batches
}

fn input(text: &str) -> Box<Cursor<Vec<u8>>> {
    Box::new(Cursor::new(text.as_bytes().to_vec()))
}

/// `text` of one format in another, by way of types that are found in it.
fn converted(from: Format, to: Format, text: &str) -> String {
    let head = validate(from, input(text)).expect("what was written is read").head;
    let mut file = document(from, input(text)).expect("what was written is read");
    let batches: Vec<_> =
        head.sections.iter().map(|section| all(file.section(section).expect("a section"))).collect();
    written(to, &options(), &head, &batches).0
}

impl<T: Rows + ?Sized> Rows for Box<T> {
    fn schema(&self) -> &std::sync::Arc<Schema> {
        (**self).schema()
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, crate::records::DataError> {
        (**self).next(room)
    }
}

proptest! {
    #[test]
    fn every_cell_of_every_type_is_read_as_it_was_written((head, batches) in table()) {
        let schema = &head.sections[0].schema;
        for format in FORMATS {
            let (text, _) = written(format, &options(), &head, &batches);
            let rows = open(format, "rows", input(&text), Some(schema.clone())).expect("what was written is read");
            prop_assert_eq!(cells(&all(rows)), cells(&batches[0]), "{}: {}", format, text);
        }
    }

    #[test]
    fn a_document_tells_its_own_columns_title_and_facts((mut head, batches) in table(), facts in prop::collection::btree_map("[a-z]{6,9}", text(), 1..4)) {
        head.metadata = facts.into_iter().filter(|(name, _)| name != "schema").collect();
        for format in [Format::Json, Format::Xml] {
            let (text, _) = written(format, &options(), &head, &batches);
            let facts = validate(format, input(&text)).expect("what was written is read");
            if !head.metadata.is_empty() {
                prop_assert_eq!(&facts.head, &head, "{}: {}", format, text);
            }
        }
    }

    #[test]
    fn a_file_comes_back_from_a_journey_through_every_format(names in names(), rows in prop::collection::vec(prop::collection::vec(word(), 5), 1..5)) {
        let fields = names.iter().map(|name| Field::new(name, Type::Text)).collect();
        let schema = Schema::new(fields);
        let mut batch = Batch::new(&schema);
        for row in &rows {
            for (place, word) in row.iter().enumerate().take(names.len()) {
                assert!(batch.column_mut(place).push(word.value(Type::Text)));
            }
        }
        let section = Section {
            name: "rows".to_owned(),
            title: "Rows".to_owned(),
            schema,
            rows: 0,
            left_out: Vec::new(),
            layout: Layout::Table,
        };
        let head = Head { title: String::new(), metadata: Vec::new(), sections: vec![section] };
        let (csv, _) = written(Format::Csv, &options(), &head, &[vec![batch]]);
        let mut text = csv.clone();
        let journey = [Format::Csv, Format::Json, Format::Xml, Format::Jsonl, Format::Csv];
        for leg in journey.windows(2) {
            text = converted(leg[0], leg[1], &text);
        }
        prop_assert_eq!(text, csv);
    }

    #[test]
    fn whatever_the_bytes_reading_ends(bytes in prop::collection::vec(any::<u8>(), 0..60), text in text(), tokens in "[\\[\\]{}\",:0-9a\\\\u \n<>/&;-]{0,40}") {
        for format in FORMATS {
            for bytes in [&bytes, text.as_bytes(), tokens.as_bytes(), &[b"[{\"a\":", tokens.as_bytes()].concat()] {
                reads_the_same_twice(format, bytes);
            }
        }
    }

    #[test]
    fn however_a_file_is_broken_reading_ends((head, batches) in table(), at: prop::sample::Index, length in 0usize..9, put in prop::collection::vec(any::<u8>(), 0..3)) {
        for format in FORMATS {
            let mut bytes = written(format, &options(), &head, &batches).0.into_bytes();
            let from = at.index(bytes.len() + 1);
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, put.iter().copied());
            reads_the_same_twice(format, &bytes);
        }
    }
}

/// What is found to be without fault has the rows that were found.
fn reads_the_same_twice(format: Format, bytes: &[u8]) {
    let input = || Box::new(Cursor::new(bytes.to_vec()));
    let Ok(facts) = validate(format, input()) else { return };
    let mut file = document(format, input()).expect("it was read before");
    for section in &facts.head.sections {
        let rows = all(file.section(section).expect("it was read before"));
        let count = rows.iter().map(|batch| batch.len() as u64).sum::<u64>();
        // A row without a column is none to a batch.
        assert_eq!(count, if section.schema.fields.is_empty() { 0 } else { section.rows });
    }
}

/// Text that looks like something else, and text that does not.
fn word() -> impl Strategy<Value = Cell> {
    let like = "(-?[0-9]{1,20}|-?[0-9]{1,3}\\.[0-9]{1,3}|true|false|null|[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9](T0[0-9]:00:00(\\.[0-9]{3})?Z)?|\\{\\}|\\[1\\])";
    prop_oneof![1 => Just(Cell::Null), 3 => text().prop_map(Cell::Text), 4 => like.prop_map(Cell::Text)]
}
