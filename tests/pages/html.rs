//! Html by Python's parser and libxml2's.

use super::*;

/// Tells what elements are not closed or closed twice, and whatever might run or be fetched.
const LOOK: &str = r#"
import sys
from html.parser import HTMLParser
EMPTY = {"meta", "br", "rect", "circle", "path", "polyline"}
class Look(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.cells, self.cell, self.ids = [], [], None, set()
    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), (tag, names)
        for name, value in attrs:
            assert not name.startswith("on") and name not in ("src", "href", "style", "action", "data"), (tag, name)
            if name == "id":
                assert value not in self.ids, value
                self.ids.add(value)
        assert tag not in ("script", "img", "link", "iframe", "object", "embed", "base", "form", "a"), tag
        if tag not in EMPTY:
            self.open.append(tag)
        if tag == "td":
            self.cell = ""
    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in EMPTY:
            self.open.pop()
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()
        if tag == "td":
            self.cells.append(self.cell)
            self.cell = None
    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
look = Look()
look.feed(open(sys.argv[1], encoding="utf-8", newline="").read())
look.close()
assert not look.open, look.open
for cell in look.cells:
    print(repr(cell))
"#;

/// Every cell of every table, as Python sees it; the document is sound by then.
fn cells(document: &Document) -> Vec<String> {
    let quoted = output("python3", ["-c", LOOK, name(&document.path)]);
    quoted.lines().map(str::to_owned).collect()
}

fn assert_sound(document: &Document) {
    let html = document.text();
    assert!(!html.contains("<script") && !html.contains("http:"), "nothing runs and nothing is fetched");
    let ran = Command::new("xmllint").args(["--html", "--noout", name(&document.path)]).output();
    let ran = ran.expect("xmllint");
    let faults = String::from_utf8_lossy(&ran.stderr); // which cuts characters in half
    // It knows no elements younger than itself.
    let faults: Vec<_> = faults.lines().filter(|line| line.contains("error")).collect();
    let faults: Vec<_> = faults.into_iter().filter(|line| !line.ends_with(" invalid")).collect();
    assert!(faults.is_empty(), "{faults:?}");
}

#[test]
fn every_cell_is_text_whatever_is_in_it() {
    let document = table(Format::Html, &with_own_fonts(), &["a<b", "b", "c"], &hostile());
    assert_sound(&document);
    let cells = cells(&document);
    assert_eq!(cells.len(), hostile().len() * 3);
    assert_eq!(cells[0], "'<script>alert(1)</script><img src=x onerror=y>'");
    assert!(cells.iter().filter(|cell| *cell == "'after'").count() == hostile().len());
    let [told] = document.told.as_slice() else { panic!("{:?}", document.told) };
    assert!(told.contains("that text cannot hold"), "{told}");
}

#[test]
fn charts_are_pictures_with_names_and_their_numbers_beneath() {
    let document = of_blocks(Format::Html, &with_own_fonts(), |blocks| {
        blocks.title("Report", &[]).expect("written");
        for chart in charts() {
            blocks.chart(&chart).expect("written");
        }
    });
    assert_sound(&document);
    let cells = cells(&document);
    assert_eq!(cells.len(), 3 * 3 * 3);
    assert_eq!(&cells[6..9], ["'drei'", "'4000000000'", "'4000000000'"]);
    assert_eq!(document.text().matches("<svg role=\"img\"").count(), 3);
    assert!(document.text().contains("<title id=\"b1-t\">Bar chart</title><desc id=\"b1-d\">"));
}

#[test]
fn the_document_says_its_language_its_policy_and_its_parts() {
    let document = table(Format::Html, &with_own_fonts(), &["a"], &[vec!["b".to_owned()]]);
    for part in [
        "<!DOCTYPE html>\n<html lang=\"en\">",
        "<meta charset=\"utf-8\">",
        "content=\"default-src 'none'; style-src 'unsafe-inline'\"",
        "<meta name=\"viewport\"",
        "<title>Ελλάδα &amp; more</title>",
        "<main>",
        "<caption dir=\"auto\">All rows</caption>",
        "<th scope=\"col\" dir=\"auto\">a</th>",
        "<td dir=\"auto\">b</td>",
        "prefers-color-scheme: dark",
        "@media print",
    ] {
        assert!(document.text().contains(part), "{part}");
    }
}
