//! Globs with gitignore's meaning.

use std::path::Path;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// A text that is no glob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no glob")]
pub struct BadGlob(pub String);

/// Patterns of gitignore(5): whole names at any depth, `/` at the end for folders only, `/`
/// elsewhere for paths from the top.
#[derive(Debug, Clone)]
pub struct Globs(Gitignore);

impl Globs {
    /// The globs `patterns`, letters of either case alike.
    ///
    /// # Errors
    /// [`BadGlob`] for the first text that is none.
    pub fn new<T: AsRef<str>>(patterns: &[T]) -> Result<Self, BadGlob> {
        let mut builder = GitignoreBuilder::new("");
        builder.case_insensitive(true).map_err(|error| BadGlob(error.to_string()))?;
        // git takes a class without an end for a glob that nothing matches. Who asks for one is told.
        builder.allow_unclosed_class(false);
        for pattern in patterns.iter().map(AsRef::as_ref) {
            builder.add_line(None, pattern).map_err(|_| BadGlob(pattern.to_owned()))?;
        }
        builder.build().map(Self).map_err(|error| BadGlob(error.to_string()))
    }

    /// The one that is for `path` itself, if one is; the last of several.
    pub fn rule(&self, path: &Path, is_folder: bool) -> Option<&str> {
        match self.0.matched(path, is_folder) {
            Match::Ignore(glob) => Some(glob.original()),
            Match::Whitelist(_) | Match::None => None,
        }
    }

    /// Whether one of them is for `path` or a folder that it lies in.
    pub fn match_within(&self, path: &Path, is_folder: bool) -> bool {
        self.0.matched_path_or_any_parents(path, is_folder).is_ignore()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_cannot_be_read_as_a_glob_is_refused_and_never_one_that_nothing_matches() {
        for bad in ["[", "src/[a-", "[z-a]", "{a,b", "a\\"] {
            assert_eq!(Globs::new(&["src/**", bad]).expect_err("no glob"), BadGlob(bad.to_owned()), "{bad}");
        }
        let odd = Globs::new(&["\\[draft\\]", "[[]x"]).expect("a bracket is a character, too");
        assert!(
            odd.rule(Path::new("[draft]"), false).is_some() && odd.rule(Path::new("[x"), false).is_some()
        );
    }
}
