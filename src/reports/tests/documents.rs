//! Reports as people get them: html, pdf and markdown.

use super::*;
use crate::domain::Format;
use crate::formats::blocks;
use crate::reports::Shipped;

fn document(body: Json, format: Format, data: Data) -> Vec<u8> {
    let report = Report::read(body).expect("a report");
    let (mut bytes, options, Data { head, rows }) = (Vec::new(), options(), data);
    let writer = blocks(format, &mut bytes, &options).expect("a format for people");
    render(&report, &head, &mut rows.into_iter().map(Ok), writer, &options).expect("rendered");
    bytes
}

/// Sales, with names that would be markup, code or a template if they were not text.
fn hostile() -> Data {
    let mut data = Data::new("<script>alert(1)</script>").section(
        "sales",
        &[("region", Type::Text), ("amount", Type::Integer)],
        40,
        |at, batch| {
            let regions =
                ["<img src=x onerror=alert(1)>", "{{ 7*7 }}", "**bold** | [a](javascript:b)", "# head"];
            let region = regions[usize::try_from(at % 4).expect("few")];
            row(batch, [Value::Text(region), Value::Integer(i64::try_from(at).expect("few"))]);
        },
    );
    data.head.metadata = vec![("Export".into(), "<b>0198</b>".into())];
    data
}

#[test]
fn every_shipped_report_is_written_in_every_format_for_people_and_data_stay_text() {
    for shipped in Shipped::all() {
        let html = document(shipped.body.clone(), Format::Html, hostile());
        let html = String::from_utf8(html).expect("UTF-8");
        let is_drawn = shipped.name() != "compliance";
        assert!(html.contains("<table") && html.contains("<svg") == is_drawn, "{}", shipped.name());
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("<b>"), "{html}");
        assert!(html.contains("{{ 7*7 }}") && !html.contains(">49<"), "{html}");

        let markdown =
            String::from_utf8(document(shipped.body.clone(), Format::Markdown, hostile())).expect("UTF-8");
        assert!(markdown.starts_with("# ") && !markdown.contains("**bold**"), "{markdown}");
        assert!(!markdown.lines().any(|line| line.starts_with("# head")), "{markdown}");

        let pdf = document(shipped.body.clone(), Format::Pdf, hostile());
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 2_000, "{}", shipped.name());
    }
}

#[test]
fn a_report_is_the_same_bytes_of_the_same_rows() {
    let body = &Shipped::named("executive").expect("shipped").body;
    for format in [Format::Html, Format::Markdown, Format::Pdf] {
        let two = [(); 2].map(|()| document(body.clone(), format, Data::sales(500)));
        assert!(two[0] == two[1], "{format}");
    }
}
