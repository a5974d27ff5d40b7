//! Documents that are hard to write.

use std::sync::Arc;

use exportd::records::{Field, Head, Layout, Schema, Section, Type, Value};

/// A document, and how its rows are made: by their number, so that a million of them take no room.
pub struct Case {
    pub name: &'static str,
    pub head: Head,
    pub rows: Vec<RowMaker>,
    /// Of so many rows one is compared cell by cell; the others are counted.
    pub every: u64,
}

pub type RowMaker = Box<dyn Fn(u64) -> Vec<Cell>>;

/// A cell that owns what is in it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Decimal(String),
    Text(String),
    Timestamp(i64),
    Date(i32),
    Json(String),
    Bytes(Vec<u8>),
}

impl Cell {
    pub fn value(&self) -> Value<'_> {
        match self {
            Self::Null => Value::Null,
            Self::Boolean(cell) => Value::Boolean(*cell),
            Self::Integer(cell) => Value::Integer(*cell),
            Self::Number(cell) => Value::Number(*cell),
            Self::Decimal(cell) => Value::Decimal(cell),
            Self::Text(cell) => Value::Text(cell),
            Self::Timestamp(cell) => Value::Timestamp(*cell),
            Self::Date(cell) => Value::Date(*cell),
            Self::Json(cell) => Value::Json(cell),
            Self::Bytes(cell) => Value::Bytes(cell),
        }
    }
}

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// A section named and called `name` of these columns and rows.
fn section(name: &str, columns: &[(&str, Type)], rows: u64) -> Section {
    let fields = columns.iter().map(|(name, kind)| Field::new(*name, *kind)).collect();
    Section {
        name: name.to_owned(),
        title: format!("The {name}"),
        schema: Schema::new(fields),
        rows,
        left_out: Vec::new(),
        layout: Layout::Table,
    }
}

fn case(name: &'static str, sections: Vec<(Section, RowMaker)>) -> Case {
    let (sections, rows): (Vec<_>, _) = sections.into_iter().unzip();
    let metadata = [("export", "0198f2aa-0000-7000-8000-000000000001"), ("data of", "2026-11-20T09:15:00Z")];
    let metadata = metadata.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    Case { name, head: Head { title: format!("Case {name}"), metadata, sections }, rows, every: 1 }
}

/// One section of rows that are there.
fn of_rows(name: &'static str, columns: &[(&str, Type)], rows: Vec<Vec<Cell>>) -> Case {
    let section = section(name, columns, rows.len() as u64);
    case(name, vec![(section, maker(rows))])
}

fn maker(rows: Vec<Vec<Cell>>) -> RowMaker {
    Box::new(move |row| rows[usize::try_from(row).expect("few rows")].clone())
}

/// Every case but the one of many rows.
pub fn all() -> Vec<Case> {
    vec![
        empty(),
        one_row(),
        wide(),
        deep(),
        unicode(),
        controls(),
        numbers(),
        days(),
        long(),
        several_sections(),
        many_sections(),
    ]
}

const EVERY_TYPE: [(&str, Type); 9] = [
    ("flag", Type::Boolean),
    ("id", Type::Integer),
    ("ratio", Type::Number),
    ("price", Type::Decimal),
    ("name", Type::Text),
    ("at", Type::Timestamp),
    ("day", Type::Date),
    ("payload", Type::Json),
    ("raw", Type::Bytes),
];

fn empty() -> Case {
    of_rows("empty", &EVERY_TYPE, Vec::new())
}

