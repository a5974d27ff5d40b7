//! Rows that are put by come back as they were, and are not held meanwhile.

use std::io;

use super::*;
use crate::reports::spool::Spool;

fn batch(schema: &Arc<Schema>, round: i64) -> Batch {
    let mut batch = Batch::new(schema);
    for at in 0..round {
        let text = format!("t{at}");
        let values = [
            Value::Boolean(at % 2 == 0),
            Value::Integer(i64::MIN + at),
            Value::Number(0.1),
            Value::Decimal("12.340"),
            Value::Text(&text),
            Value::Timestamp(-at),
            Value::Date(-719_162),
            Value::Json("{}"),
            Value::Bytes(&[0, 255]),
        ];
        row(&mut batch, values.map(|value| if at == 3 { Value::Null } else { value }));
    }
    batch
}

fn cells(batch: &Batch) -> Vec<String> {
    (0..batch.len())
        .flat_map(|row| (0..batch.columns().len()).map(move |place| (row, place)))
        .map(|(row, place)| format!("{:?}", batch.value(row, place)))
        .collect()
}

fn read(spool: &mut Spool, columns: &[usize], schema: &Arc<Schema>) -> Vec<String> {
    let mut found = Vec::new();
    let take = |batch: &Batch| -> io::Result<()> {
        found.extend(cells(batch));
        Ok(())
    };
    spool.read(9, columns, schema, take).expect("read");
    found
}

#[test]
fn every_cell_comes_back_as_it_was_as_often_as_one_likes() {
    let schema = Schema::new(Type::ALL.map(|kind| Field::new(kind.as_str(), kind)).into());
    let mut spool = Spool::new(tempfile::tempfile().expect("a file"));
    let batches: Vec<_> = [5, 1, 700].map(|round| batch(&schema, round)).into();
    let all: Vec<usize> = (0..schema.fields.len()).collect();
    for round in 1..=2 {
        batches.iter().for_each(|batch| spool.write(batch).expect("written"));
        let found = read(&mut spool, &all, &schema);
        let wanted: Vec<_> = batches.iter().flat_map(cells).collect();
        assert_eq!(found, vec![wanted; round].concat());
    }
    let two = Schema::new([8, 1].map(|place: usize| schema.fields[place].clone()).into());
    let found = read(&mut spool, &[8, 1], &two);
    assert_eq!(found[..2], ["Bytes([0, 255])", "Integer(-9223372036854775808)"]);
}

#[test]
fn a_table_of_all_rows_needs_a_file_and_others_need_none() {
    let report = |rows: Json| Report::read(template(rows)).expect("a report");
    let told = |report: &Report| {
        let Data { head, rows } = Data::sales(10);
        let none = FormatOptions { scratch: "/nowhere".into(), ..options() };
        render(report, &head, &mut rows.into_iter().map(Ok), Box::new(Recorded::default()), &none)
    };
    let all = told(&report(serde_json::json!([{"type": "table"}])));
    assert!(matches!(all, Err(ReportError::Scratch(_))), "{all:?}");
    let few = told(&report(
        serde_json::json!([{"type": "table", "rows": 5}, {"type": "text", "text": "{{ rows[0].day }}"}]),
    ));
    assert!(few.is_ok(), "{few:?}");
}
