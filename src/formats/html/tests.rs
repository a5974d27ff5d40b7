use super::*;
use crate::formats::{ChartShape, Series};
use crate::records::{Field, Schema, Type, Value};

fn written(write: impl FnOnce(&mut Html<'_>)) -> (String, Vec<String>) {
    let mut out = Vec::new();
    let mut html = Html::new(&mut out);
    write(&mut html);
    let told = Box::new(html).finish().expect("memory takes everything");
    (String::from_utf8(out).expect("UTF-8"), told)
}

#[test]
fn text_is_never_markup_in_elements_or_attributes() {
    let hostile = "</td></caption><script>\"'&amp;\0";
    let schema = Schema::new(vec![Field::new(hostile, Type::Text)]);
    let mut batch = Batch::new(&schema);
    assert!(batch.column_mut(0).push(Value::Text(hostile)));
    let (html, told) = written(|html| {
        html.title(hostile, &[(hostile.to_owned(), hostile.to_owned())]).expect("written");
        html.heading(2, hostile).expect("written");
        html.paragraph(hostile).expect("written");
        html.message(hostile, hostile, hostile).expect("written");
        html.list(&[hostile.to_owned()]).expect("written");
        html.table(&schema, hostile).expect("written");
        html.rows(&batch).expect("written");
        html.end_table().expect("written");
        let series = vec![Series { name: hostile.to_owned(), values: vec![1.0] }; 2];
        let (title, labels) = (hostile.to_owned(), vec![hostile.to_owned()]);
        html.chart(&Chart { shape: ChartShape::Bar, title, labels, series }).expect("written");
    });
    assert!(!html.contains("<script") && !html.contains('\0'), "{html}");
    let escaped = "&lt;/td&gt;&lt;/caption&gt;&lt;script&gt;&quot;&#39;&amp;amp;\u{fffd}";
    assert!(html.matches(escaped).count() >= 14, "{html}");
    let [told] = told.try_into().expect("one message");
    assert!(told.contains("characters that text cannot hold") && told.contains("U+0000"), "{told}");
}

#[test]
fn sections_are_landmarks_with_names() {
    let (html, _) = written(|html| {
        html.title("T", &[]).expect("written");
        for (level, text) in [(2, "A"), (3, "a"), (2, "B")] {
            html.heading(level, text).expect("written");
        }
    });
    let (_, main) = html.split_once("<main>\n").expect("a main part");
    let expected = [
        "<section aria-labelledby=\"b1\">",
        "<h2 id=\"b1\" dir=\"auto\">A</h2>",
        "<h3 id=\"b2\" dir=\"auto\">a</h3>",
        "</section>",
        "<section aria-labelledby=\"b3\">",
        "<h2 id=\"b3\" dir=\"auto\">B</h2>",
        "</section>",
        "</main>\n</body>\n</html>\n",
    ];
    assert_eq!(main, expected.join("\n"));
}

#[test]
fn rows_are_written_as_they_come() {
    let schema = Schema::new(vec![Field::new("n", Type::Integer)]);
    let mut batch = Batch::new(&schema);
    assert!(batch.column_mut(0).push(Value::Integer(5)));
    let mut out = Vec::new();
    let mut html = Html::new(&mut out);
    html.table(&schema, "c").expect("written");
    html.rows(&batch).expect("written");
    assert!(html.text.is_empty(), "nothing waits for the end");
    drop(html);
    assert!(out.ends_with(b"<tr><td class=\"n\">5</td></tr>\n"));
}
