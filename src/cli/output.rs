//! Where words go: results to standard output, everything else to standard error.

use std::fmt::{Display, Write as _};
use std::io::{self, ErrorKind, Write};

use serde::Serialize;

use super::outcome::Failure;
use super::plain::{is_unsafe, plain};

/// Prints a result and the end of its line. A reader that has seen enough (`| head`) is no
/// failure.
///
/// # Errors
/// When standard output cannot be written otherwise.
pub fn result(text: impl Display) -> Result<(), Failure> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// Prints a result for programs.
///
/// # Errors
/// When standard output cannot be written.
pub fn json(value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).expect("our views have text keys only");
    result(escaped(&text))
}

/// JSON need not escape all that a terminal would obey. Outside of its texts there is none of it.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_unsafe(c) && c != '\n' {
            // All of them are in the first plane, and are one unit of UTF-16.
            let _never_fails = write!(escaped, "\\u{:04x}", u32::from(c));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// Tells a person something that is not a result. Whatever a file or a system call brought into it,
/// a terminal shows it and does not obey.
pub fn note(words: impl Display) {
    let words = words.to_string();
    let lines: Vec<_> = words.split('\n').map(plain).collect();
    // With standard error gone, nobody is left to tell.
    let _ = writeln!(io::stderr().lock(), "{}", lines.join("\n"));
}

/// Tells why the command failed.
pub fn complain(failure: &Failure) {
    note(format_args!("exportd: {failure}"));
}

/// Rows under their headings, each column as wide as its widest cell, the last one free.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let headings = headings.map(str::to_owned);
    let lines = || std::iter::once(&headings).chain(rows);
    let width = |column: usize| lines().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_lines_up_whatever_the_script() {
        let rows = [["a".to_owned(), "1".to_owned()], ["größer".to_owned(), "2".to_owned()]];
        assert_eq!(table(["NAME", "N"], &rows), "NAME    N\na       1\ngrößer  2");
    }

    #[test]
    fn json_says_the_same_and_a_terminal_does_not_obey_it() {
        let text = "a\u{9b}31m\u{202e}\n\u{1b}ß";
        let told = escaped(&serde_json::to_string_pretty(&[text]).expect("text"));
        assert_eq!(serde_json::from_str::<Vec<String>>(&told).expect("JSON"), [text]);
        assert!(told.chars().all(|c| !is_unsafe(c) || c == '\n'), "{told}");
    }
}
