//! Names that are no danger to whoever unpacks.

/// Why unpacking an entry of this name could write elsewhere than where it is unpacked to;
/// `None` when it could not.
pub fn why_unsafe(name: &str) -> Option<&'static str> {
    let drive = name.as_bytes().get(1) == Some(&b':') && name.as_bytes()[0].is_ascii_alphabetic();
    if name.is_empty() {
        Some("has no name")
    } else if name.starts_with('/') || drive {
        Some("has an absolute name")
    } else if name.split(['/', '\\']).any(|part| part == "..") {
        Some("has `..` in its name")
    } else if name.contains('\\') {
        Some("has a backslash in its name")
    } else if name.chars().any(char::is_control) {
        Some("has a control character in its name")
    } else {
        None
    }
}

/// A name as it is told to people: without what a terminal would obey, and not too long.
pub fn told(name: &str) -> String {
    const LONGEST: usize = 200;
    let mut told = String::new();
    for c in name.chars().take(LONGEST) {
        if c.is_control() { told.extend(c.escape_default()) } else { told.push(c) }
    }
    if name.chars().nth(LONGEST).is_some() {
        told.push('…');
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_leads_elsewhere_is_told_from_one_that_does_not() {
        for name in ["", "/etc/passwd", "../a", "a/../b", "a/..", "C:/a", "c:a", "a\\b", "a\nb", "\u{7f}"] {
            assert!(why_unsafe(name).is_some(), "{name:?}");
        }
        for name in ["a", "a/b/", "..a", "a..b/c", "größe/日本.txt", "ab:c", "1:b"] {
            assert_eq!(why_unsafe(name), None, "{name:?}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(told("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(told(&"é".repeat(300)).chars().count(), 201);
    }
}
