//! What is let through to the engine: words and signs with which nothing grows.
//!
//! Left out are the operators that make something larger than what they are given (`~ + * **`), lists
//! and maps as literals (two of one in another, thirty times, are compared for years), slices (each
//! looks through all before it), and blocks whose output is caught (`{% set %}` without `=`, `filter`,
//! `recursive`). What a tag may have is counted too: the engine's compiler goes down as deep as its
//! input does.

use crate::reports::limits::{DEEPEST, MOST_ELIFS, MOST_WORDS};

use super::words::{Word, Words};

/// What is wrong with a text, and in which line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Barred {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong.
    pub why: String,
}

/// Words that no operand ends with: what follows one of them begins another operand.
const NO_OPERANDS: &[&str] = &["and", "or", "not", "in", "is", "if", "elif", "else", "for", "set"];

/// Lets `source` through, or not.
pub fn let_through(source: &str) -> Result<(), Barred> {
    let mut open: Vec<&str> = Vec::new();
    let mut elifs = 0;
    let mut rest = 0;
    while let Some((start, kind)) = next_tag(&source[rest..]) {
        let begin = rest + start;
        let barred = |why: String| Barred { line: line(source, begin), why };
        if kind == '#' {
            let end =
                source[begin + 2..].find("#}").ok_or_else(|| barred("a comment does not end".into()))?;
            rest = begin + 2 + end + 2;
            continue;
        }
        let (words, end) = Words::of(source, begin, if kind == '{' { "}}" } else { "%}" })?;
        signs(&words).map_err(barred)?;
        if kind == '%' {
            statement(&words, &mut open, &mut elifs).map_err(barred)?;
        }
        rest = end;
    }
    match open.last() {
        Some(tag) => Err(Barred { line: line(source, source.len()), why: format!("`{tag}` does not end") }),
        None => Ok(()),
    }
}

/// What a text applies: a filter, a test or a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// After `|`.
    Filter,
    /// After `is`.
    Test,
    /// Before `(`.
    Function,
}

/// What a text that was let through applies, each with its name and its line.
pub fn applied(source: &str) -> Vec<(Applied, &str, usize)> {
    let (mut found, mut rest) = (Vec::new(), 0);
    while let Some((start, kind)) = next_tag(&source[rest..]) {
        let begin = rest + start;
        if kind == '#' {
            rest = source[begin + 2..].find("#}").map_or(source.len(), |end| begin + 2 + end + 2);
            continue;
        }
        let Ok((words, end)) = Words::of(source, begin, if kind == '{' { "}}" } else { "%}" }) else { break };
        found.extend(names(&words).into_iter().map(|(applied, name)| (applied, name, line(source, begin))));
        rest = end;
    }
    found
}

fn names<'s>(words: &[Word<'s>]) -> Vec<(Applied, &'s str)> {
    let at = |place: usize, back: usize| place.checked_sub(back).map(|place| words[place]);
    let mut found = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let Word::Name(name) = word else { continue };
        let is_call = words.get(place + 1) == Some(&Word::Sign("("));
        match (at(place, 1), at(place, 2)) {
            (Some(Word::Sign("|")), _) => found.push((Applied::Filter, *name)),
            (Some(Word::Sign(".")), _) => {}
            (Some(Word::Name("is")), _) if *name != "not" => found.push((Applied::Test, *name)),
            (Some(Word::Name("not")), Some(Word::Name("is"))) => found.push((Applied::Test, *name)),
            _ if is_call && !NO_OPERANDS.contains(name) => found.push((Applied::Function, *name)),
            _ => {}
        }
    }
    found
}

/// The line of the place `at`, counted from 1.
pub fn line(source: &str, at: usize) -> usize {
    source[..at].bytes().filter(|byte| *byte == b'\n').count() + 1
}

/// Where the next tag or comment begins, and the sign after its brace.
fn next_tag(rest: &str) -> Option<(usize, char)> {
    let begins = |at: &usize| matches!(rest.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#'));
    let at = rest.match_indices('{').map(|(at, _)| at).find(begins)?;
    Some((at, char::from(rest.as_bytes()[at + 1])))
}

/// Whether every sign stands where it makes nothing grow.
fn signs(words: &[Word<'_>]) -> Result<(), String> {
    if words.len() > MOST_WORDS {
        return Err(format!("has more than {MOST_WORDS} words and signs in one pair of braces"));
    }
    let mut open = Vec::new();
    for (place, word) in words.iter().enumerate() {
        let before = place.checked_sub(1).map(|before| words[before]);
        let after_operand = match before {
            Some(Word::Name(name)) => !NO_OPERANDS.contains(&name) || is_attribute(words, place - 1),
            Some(Word::Sign(sign)) => matches!(sign, ")" | "]"),
            _ => false,
        };
        match word {
            Word::Sign("(") => open.push(if after_operand { "call" } else { "group" }),
            Word::Sign("[") if after_operand => open.push("item"),
            Word::Sign("[") => return Err("lists cannot be written out here".into()),
            Word::Sign(")" | "]") => drop(open.pop()),
            Word::Sign(",") if open.last() != Some(&"call") => {
                return Err("`,` stands between the arguments of a filter and nowhere else".into());
            }
            _ => {}
        }
        if open.len() > DEEPEST {
            return Err(format!("has more than {DEEPEST} parentheses in each other"));
        }
    }
    Ok(())
}

/// Whether the name at `place` is one after a point: there it is a name, whatever it means elsewhere.
fn is_attribute(words: &[Word<'_>], place: usize) -> bool {
    place.checked_sub(1).is_some_and(|before| words[before] == Word::Sign("."))
}

/// Whether a statement is one of those there are, and stands where it may.
fn statement<'s>(words: &[Word<'s>], open: &mut Vec<&'s str>, elifs: &mut usize) -> Result<(), String> {
    let Some(Word::Name(name)) = words.first() else { return Err("a statement begins with a word".into()) };
    match (*name, words) {
        ("if", _) => open.push(name),
        ("for", [_, Word::Name(_), Word::Name("in"), ..]) => {
            if words.last() == Some(&Word::Name("recursive")) && !is_attribute(words, words.len() - 1) {
                return Err("a `for` that calls itself is not possible here".into());
            }
            open.push(name);
        }
        ("for", _) => return Err("`for` is written `{% for row in rows %}`".into()),
        ("elif", _) => *elifs += 1,
        ("else", _) => {}
        ("endif" | "endfor", _) if open.pop() != Some(&name[3..]) => {
            return Err(format!("there is no `{}` that `{name}` could end", &name[3..]));
        }
        ("endif" | "endfor", _) => {}
        ("set", [_, Word::Name(_), Word::Sign("="), ..]) => {}
        ("set", _) => return Err("`set` is written `{% set name = … %}`".into()),
        _ => return Err(format!("`{name}` is not possible here; there are if, elif, else, for and set")),
    }
    if open.len() > DEEPEST {
        return Err(format!("has more than {DEEPEST} of `if` and `for` in each other"));
    }
    if *elifs > MOST_ELIFS {
        return Err(format!("has more than {MOST_ELIFS} of `elif`"));
    }
    Ok(())
}
