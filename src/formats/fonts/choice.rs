//! Which font for which character.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use parley::{FontContext, FontFamily, FontFamilyName};

use super::shelf::{Family, OWN_NAME, Shelf};

/// What one document chooses its fonts by, and has chosen so far.
pub(in crate::formats) struct Choice {
    shelf: Arc<Shelf>,
    chosen: HashMap<(char, Tongue), Option<usize>>,
    emoji: Option<usize>,
}

/// Which shapes Han characters have: a guess from what stands beside them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Tongue {
    Chinese,
    Japanese,
    Korean,
}

/// Families for a stretch of a text, best first.
pub(in crate::formats) struct Stretch {
    /// Where, in bytes.
    pub(in crate::formats) range: Range<usize>,
    /// Which, in the words of the layout.
    pub(in crate::formats) families: FontFamily<'static>,
}

impl Choice {
    pub(super) fn new(shelf: Arc<Shelf>) -> Self {
        let emoji = shelf.others.iter().position(|family| family.name.contains("Color Emoji"));
        let emoji = emoji.or_else(|| shelf.others.iter().position(|family| family.name.contains("Emoji")));
        Self { shelf, chosen: HashMap::new(), emoji }
    }

    /// What lays out text with the fonts there are.
    pub(in crate::formats) fn context(&self) -> FontContext {
        self.shelf.context()
    }

    /// Families for the whole of `text`, and others for stretches of it. Text that the house's own
    /// suffices for, as most does, has no stretches.
    pub(in crate::formats) fn of(&mut self, text: &str) -> (FontFamily<'static>, Vec<Stretch>) {
        if text.is_ascii() {
            return (self.families(&[], false), Vec::new());
        }
        let tongue = Tongue::of(text);
        let mut needed = Vec::new();
        for character in text.chars().filter(|character| !character.is_ascii()) {
            if let Some(family) = self.family(character, tongue)
                && !needed.contains(&family)
            {
                needed.push(family);
            }
        }
        let stretches = if self.emoji.is_some() { emoji(text) } else { Vec::new() };
        let in_colour = |range| Stretch { range, families: self.families(&needed, true) };
        let stretches = stretches.into_iter().map(in_colour).collect();
        (self.families(&needed, false), stretches)
    }

    /// The house's own and these others.
    fn families(&self, others: &[usize], emoji_first: bool) -> FontFamily<'static> {
        let others = others.iter().copied().filter(|other| Some(*other) != self.emoji || !emoji_first);
        let first = self.emoji.filter(|_| emoji_first);
        let name = |place: usize| Cow::Owned(self.shelf.others[place].name.clone());
        let names = first.map(name).into_iter();
        let names = names.chain(std::iter::once(Cow::Borrowed(OWN_NAME))).chain(others.map(name));
        FontFamily::List(names.map(FontFamilyName::Named).collect())
    }

    /// The place of the family beside the house's own that has a glyph for `character`.
    fn family(&mut self, character: char, tongue: Tongue) -> Option<usize> {
        let shelf = &self.shelf;
        *self.chosen.entry((character, tongue)).or_insert_with(|| {
            if shelf.own.iter().any(|family| family.has(character)) {
                return None;
            }
            let in_tongue = |family: &Family| family.name.ends_with(tongue.suffix()) && family.has(character);
            let others = &shelf.others;
            others
                .iter()
                .position(in_tongue)
                .or_else(|| others.iter().position(|family| family.has(character)))
        })
    }
}

impl Tongue {
    fn of(text: &str) -> Self {
        let mut tongue = Self::Chinese;
        for character in text.chars() {
            match character {
                '\u{3040}'..='\u{30ff}' => return Self::Japanese,
                '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7af}' => tongue = Self::Korean,
                _ => {}
            }
        }
        tongue
    }

    /// What the names of fonts with these shapes end with.
    const fn suffix(self) -> &'static str {
        match self {
            Self::Chinese => " SC",
            Self::Japanese => " JP",
            Self::Korean => " KR",
        }
    }
}

/// Where pictures stand in a text: characters of the planes that have them, those made pictures by
/// U+FE0F, and what joins them (UTS #51).
fn emoji(text: &str) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        let is_picture = matches!(character, '\u{1f000}'..='\u{1faff}') || next == Some('\u{fe0f}');
        let joins = matches!(character, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{e0020}'..='\u{e007f}');
        let end = at + character.len_utf8();
        match stretches.last_mut() {
            Some(last) if last.end == at && (is_picture || joins) => last.end = end,
            _ if is_picture => stretches.push(at..end),
            _ => {}
        }
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_found_with_what_belongs_to_them() {
        let text = "a👩🏽‍💻b❤️c1️⃣2";
        let found: Vec<_> = emoji(text).into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, ["👩🏽‍💻", "❤️", "1️⃣"]);
    }

    #[test]
    fn han_is_read_by_what_stands_beside_it() {
        assert_eq!(Tongue::of("漢字"), Tongue::Chinese);
        assert_eq!(Tongue::of("漢字かな"), Tongue::Japanese);
        assert_eq!(Tongue::of("漢字 한글"), Tongue::Korean);
    }
}
