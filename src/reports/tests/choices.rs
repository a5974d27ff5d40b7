//! Tables show what they are told to.

use serde_json::json;

use super::*;

fn table(part: Json, data: Data) -> (Vec<String>, Vec<Vec<String>>, Option<Block>) {
    let blocks = rendered(template(json!([part])), data).expect("rendered");
    let Block::Table(_, columns, rows) = blocks[1].clone() else { panic!("{blocks:?}") };
    (columns, rows, blocks.get(2).cloned())
}

#[test]
fn a_table_shows_its_columns_in_its_order_and_the_first_of_its_rows() {
    let (columns, rows, told) =
        table(json!({"type": "table", "columns": ["units", "region"], "rows": 2}), Data::sales(5_000));
    assert_eq!(columns, ["units", "region"]);
    assert_eq!(rows, [["Integer(0)", "Text(\"north\")"], ["Integer(2)", "Text(\"south\")"]]);
    assert_eq!(told, Some(Block::Paragraph("2 of 5000 rows are shown.".to_owned())));
}

#[test]
fn the_greatest_of_many_are_found_wherever_they_stand() {
    // In an order of no meaning, with ties and with cells of nothing.
    let data = || {
        Data::new("Numbers").section(
            "numbers",
            &[("n", Type::Integer), ("at", Type::Integer)],
            20_000,
            |at, batch| {
                let n = i64::try_from(at * 7_919 % 5_000).expect("small");
                let n = if at % 100 == 0 { Value::Null } else { Value::Integer(n) };
                row(batch, [n, Value::Integer(i64::try_from(at).expect("small"))]);
            },
        )
    };
    let all = |descending: bool| {
        let mut all: Vec<(u64, u64)> =
            (0..20_000).filter(|at| at % 100 != 0).map(|at| (at * 7_919 % 5_000, at)).collect();
        all.sort_by(|one, other| {
            let by = one.0.cmp(&other.0);
            if descending { by.reverse() } else { by }
        });
        all.into_iter()
            .take(300)
            .map(|(n, at)| [format!("Integer({n})"), format!("Integer({at})")])
            .collect::<Vec<_>>()
    };
    for (order, descending) in [("descending", true), ("ascending", false)] {
        let part = json!({"type": "table", "rows": 300, "sort": {"by": "n", "order": order}});
        let (_, rows, _) = table(part, data());
        assert_eq!(rows, all(descending), "{order}");
    }
    let (_, rows, told) = table(json!({"type": "table", "sort": {}}), data());
    assert_eq!((rows.len(), told.is_some()), (100, true));
}

#[test]
fn an_optional_table_shows_the_columns_that_there_are() {
    let part = json!({"type": "table", "columns": ["price", "units"], "optional": true});
    let (columns, rows, told) = table(part, Data::sales(3));
    assert_eq!((columns, rows.len(), told), (vec!["units".to_owned()], 3, None));
}

#[test]
fn what_stands_within_each_is_of_each_section() {
    let data = Data::sales(3).section("people", &[("name", Type::Text)], 0, |_, _| {});
    let parts = json!([{"type": "each", "sections": [
        {"type": "heading", "level": 3, "text": "{{ section.title }} ({{ count }})"},
        {"type": "facts", "items": [{"name": "Rows", "value": "{{ count }}"}]},
        {"type": "table", "title": "All"},
        {"type": "table", "of": "sales", "rows": 1},
        {"type": "table", "optional": true}
    ]}]);
    let blocks = rendered(template(parts), data).expect("rendered");
    let told: Vec<_> = blocks
        .iter()
        .map(|block| match block {
            Block::Table(caption, _, rows) => format!("{caption}: {}", rows.len()),
            Block::Title(text) | Block::Heading(_, text) | Block::Paragraph(text) => text.clone(),
            Block::List(points) => points.join(", "),
            Block::Chart(_) => "chart".to_owned(),
        })
        .collect();
    assert_eq!(
        told,
        [
            "Sales: My report",
            "The sales (3)",
            "Rows: 3",
            "All: 3",
            "The sales: 1",
            "1 of 3 rows is shown.",
            "The sales: 3",
            "The people (0)",
            "Rows: 0",
            "All: no rows.",
            "The sales: 1",
            "1 of 3 rows is shown."
        ]
    );
}
