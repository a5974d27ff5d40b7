use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use super::{FileSet, Filter, FolderQuery, Test, Whose};
use crate::domain::Format;
use crate::formats::{FormatOptions, formatter};
use crate::records::{Batch, DataError, DataFault, Field, Head, Layout, Rows, Schema, Section, Type, Value};

const DAY: i64 = 86_400_000_000;

fn schema() -> Arc<Schema> {
    let columns = [("id", Type::Integer), ("user_id", Type::Text), ("at", Type::Timestamp)];
    Schema::new(columns.map(|(name, kind)| Field::new(name, kind)).into())
}

fn query(pattern: &str, filters: Vec<Filter>) -> FolderQuery {
    FolderQuery { pattern: pattern.to_owned(), schema: schema(), filters }
}

fn whose() -> Whose {
    Whose { data_set: "feeds".to_owned(), section: "events".to_owned() }
}

fn of_user(user: &str) -> Filter {
    Filter::one_of("user_id", Type::Text, &[Value::Text(user)]).expect("a text")
}

/// Rows 0 to 9 of two users, one a day.
fn csv(first: i64) -> String {
    (first..first + 10).fold("at,user_id,id,more\r\n".to_owned(), |text, id| {
        let user = if id % 2 == 0 { "ada" } else { "bob" };
        text + &format!("1970-01-{:02}T00:00:00Z,{user},{id},x\r\n", id % 28 + 1)
    })
}

fn jsonl(first: i64) -> String {
    (first..first + 10).fold(String::new(), |text, id| {
        let user = if id % 2 == 0 { "ada" } else { "bob" };
        text + &format!(
            "{{\"id\":{id},\"user_id\":\"{user}\",\"at\":\"1970-01-{:02}T00:00:00Z\"}}\n",
            id % 28 + 1
        )
    })
}

fn parquet(path: &Path, first: i64) {
    let section = Section {
        name: "rows".to_owned(),
        title: "Rows".to_owned(),
        schema: schema(),
        rows: 10,
        left_out: Vec::new(),
        layout: Layout::Table,
    };
    let mut batch = Batch::new(&section.schema);
    for id in first..first + 10 {
        let user = if id % 2 == 0 { "ada" } else { "bob" };
        let row = [Value::Integer(id), Value::Text(user), Value::Timestamp(id % 28 * DAY)];
        for (place, cell) in row.into_iter().enumerate() {
            assert!(batch.column_mut(place).push(cell));
        }
    }
    let mut out = File::create(path).expect("a file");
    let options = FormatOptions::scratching_in("/nonexistent");
    let mut formatter = formatter(Format::Parquet, &mut out, &options).expect("it is written here");
    formatter.begin(&Head { sections: vec![section.clone()], ..Head::default() }).expect("it begins");
    formatter.section(&section).expect("one section");
    formatter.rows(&batch).expect("it is written");
    formatter.end_section().expect("it ends");
    formatter.finish().expect("it ends");
}

fn ids(rows: &mut dyn Rows) -> Result<Vec<i64>, DataError> {
    let (mut ids, mut room) = (Vec::new(), Batch::new(rows.schema()));
    while let Some(batch) = rows.next(room)? {
        for row in 0..batch.len() {
            let Value::Integer(id) = batch.value(row, 0) else { panic!("an id") };
            ids.push(id);
        }
        room = batch;
    }
    Ok(ids)
}

fn counted_and_read(folder: &Path, query: FolderQuery) -> Result<Vec<i64>, DataError> {
    let mut set = FileSet::list(folder, query, whose())?;
    let counted = set.count(&|| false)?;
    let ids = ids(&mut set.rows())?;
    assert_eq!(ids.len() as u64, counted);
    Ok(ids)
}

fn feeds() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("a.csv"), csv(0)).expect("room");
    let mut pressed = flate2::write::GzEncoder::new(
        File::create(at("b.jsonl.gz")).expect("a file"),
        flate2::Compression::fast(),
    );
    pressed.write_all(jsonl(10).as_bytes()).expect("room");
    pressed.finish().expect("room");
    fs::write(at("c.csv.zst"), zstd::encode_all(csv(20).as_bytes(), 1).expect("zstd")).expect("room");
    parquet(&at("d.parquet"), 30);
    fs::write(at("e.jsonl"), jsonl(40)).expect("room");
    fs::write(at("empty.csv"), "").expect("room");
    fs::write(at(".hidden.csv"), "not one of them").expect("room");
    fs::create_dir(at("f")).expect("room");
    fs::write(at("f/a.csv"), csv(50)).expect("room");
    folder
}

#[test]
fn files_of_every_format_are_read_in_the_order_of_their_names() {
    let feeds = feeds();
    assert_eq!(counted_and_read(feeds.path(), query("*", Vec::new())), Ok((0..50).collect()));
    assert_eq!(counted_and_read(feeds.path(), query("?.csv", Vec::new())), Ok((0..10).collect()));
    assert_eq!(counted_and_read(feeds.path(), query("f/*.csv", Vec::new())), Ok((50..60).collect()));
    assert_eq!(counted_and_read(feeds.path(), query("nothing-*.csv", Vec::new())), Ok(Vec::new()));
}

