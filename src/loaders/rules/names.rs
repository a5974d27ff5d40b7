//! Many patterns of one's own, looked up at once.
//!
//! A walk asks this of every entry, and the patterns are ours: whole names, names with `*` in them,
//! and ends of paths. So a name is looked up, not matched against an expression of them all.

use std::collections::HashMap;

use crate::packaging::ExcludeReason;

/// Patterns, each with the reason that it gives.
#[derive(Debug, Clone, Default)]
pub struct Names {
    patterns: Vec<Pattern>,
    /// Patterns whose last component has no `*`, by that component.
    exact: HashMap<Vec<u8>, Vec<usize>>,
    /// The others, by the byte that a name must begin with; those that begin with `*`, by the
    /// byte that it must end with.
    by_first: HashMap<u8, Vec<usize>>,
    by_last: HashMap<u8, Vec<usize>>,
    /// Those that do both.
    anywhere: Vec<usize>,
}

/// A pattern, in lower case: letters of either case are alike.
#[derive(Debug, Clone)]
struct Pattern {
    text: &'static str,
    reason: ExcludeReason,
    kind: Kind,
    /// The components, the last one first.
    components: Vec<Vec<u8>>,
}

/// What a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Whatever has the name.
    Any,
    /// Files and whatever else is no folder.
    File,
    /// Folders.
    Folder,
}

impl Names {
    /// Adds `patterns`, which give `reason`. Those that end in `/` are for folders, the others for
    /// what `kind` says. Earlier ones are asked first.
    pub fn add(&mut self, reason: ExcludeReason, patterns: &[&'static str], kind: Kind) {
        for text in patterns {
            let kind = if text.ends_with('/') { Kind::Folder } else { kind };
            let bare = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
            let components: Vec<_> = bare.rsplit('/').map(|part| part.as_bytes().to_vec()).collect();
            let number = self.patterns.len();
            let of = match components[0][..] {
                _ if !components[0].contains(&b'*') => self.exact.entry(components[0].clone()).or_default(),
                [first, ..] if first != b'*' => self.by_first.entry(first).or_default(),
                [.., last] if last != b'*' => self.by_last.entry(last).or_default(),
                _ => &mut self.anywhere,
            };
            of.push(number);
            self.patterns.push(Pattern { text, reason, kind, components });
        }
    }

    /// The first pattern that `path` is of, and its reason.
    pub fn find(&self, path: &[u8], is_folder: bool) -> Option<(ExcludeReason, &'static str)> {
        let last = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default().to_ascii_lowercase();
        let (first, end) = (*last.first()?, *last.last()?);
        let exact = self.exact.get(&last).into_iter().flatten();
        let starred = [self.by_first.get(&first), self.by_last.get(&end), Some(&self.anywhere)];
        let starred = starred.into_iter().flatten().flatten();
        let fitting = starred.filter(|number| fits(&self.patterns[**number].components[0], &last));
        let found =
            exact.chain(fitting).filter(|number| self.patterns[**number].is_for(path, is_folder)).min()?;
        let pattern = &self.patterns[*found];
        Some((pattern.reason, pattern.text))
    }
}

impl Pattern {
    /// Whether it is for `path`, whose last component fits.
    fn is_for(&self, path: &[u8], is_folder: bool) -> bool {
        let is_kind = match self.kind {
            Kind::Any => true,
            Kind::File => !is_folder,
            Kind::Folder => is_folder,
        };
        let mut above = path.rsplit(|byte| *byte == b'/').skip(1);
        is_kind
            && self.components[1..]
                .iter()
                .all(|component| above.next().is_some_and(|name| fits(component, &name.to_ascii_lowercase())))
    }
}

/// Whether `name` is what `pattern` says, in which `*` stands for anything.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let mut parts = pattern.split(|byte| *byte == b'*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    let Some(before_last) = rest.len().checked_sub(last.len()) else { return false };
    if &rest[before_last..] != last {
        return false;
    }
    rest = &rest[..before_last];
    // What stands between two stars: the first place is as good as any.
    parts.all(|part| match rest.windows(part.len().max(1)).position(|window| window == part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => part.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_within_a_name() {
        for (pattern, name, is_one) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("*.key", "x.key", true),
            ("*.key", ".key", true),
            ("*.key", "x.keys", false),
            ("id_rsa*", "id_rsa", true),
            ("id_rsa*", "id_rsa_old.pub", true),
            ("private*key", "private-key", true),
            ("private*key", "privatekey", true),
            ("aba*aba", "aba", false),
            ("*firebase-adminsdk*.json", "shop-firebase-adminsdk-x1.json", true),
            ("*firebase-adminsdk*.json", "firebase-adminsdk.json", true),
            ("*firebase-adminsdk*.json", "firebase.json", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(pattern.as_bytes(), name.as_bytes()), is_one, "{pattern} {name}");
        }
    }

    #[test]
    fn ends_of_paths_count_at_any_depth_and_the_first_pattern_gives_the_reason() {
        let mut names = Names::default();
        names.add(ExcludeReason::Secret, &[".docker/config.json", "*.git/config", "x"], Kind::File);
        names.add(ExcludeReason::Cache, &["x", "Cache/"], Kind::Any);
        let find = |path: &str, is_folder| names.find(path.as_bytes(), is_folder).map(|(reason, _)| reason);
        assert_eq!(find("a/b/.Docker/config.json", false), Some(ExcludeReason::Secret));
        assert_eq!(find(".docker/config.json", false), Some(ExcludeReason::Secret));
        assert_eq!(find("config.json", false), None);
        assert_eq!(find("docker/config.json", false), None);
        assert_eq!(find("shop.git/config", false), Some(ExcludeReason::Secret));
        assert_eq!(find("x", false), Some(ExcludeReason::Secret));
        assert_eq!(find("x", true), Some(ExcludeReason::Cache));
        assert_eq!((find("CACHE", true), find("cache", false)), (Some(ExcludeReason::Cache), None));
    }
}
