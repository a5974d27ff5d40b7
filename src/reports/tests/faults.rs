//! Every fault of a template is told, with its place.

use serde_json::json;

use super::*;
use crate::domain::Kind;

fn faults(template: Json) -> Vec<(String, Option<usize>, String)> {
    let faults = Report::read(template).expect_err("faulty");
    faults.into_iter().map(|fault| (fault.pointer, fault.line, fault.message)).collect()
}

#[test]
fn every_fault_is_told_at_once_with_its_pointer() {
    let told = faults(json!({
        "name": "No", "title": "a\nb", "kinds": ["videos", "trace"], "datasets": "all", "colour": 1,
        "sections": [
            {"type": "headline"},
            {"type": "heading", "level": 1, "text": 7},
            {"type": "table", "rows": 0, "columns": [1], "sort": {"order": "up"}, "top": 5},
            {"type": "chart", "shape": "pie", "values": ["a", "b"]},
            {"type": "chart", "points": 1001},
            {"type": "each", "sections": [{"type": "each", "sections": []}]},
            {"type": "facts", "items": [{"name": ""}]},
            "text"
        ]
    }));
    let pointers: Vec<_> = told.iter().map(|(pointer, ..)| pointer.as_str()).collect();
    let all = [
        "/name",
        "/title",
        "/audience",
        "/kinds/0",
        "/datasets",
        "/sections/0/type",
        "/sections/1/level",
        "/sections/1/text",
        "/sections/2/columns/0",
        "/sections/2/rows",
        "/sections/2/sort/order",
        "/sections/2/top",
        "/sections/3/values",
        "/sections/4/shape",
        "/sections/4/points",
        "/sections/5/sections/0/type",
        "/sections/6/items/0/name",
        "/sections/6/items/0/value",
        "/sections/7",
        "/colour",
    ];
    assert_eq!(pointers, all, "{told:#?}");
    assert_eq!(faults(json!([])), [(String::new(), None, "must be an object".to_owned())]);
    assert_eq!(faults(template(json!([])))[0].0, "/sections");
}

#[test]
fn a_fault_in_a_text_is_told_with_its_line() {
    for (text, line, word) in [
        ("a\n{{ b", 2, "`}}` is missing"),
        ("{% if a %}\nb", 2, "`if` does not end"),
        ("a\n\n{% endfor %}", 3, "no `for`"),
        ("a\n{{ b| }}", 2, "unexpected"),
        ("{{ 'a }}", 1, "does not end"),
        ("a\n{# b", 2, "comment"),
        ("a\nb\n{{ c|shout }}", 3, "there is no filter `shout`"),
        ("a\n{{ c is loud }}", 2, "there is no test `loud`"),
        ("a\n{{ c is not loud }}", 2, "there is no test `loud`"),
        ("\n{{ now() }}", 2, "there is no function `now`"),
        ("{{ ü }}", 1, "`ü` is not possible here"),
        ("{{ a; b }}", 1, "`;` is not possible here"),
        ("{% else %}", 1, ""),
    ] {
        let told = faults(of_text(text));
        let [(pointer, found, message)] = &told[..] else { panic!("{told:?}") };
        assert_eq!((pointer.as_str(), *found), ("/sections/0/text", Some(line)), "{text}: {message}");
        assert!(message.contains(word), "{text}: {message}");
    }
    let both = faults(template(json!([
        {"type": "heading", "text": "{{"}, {"type": "facts", "items": [{"name": "a", "value": "{{ b"}]},
        {"type": "each", "sections": [{"type": "text", "text": "{% if %}"}]}
    ])));
    let pointers: Vec<_> = both.iter().map(|(pointer, ..)| pointer.as_str()).collect();
    assert_eq!(pointers, ["/sections/0/text", "/sections/1/items/0/value", "/sections/2/sections/0/text"]);
}

#[test]
fn a_template_is_for_what_it_says_and_for_everything_when_it_says_nothing() {
    let any = Report::read(of_text("a")).expect("a report");
    assert!(any.template().is_for(Kind::Trace, "traces"));
    let mut some = of_text("a");
    (some["kinds"], some["datasets"]) = (json!(["custom", "analytics"]), json!(["usage"]));
    let some = Report::read(some).expect("a report");
    let is_for = |kind, name| some.template().is_for(kind, name);
    assert!(
        is_for(Kind::Analytics, "usage")
            && !is_for(Kind::Analytics, "sales")
            && !is_for(Kind::Trace, "usage")
    );
}

#[test]
fn a_name_that_is_not_there_is_told_with_the_words_around_it() {
    let told = said("One\n  {{ section.colunm.amount }}", Data::sales(1)).expect_err("misspelt");
    assert!(told.contains("line 2: ") && told.ends_with(": `{{ section.colunm.amount }}`"), "{told}");
}

#[test]
fn what_the_data_lack_is_named_with_what_they_have() {
    for (part, told) in [
        (json!({"type": "table", "of": "people"}), "these data have no section `people`; they have `sales`"),
        (
            json!({"type": "table", "columns": ["price"]}),
            "section `sales` has no column `price`; it has `day`, `region`",
        ),
        (json!({"type": "table", "sort": {"by": "price"}}), "no column `price`"),
        (
            json!({"type": "chart", "shape": "bar", "values": ["region"]}),
            "column `region` is text, and no number",
        ),
        (json!({"type": "chart", "shape": "bar", "label": "when"}), "no column `when`"),
        (json!({"type": "chart", "shape": "bar", "sort": {"by": "units"}}), "a chart is sorted by its label"),
    ] {
        let error = rendered(template(json!([part])), Data::sales(3)).expect_err("it does not fit");
        assert!(error.starts_with("template mine: `/sections/0") && error.contains(told), "{error}");
        let mut optional = part.clone();
        optional["optional"] = true.into();
        let is_table = part["type"] == "table" && part.get("of").is_none() && part.get("sort").is_some();
        let blocks = rendered(template(json!([optional])), Data::sales(3)).expect("left out");
        // A table that can be sorted by nothing is shown as the rows come.
        assert_eq!(blocks.len(), if is_table { 2 } else { 1 }, "{part}: {blocks:?}");
    }
}
