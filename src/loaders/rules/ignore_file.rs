//! A project's own word on what is exported of it.

use std::collections::HashMap;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::super::naming::portable;
use super::asked::as_path;

/// The names of ignore files, in the order in which they are to be obeyed: the later one of a
/// folder has the last word. The first is what an earlier system called it.
pub const IGNORE_FILES: [&str; 2] = [".sheenexportignore", ".exportignore"];
/// How many bytes of an ignore file are read.
pub const MOST_BYTES: usize = 64 * 1024;
/// How many patterns of one file count.
const MOST_PATTERNS: usize = 1_000;
/// How long a pattern may be, and how many stars it may have. Longer ones say nothing that shorter
/// ones could not, and take long to match.
const LONGEST: usize = 1_024;
const MOST_STARS: usize = 16;
/// How many faults of one file are told.
const MOST_FAULTS: usize = 10;

/// The patterns of one ignore file (gitignore(5)), for all that is in its folder.
#[derive(Debug)]
pub struct IgnoreFile {
    folder: Vec<u8>,
    place: String,
    globs: Gitignore,
    lines: Lines,
}

/// Where a pattern stands, and how it is written there. Of two that are alike the last one decides.
type Lines = HashMap<String, (usize, String)>;

/// What an ignore file says of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It is left out: by this rule.
    Ignored(String),
    /// It is not left out.
    Included,
}

impl IgnoreFile {
    /// Reads `text`, the file `name` of `folder`, up to `most` patterns; and what was wrong with it.
    pub fn read(folder: &[u8], name: &str, text: &[u8], most: usize) -> (Self, Vec<String>) {
        let mut faults = Faults::default();
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut reading = Reading::new(most.min(MOST_PATTERNS));
        for (number, line) in beginning(text, &mut faults).split(|byte| *byte == b'\n').enumerate() {
            if !reading.line(number + 1, line, &mut faults) {
                break;
            }
        }
        let (globs, lines) = reading.finish(&mut faults);
        let place = portable(&[folder, name.as_bytes()].concat()).0;
        (Self { folder: folder.to_vec(), place, globs, lines }, faults.told())
    }

    /// Its path, as it is told.
    pub fn place(&self) -> &str {
        &self.place
    }

    /// How many patterns it has.
    pub fn patterns(&self) -> usize {
        self.globs.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.globs.is_empty()
    }

    /// Whether `path` is in its folder.
    pub fn is_above(&self, path: &[u8]) -> bool {
        path.starts_with(&self.folder)
    }

    /// What it says of `path`, which is in its folder; the last pattern that is for it decides.
    pub fn says(&self, path: &[u8], is_folder: bool) -> Option<Said> {
        match self.globs.matched(as_path(&path[self.folder.len()..]), is_folder) {
            Match::None => None,
            Match::Whitelist(_) => Some(Said::Included),
            Match::Ignore(glob) => Some(Said::Ignored(self.rule(glob.original()))),
        }
    }

    fn rule(&self, pattern: &str) -> String {
        let (line, written) = self.lines.get(pattern).map_or((0, pattern), |(line, text)| (*line, text));
        format!("{}:{line} {written}", self.place)
    }
}

/// An ignore file that is being read.
struct Reading {
    builder: GitignoreBuilder,
    lines: Lines,
    left: usize,
}

impl Reading {
    fn new(most: usize) -> Self {
        Self { builder: GitignoreBuilder::new(""), lines: HashMap::new(), left: most }
    }

    /// Takes a line; `false` when no more are to come.
    fn line(&mut self, number: usize, line: &[u8], faults: &mut Faults) -> bool {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.starts_with(b"#") || line.iter().all(u8::is_ascii_whitespace) {
            return true;
        }
        if self.left == 0 {
            faults.add(format!("line {number} and what follows is not read: more patterns than are obeyed"));
            return false;
        }
        match self.pattern(number, line) {
            Ok(()) => self.left -= 1,
            Err(why) => faults.add(format!("line {number} is not obeyed: {why}")),
        }
        true
    }

    fn pattern(&mut self, number: usize, line: &[u8]) -> Result<(), &'static str> {
        let written = std::str::from_utf8(line).map_err(|_| "it is not UTF-8")?;
        if written.len() > LONGEST {
            return Err("it is longer than 1024 bytes");
        }
        if written.bytes().filter(|byte| *byte == b'*').count() > MOST_STARS {
            return Err("it has more than 16 stars");
        }
        // A space at the end counts only behind a backslash.
        let written = if written.ends_with("\\ ") { written } else { written.trim_end() };
        let pattern = with_plain_braces(written);
        self.builder.add_line(None, &pattern).map_err(|_| "it is no pattern of gitignore's")?;
        self.lines.insert(pattern, (number, written.to_owned()));
        Ok(())
    }

    fn finish(self, faults: &mut Faults) -> (Gitignore, Lines) {
        let globs = self.builder.build().unwrap_or_else(|_| {
            faults.add("nothing of it is obeyed: its patterns are too much together".to_owned());
            Gitignore::empty()
        });
        (globs, self.lines)
    }
}

/// Braces mean themselves to git, and alternatives to the library.
fn with_plain_braces(pattern: &str) -> String {
    let mut plain = String::with_capacity(pattern.len());
    let mut is_escaped = false;
    for c in pattern.chars() {
        if matches!(c, '{' | '}') && !is_escaped {
            plain.push('\\');
        }
        is_escaped = c == '\\' && !is_escaped;
        plain.push(c);
    }
    plain
}

/// What is read of `text`: whole lines, up to [`MOST_BYTES`].
fn beginning<'t>(text: &'t [u8], faults: &mut Faults) -> &'t [u8] {
    if text.len() <= MOST_BYTES {
        return text;
    }
    faults.add(format!("only its first {} KiB are read", MOST_BYTES / 1024));
    let text = &text[..MOST_BYTES];
    &text[..text.iter().rposition(|byte| *byte == b'\n').unwrap_or(0)]
}

/// What is wrong with a file: the first few, and how many more.
#[derive(Default)]
struct Faults {
    told: Vec<String>,
    more: usize,
}

impl Faults {
    fn add(&mut self, fault: String) {
        if self.told.len() < MOST_FAULTS { self.told.push(fault) } else { self.more += 1 }
    }

    fn told(mut self) -> Vec<String> {
        if self.more > 0 {
            self.told.push(format!("{} more lines are not obeyed", self.more));
        }
        self.told
    }
}
