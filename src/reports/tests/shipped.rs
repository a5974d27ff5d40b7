//! The shipped templates are good for any data.

use super::*;
use crate::reports::Shipped;

/// Data of every type, of no type that can be drawn, of none at all; with rows and without.
fn any_data(count: u64) -> Vec<Data> {
    let every = Type::ALL.map(|kind| (kind.as_str(), kind));
    let all = Data::new("Everything").section("everything", &every, count, |at, batch| {
        let number = i64::try_from(at).expect("few");
        let values = [
            Value::Boolean(at % 2 == 0),
            Value::Integer(i64::MAX - number),
            Value::Number(f64::MAX),
            Value::Decimal("-99999999999999999999999999999999999999.99"),
            Value::Text("ä\n- {{ x }}"),
            Value::Timestamp(i64::MIN + number),
            Value::Date(i32::MAX),
            Value::Json("{\"a\": [1]}"),
            Value::Bytes(&[0, 255]),
        ];
        let is_empty = at % 3 == 2;
        row(batch, values.map(|value| if is_empty { Value::Null } else { value }));
    });
    let bytes = Data::new("")
        .section("bytes", &[("b", Type::Bytes)], count, |_, batch| row(batch, [Value::Bytes(b"x")]));
    let nothing = Data::new("Nothing").section(
        "nothing",
        &[("id", Type::Integer), ("v", Type::Number)],
        count,
        |_, batch| {
            row(batch, [Value::Null, Value::Null]);
        },
    );
    let several = Data::sales(count).section("people", &[("name", Type::Text)], count, |_, batch| {
        row(batch, [Value::Text("Ada")]);
    });
    vec![all, bytes, nothing, several]
}

#[test]
fn every_shipped_template_makes_a_report_of_any_data_with_rows_and_without() {
    let names: Vec<_> = Shipped::all().iter().map(Shipped::name).collect();
    assert_eq!(names, ["executive", "technical", "customer", "compliance"]);
    for shipped in Shipped::all() {
        for count in [0, 1, 7, 2_500] {
            for data in any_data(count) {
                let title = data.head.title.clone();
                let blocks = rendered(shipped.body.clone(), data);
                let blocks = blocks.unwrap_or_else(|error| panic!("{} of {title}: {error}", shipped.name()));
                assert!(blocks.len() > 1, "{} of {title} with {count}: {blocks:?}", shipped.name());
            }
        }
    }
}

#[test]
fn what_is_shipped_for_an_audience_tells_it_what_it_asks_first() {
    let of = |name: &str| {
        let body = Shipped::named(name).expect("shipped").body.clone();
        let mut data = Data::sales(2_500);
        data.head.metadata = vec![("Export".into(), "0198".into())];
        rendered(body, data).expect("rendered")
    };
    let rows = |blocks: &[Block]| {
        blocks
            .iter()
            .filter_map(|block| if let Block::Table(_, _, rows) = block { Some(rows.len()) } else { None })
            .sum::<usize>()
    };
    let executive = of("executive");
    assert_eq!(executive[1], Block::Paragraph("This report sums up 2,500 rows.".to_owned()));
    let line = "amount: 3,124,987.50 in total, 1,249.99 on average, between 0.00 and 2,499.99";
    assert!(
        executive
            .iter()
            .any(|block| matches!(block, Block::List(points) if points.iter().any(|point| point == line))),
        "{executive:?}"
    );
    assert_eq!((rows(&executive), rows(&of("customer"))), (10, 200));
    assert_eq!((rows(&of("technical")), rows(&of("compliance"))), (2_500, 2_500));
    let incomplete = "units: 500 of 2,500 empty";
    let compliance = of("compliance");
    assert!(
        compliance.iter().any(
            |block| matches!(block, Block::List(points) if points.iter().any(|point| point == incomplete))
        ),
        "{compliance:?}"
    );
    assert!(Shipped::named("weekly").is_none());
}