#[test]
fn only_rows_that_are_meant_come() {
    let feeds = feeds();
    let filters = vec![
        of_user("ada"),
        Filter { column: "at".to_owned(), test: Test::From(4 * DAY) },
        Filter { column: "at".to_owned(), test: Test::Before(16 * DAY) },
    ];
    let meant: Vec<i64> = (0..50).filter(|id| id % 2 == 0 && (4..16).contains(&(id % 28))).collect();
    assert_eq!(counted_and_read(feeds.path(), query("*", filters.clone())), Ok(meant.clone()));

    let without =
        FolderQuery { schema: Schema::new(vec![Field::new("id", Type::Integer)]), ..query("*", filters) };
    assert_eq!(counted_and_read(feeds.path(), without), Ok(meant), "by columns that are not asked for");
    assert_eq!(counted_and_read(feeds.path(), query("*", vec![of_user("eve")])), Ok(Vec::new()));
}

#[test]
fn a_file_that_changes_between_the_count_and_its_end_is_told() {
    let changes: [fn(&Path); 4] = [
        |path| fs::write(path, jsonl(41)).expect("room"),
        |path| {
            let file = File::options().append(true).open(path).expect("it is there");
            (&file).write_all(jsonl(60).as_bytes()).expect("room");
        },
        |path| fs::remove_file(path).expect("it was there"),
        |path| {
            fs::remove_file(path).expect("it was there");
            std::os::unix::fs::symlink("/etc/hostname", path).expect("room");
        },
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let feeds = feeds();
        let mut set = FileSet::list(feeds.path(), query("e*.jsonl", Vec::new()), whose()).expect("one file");
        assert_eq!(set.count(&|| false), Ok(10));
        change(&feeds.path().join("e.jsonl"));
        let told = ids(&mut set.rows()).expect_err("it is another file");
        assert!(told.to_string().contains("changed while it was read"), "{number}: {told}");
    }
}

#[test]
fn a_file_that_grows_while_it_is_read_is_told_at_its_end() {
    let feeds = feeds();
    let set = FileSet::list(feeds.path(), query("e*.jsonl", Vec::new()), whose()).expect("one file");
    let mut rows = set.rows();
    let batch = rows.next(Batch::new(&schema())).expect("rows").expect("some");
    assert_eq!(batch.len(), 10);
    let file = File::options().append(true).open(feeds.path().join("e.jsonl")).expect("it is there");
    (&file).write_all(b"\n").expect("room");
    assert!(matches!(rows.next(batch), Err(DataError { fault: DataFault::File { row: Some(10), .. }, .. })));
}

#[test]
fn nothing_outside_the_folder_is_read() {
    let feeds = feeds();
    let outside = tempfile::tempdir().expect("a folder");
    fs::write(outside.path().join("secret.csv"), csv(90)).expect("room");
    std::os::unix::fs::symlink(outside.path().join("secret.csv"), feeds.path().join("link.csv"))
        .expect("room");
    std::os::unix::fs::symlink(outside.path(), feeds.path().join("way")).expect("room");
    for pattern in ["link.csv", "l*.csv", "way/secret.csv", "w*/*.csv"] {
        let told = counted_and_read(feeds.path(), query(pattern, Vec::new())).expect_err("a link");
        assert!(told.to_string().contains("is a link"), "{pattern}: {told}");
    }
    let name = outside.path().file_name().and_then(|name| name.to_str()).expect("a name");
    for pattern in ["../*/secret.csv", &format!("../{name}/*.csv"), "/etc/*", "f/../a.csv", "./a.csv"] {
        assert_eq!(counted_and_read(feeds.path(), query(pattern, Vec::new())), Ok(Vec::new()), "{pattern}");
    }
}

#[test]
fn what_cannot_be_read_is_told_without_its_name() {
    let feeds = feeds();
    let at = |name: &str| feeds.path().join(name);
    fs::write(at("secret-name.txt"), "x").expect("room");
    fs::write(at("secret-name.parquet"), "PAR1 no PAR1").expect("room");
    fs::write(at("secret-name.jsonl.gz"), "no gzip").expect("room");
    fs::write(at("secret-name.csv"), "id,user_id\r\n1,ada\r\n").expect("room");
    fs::write(at("secret-name.jsonl"), "{\"id\":\"x\"}\n").expect("room");
    let twisted = csv(0).replace("1970-01-03", "yesterday");
    fs::write(at("secret-name.csv.zst"), zstd::encode_all(twisted.as_bytes(), 1).expect("zstd"))
        .expect("room");
    for (name, part) in [
        ("secret-name.txt", "tells no format"),
        ("secret-name.parquet", "not readable as parquet"),
        ("secret-name.jsonl.gz", "does not answer"),
        ("secret-name.csv", "`at` is not there"),
        ("secret-name.jsonl", "row 1, column `id`"),
        ("secret-name.csv.zst", "row 3, column `at`"),
    ] {
        let told =
            counted_and_read(feeds.path(), query(name, Vec::new())).expect_err("no good file").to_string();
        assert!(told.contains(part) && !told.contains("secret-name"), "{name}: {told}");
        assert!(told.starts_with("data set feeds"), "{told}");
    }
    let gone = counted_and_read(&at("nowhere"), query("*", Vec::new())).expect_err("no folder");
    assert_eq!(gone.fault, DataFault::SourceLost { row: None });
    let by_text = Filter { column: "user_id".to_owned(), test: Test::From(0) };
    let told = counted_and_read(feeds.path(), query("a.csv", vec![by_text])).expect_err("no time");
    assert!(told.to_string().contains("`user_id` is text"), "{told}");
}

#[test]
fn a_count_stops_when_nobody_wants_it() {
    let feeds = feeds();
    let mut set = FileSet::list(feeds.path(), query("*", Vec::new()), whose()).expect("files");
    assert!(matches!(set.count(&|| true), Err(DataError { fault: DataFault::Stopped, .. })));
}
