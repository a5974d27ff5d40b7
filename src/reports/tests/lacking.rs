//! A report of a part never passes for one of all.

use serde_json::json;

use super::*;
use crate::records::{LeftOut, LimitOf};
use crate::reports::Shipped;

/// Forty sales of which seven are left out, and regions that are masked.
fn part() -> Data {
    let mut data = Data::sales(40);
    data.head.sections[0].left_out = vec![
        LeftOut { rows: 6, most: 41, limit: LimitOf::Request },
        LeftOut { rows: 1, most: 40, limit: LimitOf::House },
    ];
    let mut schema = (*data.head.sections[0].schema).clone();
    schema.fields[1].masked = true;
    data.head.sections[0].schema = Arc::new(schema);
    data
}

#[test]
fn a_template_without_a_word_for_it_has_it_told_beneath_its_title() {
    let blocks = rendered(of_text("All is well."), part()).expect("rendered");
    let Block::List(points) = &blocks[1] else { panic!("{blocks:?}") };
    assert_eq!(
        points,
        &[
            "The sales: 6 rows are left out: no more than 41 rows of this was asked for (`limit`)",
            "The sales: 1 row is left out: an export has at most 40 rows of this; ask for a part",
            "The sales: masked, as it is personal: region",
        ]
    );
    let whole = rendered(of_text("All is well."), Data::sales(40)).expect("rendered");
    assert_eq!(whole[1], Block::Paragraph("All is well.".to_owned()));
}

#[test]
fn a_template_tells_it_in_its_own_words() {
    let text = "{{ left_out }} of {{ section.title }}{% for l in section.limits %}, {{ l.rows }} beyond {{ l.most }} by {{ l.whose }}{% endfor %}; {{ section.masked|map('name')|join }} {{ section.column.region.masked }} {{ section.column.units.masked }}";
    let said = said(text, part()).expect("rendered");
    assert_eq!(said, ["7 of The sales, 6 beyond 41 by request, 1 beyond 40 by house; region yes no"]);
}

#[test]
fn no_shipped_template_says_that_a_part_is_all() {
    for shipped in Shipped::all() {
        let blocks = format!("{:?}", rendered(shipped.body.clone(), part()).expect("rendered"));
        assert!(blocks.contains("left out") && !blocks.contains("Every row"), "{}: {blocks}", shipped.name());
        assert!(blocks.contains("41 rows of this was asked for"), "{}: {blocks}", shipped.name());
        assert!(blocks.contains("masked"), "{}: {blocks}", shipped.name());
    }
}

#[test]
fn what_a_part_of_a_template_cannot_have_is_told_with_the_part() {
    for (parts, place) in [
        (
            json!([{"type": "facts"}, {"type": "table", "of": "people"}]),
            "`/sections/1/of`: these data have no section",
        ),
        (
            json!([{"type": "each", "sections": [{"type": "table", "columns": ["day", "price"]}]}]),
            "`/sections/0/sections/0/columns/1`: section",
        ),
        (
            json!([{"type": "chart", "shape": "bar", "values": ["units", "region"]}]),
            "`/sections/0/values/1`: column `region`",
        ),
        (json!([{"type": "chart", "shape": "bar", "label": "when"}]), "`/sections/0/label`: "),
        (json!([{"type": "table", "sort": {"by": "price"}}]), "`/sections/0/sort/by`: "),
        (json!([{"type": "text", "text": "a\n{{ data.people.count }}"}]), "`/sections/0/text` line 2: "),
    ] {
        let error = rendered(template(parts), Data::sales(3)).expect_err("it does not fit");
        assert!(error.contains(place), "{error}");
    }
}
