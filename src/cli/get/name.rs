//! What a package is saved as, when its server may say.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::domain::is_invisible;

/// The longest name, bytes: file systems end at 255, and `.part.json.new` comes behind it.
const LONGEST: usize = 200;

/// The file name that a `Content-Disposition` suggests, made harmless: `filename*` before
/// `filename`, the last step of a path only.
///
/// Source: RFC 6266 §4.1 to 4.3, RFC 8187 §3.2.
pub fn suggested(disposition: &[u8]) -> Option<String> {
    // Some servers send the name as it is: UTF-8 mostly, Latin-1 by the book.
    let text = match str::from_utf8(disposition) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(latin_1(disposition)),
    };
    let parameters: Vec<_> = parameters(&text).collect();
    let named = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let extended = named("filename*").and_then(decoded);
    extended.or_else(|| named("filename").map(ToOwned::to_owned)).and_then(|name| harmless(&name))
}

/// The same name as one that leads nowhere, hides nothing and starts no option; `None` when nothing
/// is left of it.
pub fn harmless(name: &str) -> Option<String> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let seen: String = last.chars().filter(|c| !c.is_control() && !is_invisible(*c)).collect();
    let plain = seen.trim().trim_start_matches(|c: char| c == '.' || c == '-' || c.is_whitespace());
    let short = shortened(plain.trim_end());
    Some(short).filter(|name| !name.is_empty())
}

/// At most [`LONGEST`] bytes, with the ending kept.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = match name.rfind('.').map(|dot| name.split_at(dot)) {
        Some((stem, ending)) if ending.len() <= 16 => (stem, ending),
        _ => (name, ""),
    };
    let end = (0..=LONGEST - ending.len()).rev().find(|end| stem.is_char_boundary(*end)).unwrap_or(0);
    format!("{}{ending}", &stem[..end])
}

/// `charset'language'percent-encoded`.
fn decoded(extended: &str) -> Option<String> {
    let mut parts = extended.splitn(3, '\'');
    let (charset, _, value) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes: Vec<u8> = percent_decode_str(value).collect();
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" => String::from_utf8(bytes).ok(),
        "iso-8859-1" => Some(latin_1(&bytes)),
        _ => None,
    }
}

fn latin_1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// Every `key=value` behind the disposition's type, quotes and escapes taken off.
fn parameters(text: &str) -> impl Iterator<Item = (String, String)> {
    let mut rest = text.find(';').map_or("", |end| &text[end + 1..]);
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches([' ', '\t', ';']);
        let (key, after) = rest.split_once('=')?;
        let after = after.trim_start();
        let (value, behind) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        rest = behind;
        Some((key.trim().to_owned(), value))
    })
}

/// The text up to its closing quote, and what is behind it.
fn unquoted(text: &str) -> (String, &str) {
    let (mut value, mut escaped) = (String::new(), false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return (value, &text[at + 1..]),
            c => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::transfer::disposition;

    #[test]
    fn a_name_is_read_as_rfc_6266_has_it() {
        for (header, name) in [
            ("attachment; filename=shop.zip", Some("shop.zip")),
            ("attachment; filename=\"a b;c.zip\"; size=3", Some("a b;c.zip")),
            ("attachment; filename=\"a\\\"b.zip\"", Some("a\"b.zip")),
            ("attachment; FileName*=utf-8'de'stra%C3%9Fe.zip; filename=x.zip", Some("straße.zip")),
            ("attachment; filename=\"stra-e.zip\"; filename*=UTF-8''stra%C3%9Fe.zip", Some("straße.zip")),
            ("attachment; filename*=iso-8859-1''%e4.zip", Some("ä.zip")),
            ("attachment; filename*=UTF-8''%ff; filename=x.zip", Some("x.zip")),
            ("attachment; filename*=koi8-r''%c1; filename=x.zip", Some("x.zip")),
            ("attachment", None),
            ("", None),
            ("attachment; filename=\"\"", None),
            ("attachment; filename=\"unclosed.zip", Some("unclosed.zip")),
        ] {
            assert_eq!(suggested(header.as_bytes()).as_deref(), name, "{header}");
        }
        assert_eq!(suggested(b"attachment; filename=\"\xe4.zip\"").as_deref(), Some("ä.zip"));
        assert_eq!(suggested("attachment; filename=\"日本.zip\"".as_bytes()).as_deref(), Some("日本.zip"));
    }

    #[test]
    fn no_name_leads_out_hides_itself_or_starts_an_option() {
        for (name, plain) in [
            ("../../etc/passwd", Some("passwd")),
            ("C:\\Windows\\x.zip", Some("x.zip")),
            (".bashrc", Some("bashrc")),
            ("..", None),
            ("a/", None),
            (" .. /", None),
            ("-rf.zip", Some("rf.zip")),
            ("a\r\nb\0.zip", Some("ab.zip")),
            ("shop\u{202e}piz.exe", Some("shoppiz.exe")),
            ("  a.zip  ", Some("a.zip")),
        ] {
            assert_eq!(harmless(name).as_deref(), plain, "{name:?}");
        }
        let long = harmless(&format!("{}.tar.zst", "ä".repeat(300))).expect("a name");
        assert!(long.len() <= LONGEST && long.ends_with("ä.zst"), "{long}");
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_a_name_stays_in_its_folder(header in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(name) = suggested(&header) {
                prop_assert!(!name.contains(['/', '\\', '\0', '\n']) && !name.starts_with(['.', '-']));
                prop_assert!(!name.is_empty() && name.len() <= LONGEST);
            }
        }

        #[test]
        fn the_name_that_our_server_gives_comes_back(name in "[a-zäß日(\" ;'%]{1,12}\\.zip") {
            prop_assume!(harmless(&name).as_deref() == Some(name.as_str()));
            prop_assert_eq!(suggested(disposition(&name).as_bytes()), Some(name));
        }
    }
}
