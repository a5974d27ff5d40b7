//! The words and signs of a tag.

use super::gate::{Barred, line};

/// A word or a sign between braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word<'s> {
    /// A name, or a word like `if`.
    Name(&'s str),
    /// A number.
    Number,
    /// A text in quotes.
    Text,
    /// Anything else that may stand there.
    Sign(&'s str),
}

/// Signs, the longer ones first.
const SIGNS: &[&str] =
    &["==", "!=", "<=", ">=", "//", ".", ",", "(", ")", "[", "]", "|", "=", "<", ">", "-", "/", "%"];

/// Signs of the language that are not let through, and what to write instead.
const NOT_HERE: &[(&str, &str)] = &[
    ("**", "`**` is not possible here"),
    ("*", "`*` is not possible here: write `a|times(b)`"),
    ("+", "`+` is not possible here: write `a|plus(b)`"),
    ("~", "`~` is not possible here: write the two after each other, or `|join`"),
    (":", "`:` is not possible here: for part of a list, write `|first(n)` or `|last(n)`"),
    ("{", "`{` is not possible here"),
];

/// Reads the words of tags.
pub struct Words<'s> {
    source: &'s str,
    at: usize,
}

impl<'s> Words<'s> {
    /// The words of the tag that begins at `begin` and ends with `close`, and the place after it.
    pub fn of(source: &'s str, begin: usize, close: &str) -> Result<(Vec<Word<'s>>, usize), Barred> {
        let mut reader = Self { source, at: begin + 2 };
        // `{{-` takes the white space before it.
        if reader.rest().starts_with('-') {
            reader.at += 1;
        }
        let mut words = Vec::new();
        loop {
            reader.at +=
                reader.rest().len() - reader.rest().trim_start_matches([' ', '\t', '\r', '\n']).len();
            let rest = reader.rest();
            let is_stripping = rest.strip_prefix('-').is_some_and(|rest| rest.starts_with(close));
            if is_stripping || rest.starts_with(close) {
                return Ok((words, reader.at + usize::from(is_stripping) + close.len()));
            }
            if rest.is_empty() {
                return Err(Barred { line: line(source, begin), why: format!("`{close}` is missing") });
            }
            words.push(reader.word()?);
        }
    }

    fn rest(&self) -> &'s str {
        &self.source[self.at..]
    }

    fn word(&mut self) -> Result<Word<'s>, Barred> {
        let rest = self.rest();
        let first = rest.as_bytes()[0];
        let (word, length) = match first {
            b'"' | b'\'' => (Word::Text, self.quoted(first)?),
            b'0'..=b'9' => (Word::Number, number(rest)),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                let length = name(rest);
                (Word::Name(&rest[..length]), length)
            }
            _ => {
                let sign = self.sign()?;
                (Word::Sign(sign), sign.len())
            }
        };
        self.at += length;
        Ok(word)
    }

    fn quoted(&self, quote: u8) -> Result<usize, Barred> {
        let mut is_escaped = false;
        for (place, byte) in self.rest().bytes().enumerate().skip(1) {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                byte if byte == quote => return Ok(place + 1),
                _ => {}
            }
        }
        Err(self.barred("a text in quotes does not end"))
    }

    fn sign(&self) -> Result<&'static str, Barred> {
        let rest = self.rest();
        if let Some((_, why)) = NOT_HERE.iter().find(|(sign, _)| rest.starts_with(sign)) {
            return Err(self.barred(why));
        }
        let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
        let first = rest.chars().next().unwrap_or_default();
        sign.copied().ok_or_else(|| self.barred(&format!("`{first}` is not possible here")))
    }

    fn barred(&self, why: &str) -> Barred {
        Barred { line: line(self.source, self.at), why: why.to_owned() }
    }
}

fn name(rest: &str) -> usize {
    rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

/// Digits, perhaps a point and digits. An exponent with a sign is none here.
fn number(rest: &str) -> usize {
    let whole = name(rest);
    let fraction =
        rest[whole..].strip_prefix('.').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    whole + fraction.map_or(0, |fraction| 1 + name(fraction))
}
