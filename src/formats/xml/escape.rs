//! Text inside elements and attributes.

use crate::formats::scan::Wanted;
use crate::formats::written::push_base64;

/// What has to be looked at twice: markup, what XML cannot hold, and the first byte of U+FFFE.
const SPECIAL: Wanted<4> = Wanted::one_of([b'<', b'>', b'&', 0xef]).or_control();

/// Whether an XML document can hold the character (§2.2, `Char`).
pub fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Writes `text` for between two tags; false, and nothing written, if XML cannot hold it.
pub fn push_text(out: &mut Vec<u8>, text: &str) -> bool {
    let begin = out.len();
    let mut rest = text.as_bytes();
    while let Some(at) = SPECIAL.find(rest) {
        out.extend_from_slice(&rest[..at]);
        match (rest[at], rest.get(at + 1), rest.get(at + 2)) {
            (b'<', ..) => out.extend_from_slice(b"&lt;"),
            (b'>', ..) => out.extend_from_slice(b"&gt;"),
            (b'&', ..) => out.extend_from_slice(b"&amp;"),
            // Any reader would take it for the end of a line (§2.11).
            (b'\r', ..) => out.extend_from_slice(b"&#13;"),
            (0xef, Some(0xbf), Some(0xbe | 0xbf)) | (0..=8 | 0xb | 0xc | 0xe..=0x1f, ..) => {
                out.truncate(begin);
                return false;
            }
            (other, ..) => out.push(other),
        }
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    true
}

/// Writes what follows an element's name and attributes: `>text`, or `encoding="base64">` and base64.
pub fn push_content(out: &mut Vec<u8>, text: &str) {
    out.push(b'>');
    if !push_text(out, text) {
        out.pop();
        push_encoded(out, text.as_bytes());
    }
}

/// Writes what follows an element's name and attributes for bytes.
pub fn push_encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(b" encoding=\"base64\">");
    push_base64(out, bytes);
}

/// Writes ` name="value"`, with what XML cannot hold as `_xHHHH_`.
pub fn push_attribute(out: &mut Vec<u8>, name: &str, value: &str) {
    out.push(b' ');
    out.extend_from_slice(name.as_bytes());
    out.extend_from_slice(b"=\"");
    for (at, c) in value.char_indices() {
        match c {
            '<' => out.extend_from_slice(b"&lt;"),
            '&' => out.extend_from_slice(b"&amp;"),
            '"' => out.extend_from_slice(b"&quot;"),
            // Any reader would take them for blanks (§3.3.3).
            '\t' | '\n' | '\r' => out.extend_from_slice(format!("&#{};", u32::from(c)).as_bytes()),
            '_' if begins_escape(&value[at..]).is_some() => out.extend_from_slice(b"_x005F_"),
            c if !is_char(c) => out.extend_from_slice(format!("_x{:04X}_", u32::from(c)).as_bytes()),
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.push(b'"');
}

/// The attribute's value before it was written, from what a reader of XML makes of it.
pub fn unescaped_name(value: &str) -> String {
    let mut name = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('_') {
        name.push_str(&rest[..at]);
        rest = &rest[at..];
        match escape_at(rest) {
            Some(c) => {
                name.push(c);
                rest = &rest[7..];
            }
            None => {
                name.push('_');
                rest = &rest[1..];
            }
        }
    }
    name.push_str(rest);
    name
}

/// The character that `_xHHHH_` at the beginning of `text` stands for.
fn escape_at(text: &str) -> Option<char> {
    begins_escape(text).filter(|_| text.as_bytes().get(6) == Some(&b'_'))
}

/// The character that `_xHHHH` at the beginning of `text` would stand for. An underscore behind it is not
/// asked for: the escape of the next character may be what brings one.
fn begins_escape(text: &str) -> Option<char> {
    let digits = text.strip_prefix("_x")?.as_bytes().first_chunk::<4>()?;
    let code = digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + (*digit as char).to_digit(16)?))?;
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(text: &str) -> Option<String> {
        let mut out = Vec::new();
        push_text(&mut out, text).then(|| String::from_utf8(out).expect("UTF-8"))
    }

    fn attribute(value: &str) -> String {
        let mut out = Vec::new();
        push_attribute(&mut out, "n", value);
        String::from_utf8(out).expect("UTF-8")
    }

    #[test]
    fn markup_is_text_and_what_xml_cannot_hold_is_refused() {
        assert_eq!(text("a<b>&\"'\t\r\n").as_deref(), Some("a&lt;b&gt;&amp;\"'\t&#13;\n"));
        assert_eq!(
            text("\u{7f}\u{85}\u{2028}（ﷺ\u{fffd}\u{1fffe}").as_deref(),
            Some("\u{7f}\u{85}\u{2028}（ﷺ\u{fffd}\u{1fffe}")
        );
        for c in ['\0', '\u{8}', '\u{b}', '\u{c}', '\u{1f}', '\u{fffe}', '\u{ffff}'] {
            assert_eq!(text(&format!("long enough{c}and more")), None, "{c:?}");
        }
    }

    #[test]
    fn an_attribute_holds_any_name() {
        assert_eq!(attribute("a\"<&\n\0_x0041_"), " n=\"a&quot;&lt;&amp;&#10;_x0000__x005F_x0041_\"");
        assert_eq!(unescaped_name("a_x0000_b_x_x005F_x0041_"), "a\0b_x_x0041_");
        assert_eq!(unescaped_name("_xD800_"), "_xD800_");
    }

    proptest! {
        #[test]
        fn every_name_is_told_again(name: String, like in "(_x00|_x005F_|4141|_|x|\u{0}|é){0,12}") {
            for name in [name, like] {
                let written = attribute(&name);
                let value = written.strip_prefix(" n=\"").and_then(|rest| rest.strip_suffix('"')).expect("an attribute");
                let read = quick_xml::escape::unescape(value).expect("escaped");
                prop_assert!(read.chars().all(is_char));
                prop_assert_eq!(unescaped_name(&read), name);
            }
        }
    }
}
