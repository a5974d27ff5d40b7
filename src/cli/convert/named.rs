//! What the name of a file tells of it.

use std::path::Path;

use crate::cli::outcome::{Exit, Failure};
use crate::cli::plain::plain_path;
use crate::domain::Format;

/// How a file is compressed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Not at all.
    No,
    /// With gzip (RFC 1952).
    Gzip,
    /// With Zstandard (RFC 8878).
    Zstd,
}

/// The format of that word, or of files that end with it.
pub fn parse(word: &str) -> Result<Format, String> {
    let is_named = |format: &Format| format.as_str() == word || format.extension() == word;
    let of_others = || (word == "ndjson").then_some(Format::Jsonl);
    let data = Format::ALL.into_iter().filter(|format| format.archive().is_none());
    data.clone().find(is_named).or_else(of_others).ok_or_else(|| {
        let known: Vec<_> = data.map(Format::as_str).collect();
        format!("`{word}` is no format of rows; there are {}", known.join(", "))
    })
}

/// How the name says that the file is compressed.
pub fn pressed(path: &Path) -> Pressed {
    match end(path).as_deref() {
        Some("gz") => Pressed::Gzip,
        Some("zst") => Pressed::Zstd,
        _ => Pressed::No,
    }
}

/// The format that the end of the name tells, before `.gz` or `.zst`.
pub fn format_of(path: &Path, flag: &str) -> Result<Format, Failure> {
    let inner = if pressed(path) == Pressed::No { path.into() } else { path.with_extension("") };
    let format = end(&inner).and_then(|end| parse(&end).ok());
    let what = || format!("{}: its name does not tell its format; say it with {flag}", plain_path(path));
    format.ok_or_else(|| Failure::new(Exit::WrongUse, what()))
}

fn end(path: &Path) -> Option<String> {
    path.extension()?.to_str().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells_format_and_compression() {
        for (name, format, compression) in [
            ("a.csv", Some(Format::Csv), Pressed::No),
            ("A.JSON.GZ", Some(Format::Json), Pressed::Gzip),
            ("b.d/a.ndjson.zst", Some(Format::Jsonl), Pressed::Zstd),
            ("a.md", Some(Format::Markdown), Pressed::No),
            ("a.zip", None, Pressed::No),
            ("a.gz", None, Pressed::Gzip),
            ("csv", None, Pressed::No),
            ("-", None, Pressed::No),
        ] {
            let path = Path::new(name);
            assert_eq!((format_of(path, "--from").ok(), pressed(path)), (format, compression), "{name}");
        }
    }
}
