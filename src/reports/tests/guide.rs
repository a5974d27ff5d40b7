//! What the guide shows works, and what it lists is there.

use serde_json::Value as Json;

use super::*;

const GUIDE: &str = include_str!("../../../docs/templates.md");

fn example() -> Json {
    let example = GUIDE.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    serde_json::from_str(example.expect("an example")).expect("JSON")
}

#[test]
fn the_guide_s_example_is_right_and_renders() {
    let fields = [("period", Type::Timestamp), ("conversations", Type::Integer), ("messages", Type::Integer)];
    let usage = Data::new("Usage").section("usage", &fields, 40, |at, batch| {
        let day = i64::try_from(20_000 + at).expect("few");
        let messages = if at % 5 == 4 { Value::Null } else { Value::Integer(day) };
        row(batch, [Value::Timestamp(day * 86_400_000_000), Value::Integer(day), messages]);
    });
    let blocks = rendered(example(), usage).expect("rendered");
    assert_eq!(blocks[1], Block::Paragraph("40 days, from 04 October to 12 November 2024.".to_owned()));
    assert!(
        blocks.contains(&Block::List(vec!["Rows: 40".into(), "Incomplete: messages".into()])),
        "{blocks:?}"
    );
    let charts =
        blocks.iter().filter_map(|block| if let Block::Chart(chart) = block { Some(chart) } else { None });
    for chart in charts {
        assert_eq!((chart.title.to_lowercase(), chart.labels.len()), (chart.series[0].name.clone(), 40));
    }
}

#[test]
fn every_filter_and_test_of_the_guide_is_there() {
    let rows = GUIDE.split("| filter |").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("filters");
    let named = |text: &str| -> Vec<String> {
        let words = text.split('`').skip(1).step_by(2);
        words.map(|word| word.split('(').next().unwrap_or_default().to_owned()).collect()
    };
    let cells = rows.lines().filter_map(|line| line.split('|').nth(1));
    let filters: Vec<_> = cells.flat_map(named).filter(|name| !name.is_empty()).collect();
    assert!(filters.len() > 25, "{filters:?}");
    for filter in filters {
        assert!(Report::read(of_text(&format!("{{{{ count|{filter} }}}}"))).is_ok(), "{filter}");
    }
    let tests = GUIDE.split("\nTests: ").nth(1).and_then(|rest| rest.split('.').next()).expect("tests");
    for test in named(tests) {
        assert!(Report::read(of_text(&format!("{{{{ count is {test} }}}}"))).is_ok(), "{test}");
    }
}
