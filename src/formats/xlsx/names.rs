//! What sheets are called.

use std::collections::HashSet;

/// UTF-16 units of a sheet's name.
const LONGEST: usize = 31;
/// Excel keeps this one for itself.
const RESERVED: &str = "history";

/// Names that are given, each once, whatever its case.
#[derive(Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// A name for the sheet of a section that people call `title`, and programs `name`.
    pub fn first(&mut self, title: &str, name: &str) -> String {
        let plain = plain(title);
        let wanted = if plain.is_empty() { name } else { &plain };
        let whole = shortened(wanted, LONGEST);
        if whole.to_lowercase() != RESERVED && self.0.insert(whole.to_lowercase()) {
            return whole;
        }
        self.next(&whole)
    }

    /// A name for the sheet in which the one called `name` goes on: with the first number that is free.
    pub fn next(&mut self, name: &str) -> String {
        let numbered = |number: u32| {
            let number = format!(" ({number})");
            shortened(name, LONGEST - number.len()) + &number
        };
        let mut names = (2..).map(numbered);
        names.find(|name| self.0.insert(name.to_lowercase())).expect("there are more numbers than sheets")
    }
}

/// Without what a sheet's name must not have: `[ ] : * ? / \`, controls, and `'` at either end.
fn plain(title: &str) -> String {
    let allowed = |letter: char| match letter {
        '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\u{fffe}' | '\u{ffff}' => '_',
        letter if letter.is_control() => '_',
        letter => letter,
    };
    let plain: String = title.chars().map(allowed).collect();
    plain.trim_matches(|letter: char| letter == '\'' || letter.is_whitespace()).to_owned()
}

fn shortened(name: &str, longest: usize) -> String {
    let mut units = 0;
    let fits = |letter: &char| {
        units += letter.len_utf16();
        units <= longest
    };
    let short: String = name.chars().take_while(fits).collect();
    short.trim_end_matches(|letter: char| letter == '\'' || letter.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sheet_has_a_name_that_a_spreadsheet_takes() {
        let mut names = Names::default();
        let long = "ü".repeat(40);
        for (title, name) in [
            ("Messages", "Messages"),
            ("messages", "messages (2)"),
            ("a/b [c]?", "a_b _c__"),
            ("'quoted'", "quoted"),
            ("  ", "section"),
            ("History", "History (2)"),
            (&long, &long[..62]),
            (&long, &format!("{} (2)", &long[..54])),
            ("Messages", "Messages (3)"),
            ("😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀", "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀"),
            ("line\nbreak", "line_break"),
        ] {
            let given = names.first(title, "section");
            assert_eq!(given, name);
            assert!(rust_xlsxwriter::utility::check_sheet_name(&given).is_ok(), "{given}");
        }
        assert_eq!(names.next("Messages"), "Messages (4)");
    }
}
