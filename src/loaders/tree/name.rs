//! Names that any system can unpack.

/// A name as it goes into a package: UTF-8, `/` only between folders, no control characters, no
/// drive letter. What cannot stay is written `%XX`, byte by byte; `true` tells that something was.
///
/// A backslash must not become a slash: `..\..\x` is one harmless name here and a way out there.
pub fn portable(path: &[u8]) -> (String, bool) {
    let mut name = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '\\' || c.is_control() {
                c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| escape(&mut name, byte));
            } else {
                name.push(c);
            }
        }
        chunk.invalid().iter().for_each(|byte| escape(&mut name, *byte));
    }
    let bytes = name.as_bytes();
    if bytes.len() >= 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' {
        name.replace_range(1..2, "%3A");
    }
    let is_escaped = name.as_bytes() != path;
    (name, is_escaped)
}

fn escape(name: &mut String, byte: u8) {
    use std::fmt::Write;
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
            (b"C:/x", "C%3A/x", true),
            (b"100%", "100%", false),
        ] {
            assert_eq!(portable(path), (name.to_owned(), escaped), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn no_name_leads_out_or_breaks_a_line(path in prop::collection::vec(any::<u8>(), 1..60)) {
            let (name, _) = portable(&path);
            let no_controls = !name.chars().any(char::is_control);
            prop_assert!(!name.contains('\\') && no_controls);
            prop_assert_eq!(name.matches('/').count(), path.iter().filter(|byte| **byte == b'/').count());
        }
    }
}
