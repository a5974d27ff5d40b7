//! Names that differ here, and are one and the same where letters of either case, or the ways to
//! write one letter, are alike.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use crate::domain::{Warning, WarningCode};
use crate::packaging::Entry;

/// Warns of every entry, or folder of entries, that a case-insensitive or normalising file system
/// takes for one that came before it. The entries stay: where they come from they are two.
pub fn warn_of_twins(entries: &[Entry]) -> Vec<Warning> {
    let mut met: HashMap<String, &str> = HashMap::new();
    let mut warnings = Vec::new();
    for entry in entries {
        // Folders that twins lie in are told once, and what is in both of them by itself.
        for end in ends(&entry.path) {
            let path = &entry.path[..end];
            let first = *met.entry(alike(path)).or_insert(path);
            if first != path {
                warnings.push(warning(path, first));
                met.insert(alike(path), path);
            }
        }
    }
    warnings
}

fn warning(path: &str, first: &str) -> Warning {
    let message = format!(
        "where case or Unicode form do not count, this is `{first}` too: one would replace the other"
    );
    Warning { code: WarningCode::NameCollision, path: Some(path.to_owned()), message }
}

/// Where the names of the path's folders end, and its own.
fn ends(path: &str) -> impl Iterator<Item = usize> {
    let whole = path.strip_suffix('/').unwrap_or(path).len();
    path.match_indices('/').map(|(at, _)| at).filter(move |at| *at < whole).chain([whole])
}

/// What Windows drops at a name's end.
const DROPPED: [char; 2] = ['.', ' '];

/// The same for all names that some system takes for one: in its decomposed form (NFD), of one case,
/// without the dots and spaces that Windows drops at the end.
fn alike(path: &str) -> String {
    let folded = if path.is_ascii() {
        path.to_ascii_lowercase()
    } else {
        // Up and down again: `ſ`, `ς` and the Kelvin sign only meet their like there.
        let upper = path.nfd().flat_map(char::to_uppercase);
        upper.flat_map(char::to_lowercase).nfd().collect()
    };
    if !folded.split('/').any(|name| name.ends_with(DROPPED)) {
        return folded;
    }
    let trimmed: Vec<_> = folded.split('/').map(|name| name.trim_end_matches(DROPPED)).collect();
    trimmed.join("/")
}

/// Whether among siblings some may be twins: what a walk asks of every folder, so that it looks
/// closely only where there are any. Now and then it says yes to none.
#[derive(Debug, Default)]
pub struct Siblings(Vec<u64>);

impl Siblings {
    /// Whether two of `names` may be alike.
    pub fn may_be_alike<'n>(&mut self, names: impl Iterator<Item = &'n [u8]>) -> bool {
        self.0.clear();
        self.0.extend(names.map(rough));
        self.0.sort_unstable();
        self.0.windows(2).any(|pair| pair[0] == pair[1])
    }
}

/// A number that twins share (FNV-1a).
fn rough(name: &[u8]) -> u64 {
    let hash =
        |hash: u64, byte: &u8| (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3);
    let start = 0xcbf2_9ce4_8422_2325;
    if name.is_ascii() {
        let end = name.iter().rposition(|byte| !matches!(byte, b'.' | b' ')).map_or(0, |last| last + 1);
        return name[..end].iter().fold(start, hash);
    }
    alike(&String::from_utf8_lossy(name)).as_bytes().iter().fold(start, hash)
}

#[cfg(test)]
mod tests {
    use crate::packaging::EntryKind;

    use super::*;

    fn entries(paths: &[&str]) -> Vec<Entry> {
        let kind = EntryKind::File;
        let entry =
            |path: &&str| Entry { path: (*path).to_owned(), kind, size: 0, origin: None, identity: None };
        paths.iter().map(entry).collect()
    }

    fn told(paths: &[&str]) -> Vec<String> {
        warn_of_twins(&entries(paths)).into_iter().filter_map(|warning| warning.path).collect()
    }

    #[test]
    fn names_of_other_case_or_form_are_told_and_folders_once() {
        for (one, other) in [
            ("README", "readme"),
            ("gro\u{308}ße", "größe"),
            ("STRASSE", "straße"),
            ("ΟΔΟΣ", "οδος"),
            ("\u{212a}", "k"),
            ("a", "a."),
            ("Å", "\u{212b}"),
        ] {
            let (mut both, mut siblings) = ([one, other], Siblings::default());
            both.sort_unstable();
            assert_eq!(told(&both), [both[1]], "{one} {other}");
            assert!(siblings.may_be_alike(both.iter().map(|name| name.as_bytes())), "{one} {other}");
        }
        assert_eq!(told(&["A/x", "A/y", "a/x", "a/z"]), ["a", "a/x"]);
        assert_eq!(told(&["Lib", "lib/x", "lib/y"]), ["lib"], "a file in the place of a folder");
        assert_eq!(told(&["A/", "a/"]), ["a"], "empty folders too");
    }

    #[test]
    fn names_that_every_system_tells_apart_are_not_told() {
        let names = ["a", "b", "a.b", "ä", "a/b", "a-b", ".a", "..a", "e\u{301}a", "ea"];
        assert!(told(&names).is_empty(), "{:?}", told(&names));
        assert!(!Siblings::default().may_be_alike(["a", "b", "a.b", "ä"].iter().map(|name| name.as_bytes())));
    }
}
