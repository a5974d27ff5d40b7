//! What data contain is text.

use serde_json::json;

use super::*;

fn saying(cells: &'static [&'static str]) -> Data {
    let count = u64::try_from(cells.len()).expect("few");
    Data::new("Said").section("said", &[("text", Type::Text)], count, |at, batch| {
        row(batch, [Value::Text(cells[usize::try_from(at).expect("few")])]);
    })
}

#[test]
fn an_expression_in_a_cell_stays_a_text() {
    let cells = &["{{ 7*7 }}", "{% for a in range(9) %}x{% endfor %}", "{# gone #}", "<b>bold</b> & *stars*"];
    let told = said("{% for row in rows %}\n\n{{ row.text }}{% endfor %}", saying(cells)).expect("said");
    assert_eq!(told, cells);
    let mut data = saying(cells);
    data.head.title = "{{ total }}".to_owned();
    data.head.metadata = vec![("{{ 1 }}".to_owned(), "{{ 2 }}".to_owned())];
    let blocks =
        rendered(template(json!([{"type": "facts"}, {"type": "heading", "text": "{{ title }}"}])), data);
    let blocks = blocks.expect("rendered");
    assert_eq!(blocks[0], Block::Title("{{ total }}: My report".to_owned()));
    assert_eq!(
        blocks[1..],
        [Block::List(vec!["{{ 1 }}: {{ 2 }}".to_owned()]), Block::Heading(2, "{{ total }}".to_owned())]
    );
}

#[test]
fn no_cell_begins_a_list_or_a_paragraph_of_its_own() {
    let cells = &["- a\n- b\n\nc", "\u{1}- d\u{2}\n- e", "f\r\n\u{0}g\u{7f}"];
    let told = said("{% for row in rows %}{{ row.text }}\n\n{% endfor %}", saying(cells)).expect("said");
    assert_eq!(told, ["- a\n- b\n\nc", "- d \n- e", "f \n g"]);
    let blocks = rendered(of_text("- {{ rows[0].text }}\n- two"), saying(cells)).expect("said");
    assert_eq!(blocks[1], Block::List(vec!["- a\n- b\n\nc".to_owned(), "two".to_owned()]));
    let heading = template(json!([{"type": "heading", "text": "Of {{ rows[0].text }}"}]));
    assert_eq!(
        rendered(heading, saying(cells)).expect("said")[1],
        Block::Heading(2, "Of - a - b c".to_owned())
    );
}

#[test]
fn what_goes_wrong_is_told_without_what_is_in_a_cell() {
    for text in [
        "{{ rows[0].text|number }}",
        "{{ rows[0].text - 1 }}",
        "{{ rows[0].text.secret }}",
        "{{ rows[0].text|date }}",
        "{{ rows|first|join }}",
        "{{ rows }}",
        "{{ rows[0].text|times(rows[0].text) }}",
        "{{ rows|where('text', 'x')|first|upper|number }}",
        "{{ rows[0].text() }}",
        "{% for a in rows[0] %}{% endfor %}",
        "{{ range(rows[0].text) }}",
        "{{ rows[0].text|first }}",
    ] {
        let told = said(text, saying(&["hunter2"])).expect_err(text);
        assert!(told.starts_with("template mine: `/sections/0/text` line 1"), "{text}: {told}");
        assert!(!told.contains("hunter2"), "{text}: {told}");
    }
}

#[test]
fn there_is_nothing_to_reach_but_the_report_s_own_data() {
    for text in [
        "{{ self }}",
        "{{ env }}",
        "{{ rows.__class__ }}",
        "{{ namespace() }}",
        "{{ debug() }}",
        "{{ dict(a=1) }}",
    ] {
        assert!(said(text, saying(&["a"])).is_err(), "{text}");
    }
}
