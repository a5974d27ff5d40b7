//! What text may hold in documents made for people, and what it may not.

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// Characters that may stand as they are, but for what is markup.
    Text(&'a str),
    /// A line ends, whatever it ended with.
    Break,
    /// A character that has no place in text: a control, or none of Unicode's characters.
    Unfit(char),
}

/// The parts of `text`, in order.
pub(super) fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let fit = rest.find(|character| is_break(character) || is_unfit(character)).unwrap_or(rest.len());
        if fit > 0 {
            let (part, after) = rest.split_at(fit);
            rest = after;
            return Some(Part::Text(part));
        }
        let length = if rest.starts_with("\r\n") { 2 } else { first.len_utf8() };
        rest = &rest[length..];
        Some(if is_break(first) { Part::Break } else { Part::Unfit(first) })
    })
}

/// Whether a line ends with it: what Unicode says (UAX #14, classes BK, CR, LF, NL).
const fn is_break(character: char) -> bool {
    matches!(character, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Whether it is a control or a noncharacter (Unicode, section 23.7).
const fn is_unfit(character: char) -> bool {
    let code = character as u32;
    match character {
        '\t' => false,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fdd0}'..='\u{fdef}' => true,
        _ => code & 0xfffe == 0xfffe,
    }
}

/// Characters that had to be shown as something else.
#[derive(Debug, Default)]
pub(super) struct Unshown {
    count: u64,
    first: Option<char>,
}

impl Unshown {
    /// Another one.
    pub(super) fn note(&mut self, character: char) {
        self.count += 1;
        self.first.get_or_insert(character);
    }

    /// What there is to tell of them: how many, what is `the_matter`, and which was the first.
    pub(super) fn told(&self, the_matter: &str) -> Option<String> {
        let first = u32::from(self.first?);
        let (count, s) = (self.count, if self.count == 1 { "" } else { "s" });
        Some(format!("{count} character{s} {the_matter}, such as U+{first:04X}"))
    }
}

/// What is told of characters that became U+FFFD.
pub(super) const REPLACED: &str = "that text cannot hold: shown as U+FFFD";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_and_controls_are_found_wherever_they_stand() {
        let text = "a\r\n\rb\u{2028}\0c\td\u{ffff}";
        let expected = [
            Part::Text("a"),
            Part::Break,
            Part::Break,
            Part::Text("b"),
            Part::Break,
            Part::Unfit('\0'),
            Part::Text("c\td"),
            Part::Unfit('\u{ffff}'),
        ];
        assert_eq!(parts(text).collect::<Vec<_>>(), expected);
        assert_eq!(parts("").count(), 0);
    }

    #[test]
    fn what_is_shown_as_something_else_is_told_with_an_example() {
        let mut unshown = Unshown::default();
        assert_eq!(unshown.told("x"), None);
        unshown.note('\0');
        assert_eq!(unshown.told("is hidden").as_deref(), Some("1 character is hidden, such as U+0000"));
        unshown.note('\u{1f600}');
        assert_eq!(unshown.told("hide").as_deref(), Some("2 characters hide, such as U+0000"));
    }
}
