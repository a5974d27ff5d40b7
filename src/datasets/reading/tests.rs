//! What a reading promises of its own, apart from any source.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::rows::DEPTH;
use super::{Flow, Order, Plan, begin};
use crate::datasets::Arguments;
use crate::datasets::column::{DeclaredColumn, DeclaredLayout};
use crate::datasets::data_set::{Audience, DataSet, UnmaskedFor};
use crate::datasets::mask::MaskKey;
use crate::datasets::query::{FileQuery, Query, Reads};
use crate::datasets::source::{Found, Gives, Place, Source, UserIds};
use crate::domain::Kind;
use crate::records::{DataFault, Type, Value};

const ROWS: u64 = 100_000;

fn query() -> Query {
    let (name, kind) = ("n".to_owned(), Type::Integer);
    Query {
        name: "rows".to_owned(),
        title: "Rows".to_owned(),
        kind: None,
        reads: Reads::Files(FileQuery::default()),
        max_rows: None,
        columns: vec![DeclaredColumn { title: name.clone(), name, kind, mask: None, system: false }],
        inferred: OnceLock::new(),
        layout: DeclaredLayout::Table,
    }
}

fn plan() -> Plan {
    let found = [Found { name: "n".to_owned(), told: "bigint".to_owned(), gives: Gives::One(Type::Integer) }];
    Plan::new(&query(), &found, true, true, &Arc::new(MaskKey::new(None))).expect("a plan")
}

#[tokio::test]
async fn a_source_is_never_more_than_a_few_batches_ahead_of_whoever_reads() {
    let (out, mut passed) = mpsc::channel(DEPTH);
    let (_spare, spares) = mpsc::channel(DEPTH);
    let mut flow = Flow::new(plan(), ROWS, ROWS, out.clone(), spares);
    let fetched = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&fetched);
    let source = tokio::spawn(async move {
        for row in 0..ROWS {
            flow.cell(0, Value::Integer(row.cast_signed())).expect("a number");
            counter.fetch_add(1, Ordering::Relaxed);
            flow.end_row().await.expect("somebody reads");
        }
        flow.finish().await.expect("all there");
    });
    let (mut read, mut batches) = (0, 0);
    loop {
        // On one thread the source goes on until it has to wait.
        for _ in 0..DEPTH * 4 {
            tokio::task::yield_now().await;
        }
        let ahead = fetched.load(Ordering::Relaxed) - read;
        assert!(ahead <= (DEPTH as u64 + 1) * 1024, "{ahead} rows ahead");
        match passed.recv().await.expect("an end").expect("no fault") {
            Some(batch) => (read += batch.len() as u64, batches += 1).1,
            None => break,
        }
    }
    assert_eq!((read, fetched.load(Ordering::Relaxed)), (ROWS, ROWS));
    assert!(batches > 10 * DEPTH);
    source.await.expect("no panic");
}

#[tokio::test]
async fn whoever_waits_for_a_connection_waits_no_longer_than_the_deadline() {
    let place = Place::parse("sqlite:///nowhere.db").expect("an address");
    let timeout = Duration::from_millis(50);
    let source = Arc::new(Source::new("app", place, timeout, 1, UserIds::Text));
    let held = source.seat().await;
    let data_set = Arc::new(DataSet {
        name: "rows".to_owned(),
        title: "Rows".to_owned(),
        kind: Kind::Custom,
        report: None,
        source,
        audience: Audience::Everyone,
        unmasked_for: UnmaskedFor::Owner,
        parameters: Vec::new(),
        queries: vec![query()],
    });
    let order = Order {
        data_set: "rows".to_owned(),
        owner: "ada".parse().expect("an id"),
        unmasked: false,
        system_fields: false,
        arguments: Arguments::new(),
        sections: None,
        users: None,
        most_rows: None,
        cancel: CancellationToken::new(),
    };
    let key = Arc::new(MaskKey::new(None));
    let late = begin(&data_set, order.clone(), &key).await.map(drop).expect_err("nobody gave up the seat");
    assert_eq!(late.fault, DataFault::Deadline { after: timeout, row: None });
    drop(held);
    // With the seat, it is the file that is missing.
    let lost = begin(&data_set, order, &key).await.map(drop).expect_err("there is no such file");
    assert_eq!(lost.fault, DataFault::SourceLost { row: None });
}
