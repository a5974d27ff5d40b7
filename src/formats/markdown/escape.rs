//! Text that is text in Markdown, whatever is in it.
//!
//! One thing is beyond it: GitHub's reader makes a link of every address of mail (GFM 6.9), escaped
//! or not. It shows the same characters.

use crate::formats::text::{Part, Unshown, parts};

/// Where text stands: what is markup depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where a line may begin, and with it a list or a heading.
    Line,
    /// In a cell of a table.
    Cell,
}

/// Adds `text` on one line: its own lines end with `<br>`.
pub(super) fn write_inline(text: &str, out: &mut String, unshown: &mut Unshown) {
    write_parts(text.trim_matches([' ', '\t']), Place::Line, "<br>", out, unshown);
}

/// Adds `text` as a cell of a table; its lines end with `<br>`.
pub(super) fn write_cell_text(text: &str, out: &mut String, unshown: &mut Unshown) {
    write_parts(text.trim_matches([' ', '\t']), Place::Cell, "<br>", out, unshown);
}

/// Adds `text` line by line, each behind `lead`; the last ends too.
pub(super) fn write_lines(text: &str, lead: &str, out: &mut String, unshown: &mut Unshown) {
    let mut line = String::new();
    write_parts(text, Place::Line, "\n", &mut line, unshown);
    let mut lines = line.lines().peekable();
    if lines.peek().is_none() {
        out.push_str(lead.trim_end());
        out.push('\n');
    }
    while let Some(line) = lines.next() {
        let said = line.trim_start_matches([' ', '\t']);
        out.push_str(if said.is_empty() { lead.trim_end() } else { lead });
        // Spaces at the start of a line would make it code, or would be lost.
        let indent = line.len() - said.len();
        if !said.is_empty() {
            out.extend(std::iter::repeat_n("&nbsp;", indent));
            out.push_str(said.trim_end_matches([' ', '\t']));
            let goes_on = lines.peek().is_some_and(|next| !next.trim_matches([' ', '\t']).is_empty());
            out.push_str(if goes_on { "\\" } else { "" });
        }
        out.push('\n');
    }
}

fn write_parts(text: &str, place: Place, line_end: &str, out: &mut String, unshown: &mut Unshown) {
    for part in parts(text) {
        match part {
            Part::Text(text) => write_escaped(text, place, out),
            Part::Break => out.push_str(line_end),
            Part::Unfit(character) => {
                unshown.note(character);
                out.push('\u{fffd}');
            }
        }
    }
}

/// Puts a backslash before whatever may be markup where it stands, and leaves the rest readable.
fn write_escaped(text: &str, place: Place, out: &mut String) {
    let mut before = ' ';
    let may_begin = place == Place::Line;
    // Whether there were but digits so far: the next mark may make a list's number of them.
    let mut numbers = may_begin;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let after = characters.peek().copied().unwrap_or(' ');
        let begins = may_begin && begins_block(before, character) || numbers && ends_number(character, after);
        if begins || is_markup(before, character, after) {
            out.push('\\');
        }
        out.push(character);
        numbers = numbers && matches!(character, ' ' | '0'..='9');
        before = character;
    }
}

/// Whether `character` may be markup between these two.
const fn is_markup(before: char, character: char, after: char) -> bool {
    match character {
        // Wherever they stand (GFM 2.4, 4.10, 6.1 to 6.11; mathematics between dollars).
        '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' => true,
        // In addresses (GFM 6.9).
        '.' => matches!(before, 'w' | 'W') && after.is_ascii_alphanumeric(),
        ':' => before.is_ascii_alphabetic() && after != ' ',
        _ => false,
    }
}

/// Whether `character` may be a heading, a list or a rule behind this one (GFM 4.1 to 4.3, 5.2).
const fn begins_block(before: char, character: char) -> bool {
    matches!(character, '#' | '+' | '-' | '=') && !before.is_ascii_alphanumeric()
}

/// Whether digits before these would number a point of a list (GFM 5.2).
const fn ends_number(character: char, after: char) -> bool {
    matches!(character, '.' | ')') && matches!(after, ' ' | '\t')
}