fn every_type() -> Vec<Cell> {
    vec![
        Cell::Boolean(true),
        Cell::Integer(7),
        Cell::Number(0.25),
        Cell::Decimal("12.340".to_owned()),
        text("Ada"),
        Cell::Timestamp(1_763_683_200_250_000),
        Cell::Date(20_412),
        Cell::Json(r#"{"a":[1,null,"x"],"b":{}}"#.to_owned()),
        Cell::Bytes(vec![0, 1, 254, 255]),
    ]
}

fn one_row() -> Case {
    of_rows("one_row", &EVERY_TYPE, vec![every_type()])
}

fn wide() -> Case {
    let names: Vec<String> = (0..1_000).map(|place| format!("column_{place}")).collect();
    let columns: Vec<_> =
        names.iter().enumerate().map(|(place, name)| (name.as_str(), EVERY_TYPE[place % 9].1)).collect();
    let full: Vec<Cell> = (0..1_000).map(|place| every_type()[place % 9].clone()).collect();
    let holes =
        (0..1_000).map(|place| if place % 2 == 0 { Cell::Null } else { full[place].clone() }).collect();
    of_rows("wide", &columns, vec![full.clone(), holes, vec![Cell::Null; 1_000], full])
}

fn deep() -> Case {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let objects = format!("{}null{}", r#"{"a":"#.repeat(100), "}".repeat(100));
    let documents = [
        nested(100),
        nested(1_000),
        objects,
        "null".to_owned(),
        r#""a text""#.to_owned(),
        "-0.10e+2".to_owned(),
        r#"{"":"","quote\"":"\u0000\ud83d\ude00"}"#.to_owned(),
        r#"{"big":123456789012345678901234567890,"fine":0.1000000000000000055511151231257827}"#.to_owned(),
    ];
    let rows = documents.into_iter().map(|document| vec![Cell::Json(document)]).collect();
    of_rows("deep", &[("payload", Type::Json)], rows)
}

fn unicode() -> Case {
    let planes = (0_u32..=16).map(|plane| {
        let letters = (0..0x1_0000).step_by(251).filter_map(|at| char::from_u32(plane << 16 | at));
        letters.filter(|letter| !letter.is_control()).collect::<String>()
    });
    let texts = planes.chain(
        [
            "e\u{301} é ﬁ Å",
            "שלום עולם مرحبا",
            "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪",
            "\u{feff}begins with a mark",
            "\u{202e}reversed\u{202c}",
            "\u{fffd}\u{e000}\u{f8ff}\u{10fffd}",
            "你好 こんにちは 안녕하세요",
            "İıſẞ",
        ]
        .map(str::to_owned),
    );
    of_rows("unicode", &[("Größe in €/m²", Type::Text)], texts.map(|letters| vec![text(letters)]).collect())
}

fn controls() -> Case {
    let mut texts: Vec<String> =
        (0..=0x1f).chain(0x7f..=0x9f).map(|at| format!("a{}b", char::from(at))).collect();
    texts.extend(
        [
            "\u{fffe}\u{ffff}\u{1fffe}\u{10ffff}",
            "\u{2028}\u{2029}\u{85}",
            "line\nbreak",
            "line\r\nbreak",
            "line\rbreak",
            "\n",
            "\t",
            " blanks ",
            "  ",
            "\"quoted\", 'and' so; on|",
            "\"",
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "NULL",
            "\\N",
            "null",
            "_x0041_ _x005F_x0041_ _x41_",
            "<b>&amp;</b><![CDATA[x]]>]]><!-- --> <?php ?>",
            "back\\slash",
            "# no heading\n* no list\n`code` | cell",
            "true",
            "2026-11-20",
            "0012",
        ]
        .map(str::to_owned),
    );
    let rows =
        texts.into_iter().enumerate().map(|(row, letters)| vec![Cell::Integer(row as i64), text(letters)]);
    of_rows("controls", &[("id", Type::Integer), ("words", Type::Text)], rows.collect())
}

fn numbers() -> Case {
    let wholes =
        [0, 1, -1, i64::MIN, i64::MAX, (1 << 53) - 1, 1 << 53, (1 << 53) + 1, -(1 << 53) - 1, 10_i64.pow(15)];
    let numbers = [
        0.0,
        -0.0,
        0.1,
        1.0,
        1e15,
        1e21,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        5e-324,
        -2.225_073_858_507_201e-308,
        f64::EPSILON,
        123_456_789.123_456_79,
        1.0 / 3.0,
        9_007_199_254_740_993.0,
    ];
    let decimals = [
        "0",
        "-0.00",
        "1.10",
        "123456789012345",
        "1234567890123456",
        "0.000000000000000000000000000001",
        "99999999999999999999999999999999999999.99",
        "-1000000000000000000000",
        "0.1234567890123456",
    ];
    let at = |row: usize| {
        let whole = wholes.get(row).map_or(Cell::Null, |cell| Cell::Integer(*cell));
        let number = numbers.get(row).map_or(Cell::Null, |cell| Cell::Number(*cell));
        let decimal = decimals.get(row).map_or(Cell::Null, |cell| Cell::Decimal((*cell).to_owned()));
        vec![whole, number, decimal]
    };
    let columns = [("whole", Type::Integer), ("number", Type::Number), ("price", Type::Decimal)];
    of_rows("numbers", &columns, (0..numbers.len()).map(at).collect())
}

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

fn days() -> Case {
    let instants = [
        0,
        -1,
        1,
        1_000,
        999_999,
        -2_208_988_800_000_000,
        -2_203_891_200_000_000,
        253_402_300_799_999_999,
        -62_135_596_800_000_000,
        i64::MAX,
        i64::MIN + DAY,
        1_709_164_800_000_000,
        1_743_296_400_000_000,
    ];
    // Midnight of one day in every zone there is, those of half and quarter hours among them.
    let zones = (-48..=56).map(|quarters| 1_763_683_200_000_000 - quarters * HOUR / 4);
    let dates =
        [0, -1, -719_162, -719_528, 2_932_896, 2_932_897, -25_567, -25_509, -25_508, 11_016, 10_957, 19_782];
    let instants: Vec<i64> = instants.into_iter().chain(zones).collect();
    let at = |(row, micros): (usize, &i64)| {
        let day = dates.get(row).map_or(Cell::Null, |day| Cell::Date(*day));
        vec![Cell::Timestamp(*micros), day]
    };
    let columns = [("at", Type::Timestamp), ("day", Type::Date)];
    of_rows("days", &columns, instants.iter().enumerate().map(at).collect())
}

fn long() -> Case {
    let rows = vec![
        vec![text("x".repeat(32_767)), Cell::Bytes(vec![7; 100])],
        vec![text("ü".repeat(40_000)), Cell::Bytes(vec![255; 30_000])],
        vec![text(format!("{}😀", "y".repeat(32_766))), Cell::Null],
        vec![text("a long line of words ".repeat(60_000)), Cell::Bytes(Vec::new())],
    ];
    of_rows("long", &[("words", Type::Text), ("raw", Type::Bytes)], rows)
}

fn several_sections() -> Case {
    let users = section("users", &[("id", Type::Integer), ("name", Type::Text)], 2);
    let none = section("nothing", &[("id", Type::Integer), ("section", Type::Text)], 0);
    let files = section("files", &[("size", Type::Integer), ("id", Type::Text), ("price", Type::Decimal)], 2);
    case(
        "several_sections",
        vec![
            (users, maker(vec![vec![Cell::Integer(1), text("Ada")], vec![Cell::Null, text("Grace")]])),
            (none, maker(Vec::new())),
            (
                files,
                maker(vec![
                    vec![Cell::Integer(512), text("a.txt"), Cell::Decimal("1.50".to_owned())],
                    vec![Cell::Integer(-1), Cell::Null, Cell::Null],
                ]),
            ),
        ],
    )
}

fn many_sections() -> Case {
    let part = |number: i64| {
        let mut part = section(&format!("part_{number}"), &[("n", Type::Integer)], 3);
        "The same title of every sheet: what now?".clone_into(&mut part.title);
        let rows: RowMaker = Box::new(move |row| vec![Cell::Integer(number * 10 + row.cast_signed())]);
        (part, rows)
    };
    case("many_sections", (0..40).map(part).collect())
}

/// So many rows of twelve columns, of which every 97th is compared.
pub fn many_rows(rows: u64) -> Case {
    let columns = [
        ("id", Type::Integer),
        ("user_id", Type::Text),
        ("created_at", Type::Timestamp),
        ("day", Type::Date),
        ("status", Type::Text),
        ("country", Type::Text),
        ("amount", Type::Decimal),
        ("ratio", Type::Number),
        ("paid", Type::Boolean),
        ("tokens", Type::Integer),
        ("message", Type::Text),
        ("payload", Type::Json),
    ];
    let made = case("many_rows", vec![(section("events", &columns, rows), Box::new(event))]);
    Case { every: 97, ..made }
}

/// A row as data bases have them: an id, a few words that repeat, numbers, a text, a document.
pub fn event(row: u64) -> Vec<Cell> {
    const STATUS: [&str; 4] = ["queued", "processing", "completed", "failed"];
    const COUNTRY: [&str; 6] = ["de", "fr", "nl", "us", "jp", "br"];
    let mixed = row.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
    let at = |of: usize| usize::try_from(mixed).expect("44 bits") % of;
    vec![
        Cell::Integer(row.cast_signed()),
        text(format!("user-{:05}", mixed % 20_000)),
        Cell::Timestamp(1_763_683_200_000_000 + row.cast_signed() * 1_234_567),
        Cell::Date(20_000 + i32::try_from(row % 400).expect("small")),
        text(STATUS[at(4)]),
        if row % 10 == 3 { Cell::Null } else { text(COUNTRY[at(6)]) },
        Cell::Decimal(format!("{}.{:02}", mixed % 10_000, mixed % 100)),
        Cell::Number((mixed % 1_000_003) as f64 / 7.0),
        Cell::Boolean(mixed.is_multiple_of(3)),
        Cell::Integer((mixed % 5_000).cast_signed()),
        text(format!("message {row} about {mixed:x}, answered in {} ms", mixed % 900)),
        Cell::Json(format!(r#"{{"model":"m{}","tokens":{}}}"#, mixed % 7, mixed % 4_096)),
    ]
}

impl Case {
    /// The columns of the section at `place`.
    pub fn schema(&self, place: usize) -> &Arc<Schema> {
        &self.head.sections[place].schema
    }
}
