//! What somebody else wrote, on its way to a terminal.

use std::borrow::Cow;
use std::path::Path;

use crate::domain::is_invisible;

/// The same text as a terminal shows and does not obey: control characters, and what turns the
/// direction of writing or has no width, become escapes such as `\u{1b}`.
///
/// Names of files, messages and whatever else a server says may come from anybody. A line break in
/// them would make up lines of ours, so it is none either.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| match is_unsafe(c) {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    Cow::Owned(text.chars().map(escaped).collect())
}

/// A path in the same way: who gives away a folder gives names to its files.
pub fn plain_path(path: &Path) -> String {
    plain(&path.to_string_lossy()).into_owned()
}

/// What is not for the eyes.
pub fn is_unsafe(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_terminal_shows_what_it_is_told_and_does_nothing_else() {
        assert_eq!(plain("straße/日本.zip"), "straße/日本.zip");
        assert_eq!(plain("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(plain("a\r\nexportd: all is well"), "a\\r\\nexportd: all is well");
        assert_eq!(plain("shop\u{202e}piz.exe"), "shop\\u{202e}piz.exe");
        assert_eq!(plain("\u{9b}31m\u{7f}"), "\\u{9b}31m\\u{7f}");
    }
}
