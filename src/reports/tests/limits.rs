//! A template that wants too much fails by name and line, and costs little until then.

use serde_json::json;

use super::*;

/// What is said of a template that wants too much, in whatever way it does.
fn refused(text: &str) -> String {
    said(text, Data::sales(10)).expect_err(text)
}

#[test]
fn what_never_ends_is_ended_and_named_with_its_line() {
    let endless = "First.\n\n{% for a in range(1000) %}\n{% for b in range(1000) %}\n{% if a == b %}{% endif %}\n{% endfor %}{% endfor %}";
    let told = refused(endless);
    assert!(told.starts_with("template mine: `/sections/0/text` line "), "{told}");
    assert!(told.contains("takes more than 100000 steps"), "{told}");
}

#[test]
fn many_texts_together_take_no_more_than_a_report_may() {
    let busy = "{% for a in range(1000) %}{% for b in range(12) %}{% if b == 1 %}{% endif %}{% endfor %}{% endfor %}";
    let parts: Vec<_> = (0..100).map(|_| json!({"type": "text", "text": busy})).collect();
    let told = rendered(template(json!(parts)), Data::sales(1)).expect_err("too busy");
    assert!(told.contains("steps"), "{told}");
}

#[test]
fn what_prints_without_end_is_ended_whether_it_prints_its_own_words_or_data() {
    let own = format!("One.\n{{% for a in range(1000) %}}\n{}\n{{% endfor %}}", "word ".repeat(300));
    let told = refused(&own);
    assert!(told.contains("prints too much") && told.contains("line 3"), "{told}");
    let data = format!(
        "{{% set long = rows|map('region')|join('{}') %}}\n{{% for a in range(1000) %}}\n{{{{ long }}}} {{{{ long }}}}{{% endfor %}}",
        "…".repeat(50)
    );
    let told = refused(&data);
    assert!(told.contains("prints too much") && told.contains("line 3"), "{told}");
}

#[test]
fn nothing_grows_by_doubling() {
    for (text, word) in [
        ("{% set a = 'ab' %}{% set a = a ~ a %}", "`~`"),
        ("{% set a = 'ab' %}{% set a = a + a %}", "`+`"),
        ("{{ 'a' * 100000000 }}", "`*`"),
        ("{{ 2 ** 1000000 }}", "`**`"),
        ("{% set a = [1, 2] %}{{ a }}", "lists"),
        ("{% set a = {'b': 1} %}", "`{`"),
        ("{% set a = (1, 2) %}", "`,`"),
        ("{% set a = 1, 2 %}", "`,`"),
        ("{% set a %}{{ 1 }}{% endset %}", "`set`"),
        ("{% filter upper %}a{% endfilter %}", "`filter`"),
        ("{% for a in rows recursive %}{{ loop(a) }}{% endfor %}", "calls itself"),
        ("{{ rows[0:1] }}", "`:`"),
        ("{% macro a() %}{{ a() }}{% endmacro %}", "`macro`"),
        ("{% include 'x' %}", "`include`"),
        ("{% raw %}{{ 1 }}{% endraw %}", "`raw`"),
        ("{% with a = 1 %}{% endwith %}", "`with`"),
    ] {
        let told = refused(text);
        assert!(told.contains(word), "{text}: {told}");
    }
    // Joined a hundred times a hundred times over, it is counted.
    let joined = "{% set a = rows|map('region')|join %}".to_owned()
        + &"{% set a = a|truncate(2000) %}".repeat(50)
        + "{% for i in range(1000) %}{% for j in range(10) %}{% set b = range(1000)|join %}{% endfor %}{% endfor %}";
    assert!(refused(&joined).contains("makes too much"), "{}", refused(&joined));
}

#[test]
fn a_huge_range_is_none() {
    for text in
        ["{% for a in range(1000000000) %}{% endfor %}", "{{ range(-9000000000, 9000000000)|length }}"]
    {
        assert!(refused(text).contains("counts at most 1000"), "{}", refused(text));
    }
    assert!(refused("{{ range(9223372036854775807)|length }}").contains("counts at most"));
}

#[test]
fn depth_is_bounded_however_it_is_come_by() {
    let deep =
        |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
    for text in [
        format!("{{{{ {} }}}}", deep("(", ")", 5_000)),
        format!("{{{{ {} }}}}", deep("not ", "", 3_000)),
        format!("{{{{ {} }}}}", deep("- ", "", 5_000)),
        format!("{{{{ 1{} }}}}", "|abs".repeat(2_000)),
        format!("{{{{ rows{} }}}}", ".a".repeat(5_000)),
        format!("{{{{ {} }}}}", deep("rows[", "]", 2_000)),
        deep("{% if 1 %}", "{% endif %}", 700),
        format!("{{% if 1 %}}{}{{% endif %}}", "{% elif 1 %}".repeat(1_000)),
        deep("{% for a in rows %}", "{% endfor %}", 400),
    ] {
        let told = refused(&text);
        assert!(told.contains("has more than"), "{told}");
    }
}

#[test]
fn a_report_of_more_parts_than_one_can_read_is_refused() {
    let many: Vec<_> = (0..200).map(|_| json!({"type": "heading", "text": "a"})).collect();
    let mut data = Data::new("Many");
    for section in 0..20 {
        data = data.section(&format!("s{section}"), &[("a", Type::Text)], 0, |_, _| {});
    }
    let told =
        rendered(template(json!([{"type": "each", "sections": many[..199]}])), data).expect_err("too many");
    assert!(told.contains("more than 2000 parts"), "{told}");
    let faults = Report::read(template(json!([{"type": "each", "sections": many}]))).expect_err("201");
    assert!(faults.iter().any(|fault| fault.message.contains("at most 200 parts")), "{faults:?}");
}

#[test]
fn rows_too_large_to_be_held_are_refused_and_not_held() {
    let data = || {
        Data::new("Large").section(
            "large",
            &[("text", Type::Text), ("size", Type::Integer)],
            400,
            |at, batch| {
                let text = "x".repeat(200_000);
                row(batch, [Value::Text(&text), Value::Integer(i64::try_from(at).expect("few"))]);
            },
        )
    };
    let ranked = template(json!([{"type": "table", "rows": 1000, "sort": {"by": "size"}}]));
    let told = rendered(ranked, data()).expect_err("80 MB");
    assert!(told.contains("section `large` are to hold too much"), "{told}");
    // Texts look at cells that are cut, and a table of all rows holds none.
    let shown = rendered(template(json!([{"type": "table"}])), data()).expect("streamed");
    let Some(Block::Table(_, _, rows)) = shown.last() else { panic!("{}", shown.len()) };
    assert_eq!(rows.len(), 400);
    assert_eq!(
        said("{{ rows|length }} {{ rows[399].text|length }}", data()),
        Ok(vec!["400 2001".to_owned()])
    );
}
