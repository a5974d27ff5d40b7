//! What the two pages about data sets say is so.

use std::collections::BTreeSet;
use std::process::Command;

use super::place::{Place, run};
use super::shipped::{Bound, toml};

fn page(name: &str) -> String {
    std::fs::read_to_string(format!("{}/docs/{name}", env!("CARGO_MANIFEST_DIR"))).expect("the page")
}

/// The blocks of `page` that are fenced as `language`.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let fence = format!("```{language}\n");
    page.split(fence.as_str()).skip(1).map(|rest| rest.split("```").next().expect("closed")).collect()
}

/// The cells of the tables in `text`, without their heads.
fn cells(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter(|line| line.starts_with('|') && !line.starts_with("|---"));
    let rows = rows.map(|line| line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>());
    rows.filter(|row| row.iter().any(|cell| cell.starts_with('`'))).collect()
}

fn bare(cell: &str) -> &str {
    cell.trim_matches('`')
}

#[test]
fn the_commands_of_the_guide_work_one_after_another() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = page("datasets.md");
    let shown = blocks(&page, "sh")[0];
    assert_eq!(shown.lines().count(), 2);
    let path = std::path::Path::new(env!("CARGO_BIN_EXE_exportd")).parent().expect("a folder");
    let ran =
        Command::new("/bin/sh").args(["-ec", shown]).current_dir(folder.path()).env("PATH", path).output();
    let ran = ran.expect("sh is there");
    assert!(ran.status.success(), "{ran:?}");
    let file = std::fs::read_to_string(folder.path().join("datasets.toml")).expect("the file");
    assert_eq!(toml(&file)["sources"]["app"]["url"], "sqlite://app.db");
    assert!(folder.path().join("app.db").exists());
}

#[test]
fn every_example_file_of_the_guide_is_one_and_every_word_of_the_shipped_file_is_explained() {
    let page = page("datasets.md");
    let examples = blocks(&page, "toml");
    assert_eq!(examples.len(), 4);
    examples.iter().for_each(|example| drop(toml(example)));
    let folder = tempfile::tempdir().expect("a folder");
    for example in examples.iter().filter(|example| example.contains("\nurl = \"postgres:")) {
        let file = folder.path().join("datasets.toml");
        std::fs::write(&file, example).expect("written");
        let config = exportd::datasets::Config { file: Some(file), mask_key: None };
        exportd::datasets::DataSets::open(&config).unwrap_or_else(|error| panic!("{error}"));
    }

    let explained: BTreeSet<&str> =
        cells(&page).iter().flat_map(|row| row[0].split(", ").map(bare).collect::<Vec<_>>()).collect();
    let shipped = toml(&exportd::datasets::reference::example("sqlite://app.db").expect("known"));
    let mut used = BTreeSet::new();
    for data_set in shipped["datasets"].as_array().expect("data sets") {
        used.extend(data_set.as_object().expect("a table").keys().cloned());
        for part in ["queries", "parameters"] {
            for entry in data_set.get(part).and_then(|part| part.as_array()).into_iter().flatten() {
                used.extend(entry.as_object().expect("a table").keys().cloned());
                for column in
                    entry.get("columns").and_then(|columns| columns.as_array()).into_iter().flatten()
                {
                    used.extend(column.as_object().expect("a table").keys().cloned());
                }
            }
        }
    }
    for word in used.iter().filter(|word| !matches!(word.as_str(), "queries" | "parameters")) {
        assert!(explained.contains(word.as_str()), "{word} is not explained");
    }
}

#[test]
fn every_table_and_column_of_the_schema_is_described_and_no_other() {
    run(Place::sqlite(), |place| async move {
        place.up().await;
        let page = page("reference-schema.md");
        let tables =
            page.split("\n## Tables\n").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("tables");
        let mut described = BTreeSet::new();
        for table in tables.split("\n### ").skip(1) {
            let name = table.lines().next().expect("a heading").trim();
            for row in cells(table) {
                described.insert(format!("{name}.{} {}", bare(row[0]), null(row[1])));
            }
        }
        for row in cells(page.split("\n## The 29 columns of traces\n").nth(1).expect("columns")) {
            described.insert(format!("traces.{} {}", bare(row[1]), null(row[2])));
        }
        let sql = "SELECT m.name || '.' || c.name || CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' always' ELSE ' perhaps' END \
                   FROM sqlite_schema m, pragma_table_info(m.name) c \
                   WHERE m.type = 'table' AND m.name NOT LIKE 'exportd_%' AND m.name NOT LIKE 'sqlite_%'";
        let there = place.texts(&Bound { sql: sql.to_owned(), arguments: Vec::new() }, 1).await;
        assert_eq!(described, there.into_iter().flatten().collect::<BTreeSet<_>>());
    });
}

fn null(kind: &str) -> &str {
    if kind.ends_with('?') { "perhaps" } else { "always" }
}

#[test]
fn the_reports_and_the_29_columns_are_described_as_they_are_shipped() {
    let shipped = Place::sqlite().shipped();
    let page = page("reference-schema.md");
    let columns = page.split("\n## The 29 columns of traces\n").nth(1).expect("columns");
    let described: Vec<(String, String)> = cells(columns)
        .iter()
        .map(|row| (bare(row[1]).to_owned(), row[2].trim_end_matches('?').replace("instant", "timestamp")))
        .collect();
    assert_eq!(described, shipped.of_kind("trace").queries[0].columns);
    assert_eq!(described.len(), 29);

    let reports = page.split("\n## The seven reports\n").nth(1).and_then(|rest| rest.split("\n## ").next());
    let reports = cells(reports.expect("reports"));
    assert_eq!(reports.len(), 7);
    for row in reports {
        let described: Vec<&str> = row[2].split(", ").map(bare).collect();
        let query = shipped.report(bare(row[0]));
        let shipped: Vec<&str> = query.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(described, shipped, "{}", row[0]);
    }
}
