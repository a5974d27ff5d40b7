//! Names that any system can unpack.

use std::borrow::Cow;
use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Bytes that a name between two slashes may have on nearly every disk.
const LONGEST: usize = 255;

/// A name as it goes into a package: UTF-8, relative, `/` only between folders, no control
/// characters, no drive letter, no `.` or `..` for a folder. What cannot stay is written `%XX`, byte
/// by byte; `true` tells that something was.
///
/// A backslash must not become a slash: `..\..\x` is one harmless name here and a way out there. No
/// folder on a disk has a name of nothing or of dots alone, but in a repository it may.
pub fn portable(path: &[u8]) -> (String, bool) {
    if let Some(name) = as_it_is(path) {
        return (name.to_owned(), false);
    }
    let mut name = String::with_capacity(path.len() + 8);
    for chunk in path.utf8_chunks() {
        chunk.valid().chars().for_each(|c| add(&mut name, c));
        chunk.invalid().iter().for_each(|byte| escape(&mut name, *byte));
    }
    if name.split('/').any(|component| is_dots(component) || component.len() > LONGEST) {
        let components: Vec<_> = name.split('/').map(|component| fitting(without_dots(component))).collect();
        name = components.join("/");
    }
    if has_drive(name.as_bytes()) {
        name.replace_range(1..2, "%3A");
    }
    let is_escaped = name.as_bytes() != path;
    (name, is_escaped)
}

/// The name that a package gives to what its source calls `origin`, and `origin` again where that
/// is another.
pub fn named(origin: Vec<u8>) -> (String, Option<Vec<u8>>) {
    match portable(&origin) {
        (name, true) => (name, Some(origin)),
        (name, false) => (name, None),
    }
}

/// The name, when all of it can stay. So can nearly every one.
fn as_it_is(path: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(path).ok()?;
    let bad = |c: char| c == '\\' || c.is_control();
    let is_plain = if name.is_ascii() {
        !path.iter().any(|byte| *byte == b'\\' || byte.is_ascii_control())
    } else {
        !name.contains(bad)
    };
    let is_sound = !has_drive(path) && !path.starts_with(b"/");
    // A folder's name ends in a slash: nothing, and no name, comes after it.
    let mut components = path.strip_suffix(b"/").unwrap_or(path).split(|byte| *byte == b'/');
    let can_stay = |one: &[u8]| (1..=LONGEST).contains(&one.len()) && one != b"." && one != b"..";
    (is_plain && is_sound && components.all(can_stay)).then_some(name)
}

fn add(name: &mut String, c: char) {
    let is_slash_too_many = c == '/' && (name.is_empty() || name.ends_with('/'));
    if c == '\\' || c.is_control() || is_slash_too_many {
        c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escape(name, byte));
    } else {
        name.push(c);
    }
}

fn has_drive(name: &[u8]) -> bool {
    matches!(name, [letter, b':', ..] if letter.is_ascii_alphabetic())
}

fn is_dots(component: &str) -> bool {
    component == "." || component == ".."
}

fn without_dots(component: &str) -> &str {
    match component {
        "." => "%2E",
        ".." => "%2E%2E",
        other => other,
    }
}

/// A component that a disk can have. What was escaped may have got too long: then its beginning, and a
/// digest of all of it, so that two long names do not become one.
fn fitting(component: &str) -> Cow<'_, str> {
    if component.len() <= LONGEST {
        return component.into();
    }
    let digest = Sha256::digest(component.as_bytes());
    let end = digest.iter().take(8).fold("~".to_owned(), |mut end, byte| {
        write!(end, "{byte:02x}").expect("a String takes everything");
        end
    });
    let kept = component.floor_char_boundary(LONGEST - end.len());
    format!("{}{end}", &component[..kept]).into()
}

fn escape(name: &mut String, byte: u8) {
    write!(name, "%{byte:02X}").expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::portable;

    #[test]
    fn what_cannot_stay_is_escaped_and_the_rest_stays() {
        for (path, name, escaped) in [
            (&b"src/a..b.txt"[..], "src/a..b.txt", false),
            ("日本/größe \"q\".txt".as_bytes(), "日本/größe \"q\".txt", false),
            (b"a\\..\\b", "a%5C..%5Cb", true),
            (b"line\nbreak", "line%0Abreak", true),
            (b"caf\xe9", "caf%E9", true),
            ("\u{85}".as_bytes(), "%C2%85", true),
            (b"C:/x", "C%3A/x", true),
            (b"100%", "100%", false),
            (b"folder/", "folder/", false),
            (b"../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd", true),
            (b"a/./b/..", "a/%2E/b/%2E%2E", true),
            (b"/etc/passwd", "%2Fetc/passwd", true),
            (b"a//b", "a/%2Fb", true),
            (b"...", "...", false),
        ] {
            assert_eq!(portable(path), (name.to_owned(), escaped), "{path:?}");
        }
    }

    #[test]
    fn names_that_escaping_makes_too_long_are_cut_and_stay_apart() {
        let (one, other) = ([0xff; 255], [[0xff; 254].as_slice(), b"x"].concat());
        let ((one, is_escaped), (other, _)) = (portable(&one), portable(&other));
        assert!(is_escaped && one.starts_with("%FF%FF") && one.len() == 255 && other.len() == 255);
        assert_ne!(one, other);
        assert_eq!(portable("x".repeat(255).as_bytes()).0.len(), 255);
        let long = ["é".repeat(400), "b".to_owned()].join("/");
        let (name, _) = portable(long.as_bytes());
        assert!(name.len() < 258 && name.ends_with("/b"), "as a repository may have it: {name}");
    }

    proptest! {
        #[test]
        fn no_name_leads_out_or_breaks_a_line(path in prop::collection::vec(prop_oneof![
            any::<u8>(), Just(b'/'), Just(b'.'), Just(b'\\'), Just(b':'), Just(b'C')
        ], 1..40)) {
            let (name, is_escaped) = portable(&path);
            prop_assert!(!name.contains('\\') && !name.chars().any(char::is_control));
            prop_assert!(!name.starts_with('/') && !name.contains("//") && name.as_bytes().get(1) != Some(&b':')
                || !name.as_bytes()[0].is_ascii_alphabetic() && !name.starts_with('/') && !name.contains("//"));
            prop_assert!(name.split('/').all(|component| component != "." && component != ".."));
            prop_assert_eq!(is_escaped, name.as_bytes() != path);
        }
    }
}
