//! Just enough of Rust's grammar to tell code from comments and texts.

/// A word or a sign of the code, with its line. `::` is one sign, any other is one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    pub line: usize,
    pub text: String,
}

/// The words and signs of `source`; comments, texts, characters and lifetimes are left out.
pub fn tokens(source: &str) -> Vec<Token> {
    let mut scanner = Scanner { rest: source, line: 1 };
    let mut found = Vec::new();
    while let Some(token) = scanner.next() {
        found.extend(token);
    }
    found
}

struct Scanner<'s> {
    rest: &'s str,
    line: usize,
}

impl Scanner<'_> {
    /// The next piece: `Some(None)` is one that does not matter, `None` the end.
    fn next(&mut self) -> Option<Option<Token>> {
        let first = self.rest.chars().next()?;
        if self.rest.starts_with("//") {
            self.skip(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.skip(block_comment(self.rest));
        } else if let Some(length) = raw_text(self.rest) {
            self.skip(length);
        } else if first == '"' {
            self.skip(1 + quoted(&self.rest[1..], '"'));
        } else if first == '\'' {
            self.skip(character_or_lifetime(self.rest));
        } else if first == '_' || first.is_alphabetic() {
            let end = self.rest.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(self.rest.len());
            return Some(Some(self.take(end)));
        } else if self.rest.starts_with("::") {
            return Some(Some(self.take(2)));
        } else if first.is_whitespace() || first.is_numeric() {
            self.skip(first.len_utf8());
        } else {
            return Some(Some(self.take(first.len_utf8())));
        }
        Some(None)
    }

    fn take(&mut self, length: usize) -> Token {
        let token = Token { line: self.line, text: self.rest[..length].to_owned() };
        self.rest = &self.rest[length..];
        token
    }

    fn skip(&mut self, length: usize) {
        self.line += self.rest[..length].matches('\n').count();
        self.rest = &self.rest[length..];
    }
}

/// The length of the comment at the start; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if text[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of the raw text at the start, if there is one.
fn raw_text(text: &str) -> Option<usize> {
    let opening = ["r", "br", "cr"].iter().find(|prefix| {
        let after = text.strip_prefix(**prefix).map(|rest| rest.trim_start_matches('#'));
        after.is_some_and(|rest| rest.starts_with('"'))
    })?;
    let hashes = text[opening.len()..].find('"')?;
    let start = opening.len() + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    Some(text[start..].find(&closing).map_or(text.len(), |end| start + end + closing.len()))
}

/// The length up to and with the closing `quote`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + character.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// `'x'` and `'\n'` end with a quote; `'a` does not, and its name is no word of the code.
fn character_or_lifetime(text: &str) -> usize {
    let mut after = text[1..].chars();
    let (first, second) = (after.next(), after.next());
    match (first, second) {
        (Some('\\'), _) | (Some(_), Some('\'')) => 1 + quoted(&text[1..], '\''),
        _ => {
            let name = text[1..].find(|c: char| c != '_' && !c.is_alphanumeric());
            name.map_or(text.len(), |end| 1 + end)
        }
    }
}
