//! Which rooms and crates a file names, in `use` or in a path, however it gets there.

use super::tokens::{Token, tokens};

/// What a path leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// `crate::room`, or a `super::` chain that comes out at the root.
    Room(String),
    /// `name::…` from outside.
    Crate(String),
}

/// Everything that `text`, the file of `module`, names, with the lines.
pub fn named_by(text: &str, module: &[String]) -> Vec<(usize, Named)> {
    let tokens = tokens(text);
    let mut reading = Reading { tokens: &tokens, module, inner: Vec::new(), depth: 0, found: Vec::new() };
    for at in 0..tokens.len() {
        reading.look(at);
    }
    reading.found
}

struct Reading<'t> {
    tokens: &'t [Token],
    module: &'t [String],
    /// The brace depths at which inline modules began.
    inner: Vec<usize>,
    depth: usize,
    found: Vec<(usize, Named)>,
}

impl Reading<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| token.text.as_str())
    }

    fn look(&mut self, at: usize) {
        match self.text(at) {
            "{" => {
                if at >= 2 && self.text(at - 2) == "mod" {
                    self.inner.push(self.depth);
                }
                self.depth += 1;
            }
            "}" => {
                self.depth = self.depth.saturating_sub(1);
                if self.inner.last() == Some(&self.depth) {
                    self.inner.pop();
                }
            }
            _ if self.begins_a_path(at) => self.path(at),
            _ => {}
        }
    }

    /// Whether a path begins here rather than goes on: not after `::` or `.`, and followed by
    /// `::`, or alone in a `use`.
    fn begins_a_path(&self, at: usize) -> bool {
        let before = if at == 0 { "" } else { self.text(at - 1) };
        let word = self.text(at).starts_with(|first: char| first == '_' || first.is_alphabetic());
        let goes_on = before == "." || (before == "::" && at > 1 && self.text(at - 2) != "use");
        word && !goes_on && (self.text(at + 1) == "::" || before == "use")
    }

    fn path(&mut self, at: usize) {
        match self.text(at) {
            "crate" => self.rooms(at + 2),
            "exportd" if self.module.is_empty() => self.rooms(at + 2),
            "self" | "Self" => {}
            "super" => {
                let (mut ups, mut next) = (0, at);
                while self.text(next) == "super" {
                    (ups, next) = (ups + 1, next + 2);
                }
                if ups == self.module.len() + self.inner.len() {
                    self.rooms(next);
                }
            }
            name => self.found.push((self.tokens[at].line, Named::Crate(name.to_owned()))),
        }
    }

    /// The rooms named at the root: one word, or the first words of a group.
    fn rooms(&mut self, at: usize) {
        if self.text(at) != "{" {
            self.room(at);
            return;
        }
        let (mut depth, mut next) = (1, at + 1);
        while depth > 0 && next < self.tokens.len() {
            match self.text(next) {
                "{" => depth += 1,
                "}" => depth -= 1,
                _ if depth == 1 && matches!(self.text(next - 1), "{" | ",") => self.room(next),
                _ => {}
            }
            next += 1;
        }
    }

    fn room(&mut self, at: usize) {
        if let Some(token) = self.tokens.get(at) {
            self.found.push((token.line, Named::Room(token.text.clone())));
        }
    }
}
