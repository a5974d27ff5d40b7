//! Text that a terminal only shows.

use crate::formats::text::Unshown;

/// Writes `text` with `indent` behind every line break in it. Control characters are their pictures
/// (U+2400 and up), those of the second set `<U+0085>`; `unshown` hears of each.
pub fn push_visible(out: &mut Vec<u8>, text: &str, indent: &str, unshown: &mut Unshown) {
    // Most texts are all letters.
    if !text.chars().any(is_special) {
        return out.extend_from_slice(text.as_bytes());
    }
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\u{2028}' | '\u{2029}' => {
                out.push(b'\n');
                out.extend_from_slice(indent.as_bytes());
            }
            '\t' => out.push(b'\t'),
            c if c.is_control() => {
                unshown.note(c);
                push_control(out, c);
            }
            c => push_char(out, c),
        }
    }
}

fn push_control(out: &mut Vec<u8>, c: char) {
    match c {
        '\0'..='\u{1f}' => push_char(out, picture(u32::from(c))),
        '\u{7f}' => push_char(out, picture(0x21)),
        c => out.extend_from_slice(format!("<U+{:04X}>", u32::from(c)).as_bytes()),
    }
}

fn is_special(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// U+2400 for 0, and so on; U+2421 for DEL.
fn picture(code: u32) -> char {
    char::from_u32(0x2400 + code).expect("the block of control pictures")
}

fn push_char(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_a_terminal_that_it_would_obey() {
        let mut out = Vec::new();
        let mut unshown = Unshown::default();
        let text = "a\u{1b}[31m\u{9b}2J\0\u{7f}\u{8}\tb\r\nc\rd\u{2028}e é日𐍈";
        push_visible(&mut out, text, "  ", &mut unshown);
        let text = String::from_utf8(out).expect("UTF-8");
        assert_eq!(text, "a␛[31m<U+009B>2J␀␡␈\tb\n  c␍d\n  e é日𐍈");
        assert_eq!(
            unshown.told("hide").as_deref(),
            Some("6 characters hide, such as U+001B"),
            "and it is told"
        );
    }
}
