//! The shipped file, as the room of data sets reads, checks and asks it.

use exportd::datasets::{Arguments, Config, DataSets, Order, Stretch, reference};
use exportd::domain::{Granularity, Kind};
use exportd::records::{Batch, Value};
use tokio_util::sync::CancellationToken;

use super::on_all;
use super::place::Place;
use super::seeding::small;

on_all!(the_shipped_file_is_taken_without_a_finding, every_data_set_gives_all_the_rows_that_were_counted,);

fn opened(place: &Place) -> DataSets {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("datasets.toml");
    std::fs::write(&file, reference::example(&place.url).expect("known")).expect("written");
    DataSets::open(&Config { file: Some(file), ..Config::default() }).expect("a file that is taken")
}

fn order(data_set: &str, arguments: Arguments) -> Order {
    Order {
        data_set: data_set.to_owned(),
        owner: "o'ada".parse().expect("an id"),
        unmasked: true,
        system_fields: true,
        arguments,
        sections: None,
        users: Some(Stretch { first: Some("a".to_owned()), next: Some("z".to_owned()) }),
        most_rows: None,
        cancel: CancellationToken::new(),
    }
}

/// The rows of every section, read where one may wait.
async fn rows(data_sets: &DataSets, order: Order) -> Vec<(String, u64, Vec<Vec<String>>)> {
    let mut reading = data_sets.begin(order).await.expect("begun");
    let sections = reading.sections().to_vec();
    let mut told = Vec::new();
    for section in sections {
        let mut rows = reading.next_section().expect("as many as were told");
        let schema = std::sync::Arc::clone(&section.schema);
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            while let Some(batch) = rows.next(Batch::new(&schema)).expect("rows") {
                let cell = |row, place| match batch.value(row, place) {
                    Value::Json(text) => {
                        serde_json::from_str::<serde_json::Value>(text).expect("JSON").to_string()
                    }
                    // Each sums up in an order of its own, and the last digit shows it.
                    Value::Number(number) => format!("{number:.6}"),
                    other => format!("{other:?}"),
                };
                all.extend(
                    (0..batch.len())
                        .map(|row| (0..batch.columns().len()).map(|place| cell(row, place)).collect()),
                );
            }
            all
        });
        told.push((section.name, section.rows, read.await.expect("read")));
    }
    told
}

async fn the_shipped_file_is_taken_without_a_finding(place: Place) {
    place.up().await;
    let data_sets = opened(&place);
    assert_eq!(data_sets.check().await, []);
    assert_eq!(data_sets.all().count(), 13);
}

async fn every_data_set_gives_all_the_rows_that_were_counted(place: Place) {
    place.up().await;
    reference::seed(&place.url, &small(1)).await.expect("seeded");
    let data_sets = opened(&place);
    for data_set in data_sets.all() {
        let arguments = match data_set.kind() {
            Kind::Analytics => Arguments::new().granularity(Granularity::Week),
            Kind::Custom => data_set.arguments(&serde_json::Map::new()).expect("all have defaults"),
            _ => Arguments::new(),
        };
        for (section, counted, rows) in rows(&data_sets, order(data_set.name(), arguments)).await {
            assert_eq!(counted, rows.len() as u64, "{}: {section}", data_set.name());
            assert!(counted > 0, "{}: {section}", data_set.name());
        }
    }
}
