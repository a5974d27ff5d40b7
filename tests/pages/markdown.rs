//! Markdown by GitHub's own parser.

use super::*;

/// What GitHub's parser makes of a document.
fn rendered(document: &Document) -> String {
    let extensions = ["table", "strikethrough", "autolink", "tasklist"];
    let extensions = extensions.into_iter().flat_map(|extension| ["-e", extension]);
    output("cmark-gfm", extensions.chain(["--unsafe", name(&document.path)]))
}

/// The elements that are in some html, each once.
fn elements(html: &str) -> Vec<&str> {
    let tags = html.split('<').skip(1).map(|tag| tag.split([' ', '>', '/']).find(|part| !part.is_empty()));
    let mut elements: Vec<_> = tags.flatten().collect();
    elements.sort_unstable();
    elements.dedup();
    elements
}

#[test]
fn every_cell_is_text_whatever_is_in_it() {
    let document = table(Format::Markdown, &with_own_fonts(), &["a|b", "*b*", "c"], &hostile());
    let html = rendered(&document);
    let tables = ["br", "h1", "h2", "li", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"];
    assert_eq!(elements(&html), tables, "{html}");
    assert_eq!(html.matches("<td>after</td>").count(), hostile().len());
    assert_eq!(html.matches("<tr>").count(), hostile().len() + 1);
    assert!(
        html.contains("<td>&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=y&gt;</td>"),
        "{html}"
    );
    assert!(html.contains("<td># h<br>- l<br>1. n<br>&gt; q<br>```<br>code<br>```<br>"), "{html}");
}

#[test]
fn every_paragraph_is_text_whatever_is_in_it() {
    let document = of_blocks(Format::Markdown, &with_own_fonts(), |blocks| {
        for row in hostile() {
            blocks.paragraph(&row[0]).expect("written");
            blocks.message(&row[0], "now", &row[0]).expect("written");
        }
    });
    let html = rendered(&document);
    assert_eq!(elements(&html), ["blockquote", "br", "p", "strong"], "{html}");
}

#[test]
fn what_was_said_stays_as_it_was_said() {
    let document = of_blocks(Format::Markdown, &with_own_fonts(), |blocks| {
        blocks.message("Eve", "now", "one\ntwo\n\n  three").expect("written");
    });
    let html = rendered(&document);
    let expected = "<p><strong>Eve</strong> · now</p>\n<blockquote>\n<p>one<br />\ntwo</p>\n<p>  three</p>\n</blockquote>\n";
    assert_eq!(html.replace('\u{a0}', " "), expected);
}
