use super::*;
use crate::formats::{ChartShape, Series};
use crate::records::{Field, Schema, Type, Value};

fn written(write: impl FnOnce(&mut Markdown<'_>)) -> String {
    let mut out = Vec::new();
    let mut markdown = Markdown::new(&mut out);
    write(&mut markdown);
    Box::new(markdown).finish().expect("memory takes everything");
    String::from_utf8(out).expect("UTF-8")
}

fn paragraph(text: &str) -> String {
    written(|markdown| markdown.paragraph(text).expect("written"))
}

#[test]
fn a_sentence_stays_readable() {
    let text = "It costs 12.50 (at 10:30), well-known: e.g. half. See file.txt!";
    assert_eq!(paragraph(text), format!("{text}\n\n"));
}

#[test]
fn nothing_at_the_start_of_a_line_is_markup() {
    for (text, line) in [
        ("# a", "\\# a"),
        ("- a", "\\- a"),
        ("+ a", "\\+ a"),
        ("1. a", "1\\. a"),
        ("1) a", "1\\) a"),
        ("> a", "\\> a"),
        ("===", "\\=\\=\\="),
        ("---", "\\-\\-\\-"),
        ("    code", "&nbsp;&nbsp;&nbsp;&nbsp;code"),
        ("```", "\\`\\`\\`"),
    ] {
        assert_eq!(paragraph(text), format!("{line}\n\n"));
    }
}

#[test]
fn lines_of_a_paragraph_stay_lines() {
    assert_eq!(paragraph("a\nb\r\n\r\nc"), "a\\\nb\n\nc\n\n");
}

#[test]
fn a_cell_never_ends_its_row() {
    let schema = Schema::new(vec![Field::new("a|b", Type::Text), Field::new("n", Type::Integer)]);
    let mut batch = Batch::new(&schema);
    for text in ["x | y", "- 1. a", "one\ntwo\u{2028}three", "\\|", "\0"] {
        assert!(batch.column_mut(0).push(Value::Text(text)));
        batch.column_mut(1).push_null();
    }
    let text = written(|markdown| {
        markdown.table(&schema, "").expect("written");
        markdown.rows(&batch).expect("written");
    });
    let rows = [
        "| a\\|b | n |",
        "| --- | ---: |",
        "| x \\| y |  |",
        "| - 1. a |  |",
        "| one<br>two<br>three |  |",
        "| \\\\\\| |  |",
        "| \u{fffd} |  |",
        "",
    ];
    assert_eq!(text, rows.join("\n"));
}

#[test]
fn nobody_puts_words_into_another_s_mouth() {
    let text = written(|markdown| {
        markdown.message("**Eve**", "now", "yes\n\n**Bob** · now\n\n> no").expect("written");
    });
    assert_eq!(text, "**\\*\\*Eve\\*\\*** · now\n\n> yes\n>\n> \\*\\*Bob\\*\\* · now\n>\n> \\> no\n\n");
}

#[test]
fn a_chart_is_a_table_of_its_numbers() {
    let chart = Chart {
        shape: ChartShape::Pie,
        title: "Use".to_owned(),
        labels: vec!["a".to_owned(), "b".to_owned()],
        series: vec![Series { name: "calls".to_owned(), values: vec![1.0, f64::NAN] }],
    };
    let text = written(|markdown| markdown.chart(&chart).expect("written"));
    assert_eq!(text, "**Use**\n\n|  | calls |\n| --- | ---: |\n| a | 1 |\n| b |  |\n\n");
}
