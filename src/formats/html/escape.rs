//! Text that is text in html, whatever is in it.

use crate::formats::text::{Part, Unshown, parts};

/// Adds `text`, fit for an element and for an attribute in quotes (WHATWG HTML 13.1.2, 13.1.4).
pub(super) fn write_text(text: &str, out: &mut String, unshown: &mut Unshown) {
    for part in parts(text) {
        match part {
            Part::Text(text) => write_escaped(text, out),
            Part::Break => out.push('\n'),
            Part::Unfit(character) => {
                unshown.note(character);
                out.push('\u{fffd}');
            }
        }
    }
}

fn write_escaped(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(place) = rest.find(['&', '<', '>', '"', '\'']) {
        out.push_str(&rest[..place]);
        out.push_str(match rest.as_bytes()[place] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[place + 1..];
    }
    out.push_str(rest);
}
