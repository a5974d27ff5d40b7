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
    let blocks = rendered(example(), Data::sales(40)).expect("rendered");
    assert_eq!(blocks[1], Block::Paragraph("40 days, from 04 October to 13 October 2024.".to_owned()));
    assert!(blocks.contains(&Block::List(vec!["Rows: 40".into(), "Incomplete: units".into()])), "{blocks:?}");
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
