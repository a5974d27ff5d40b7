//! Entity tags: what a representation is recognised by.

use std::fmt;

use http::HeaderMap;
use http::header::AsHeaderName;

use crate::domain::Sha256;

/// An entity tag that we send, and compare with those sent to us.
///
/// Source: RFC 9110 §8.8.3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag {
    /// Letters and digits only, so it never needs escaping.
    opaque: String,
    weak: bool,
}

impl EntityTag {
    /// The strong tag of the bytes with this digest: the same from every node, for ever.
    pub fn strong(digest: &Sha256) -> Self {
        Self { opaque: digest.to_string(), weak: false }
    }

    /// A weak tag: two documents with the same `revision` say the same thing, if not in the
    /// same bytes.
    pub fn weak(revision: u64) -> Self {
        Self { opaque: format!("{revision:x}"), weak: true }
    }

    /// The strong tag of a document that is the same, byte for byte, while its `revision` is.
    pub fn of_revision(revision: u64) -> Self {
        Self { opaque: format!("{revision:x}"), weak: false }
    }

    /// The tag without quotes: letters and digits.
    pub fn opaque(&self) -> &str {
        &self.opaque
    }

    /// Whether `sent` is this tag and nothing else, in the strong comparison: a weak tag is never
    /// equal to anything.
    pub(super) fn strongly_is(&self, sent: &str) -> bool {
        !self.weak && sent.trim() == self.to_string()
    }

    /// Whether any tag in the `name` lines of a request is this one in the strong comparison;
    /// `None` if there is no such line.
    pub(super) fn strongly_in(&self, headers: &HeaderMap, name: impl AsHeaderName) -> Option<bool> {
        in_lines(headers, name, |sent| !self.weak && !sent.weak && sent.opaque == self.opaque.as_bytes())
    }

    /// Like [`strongly_in`](Self::strongly_in), in the weak comparison: only the opaque part counts.
    pub(super) fn weakly_in(&self, headers: &HeaderMap, name: impl AsHeaderName) -> Option<bool> {
        in_lines(headers, name, |sent| sent.opaque == self.opaque.as_bytes())
    }
}

impl fmt::Display for EntityTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\"{}\"", if self.weak { "W/" } else { "" }, self.opaque)
    }
}

/// A tag as it was sent: any bytes may be in it, commas too.
struct SentTag<'a> {
    opaque: &'a [u8],
    weak: bool,
}

/// `*` is any tag: there is a representation, or nobody would ask.
fn in_lines(
    headers: &HeaderMap,
    name: impl AsHeaderName,
    is_ours: impl Fn(&SentTag<'_>) -> bool,
) -> Option<bool> {
    let mut lines = headers.get_all(name).iter().map(|line| line.as_bytes().trim_ascii()).peekable();
    lines.peek()?;
    Some(lines.any(|line| line == b"*" || tags(line).any(|sent| is_ours(&sent))))
}

/// The tags of one line up to its end, or up to the first thing that is not a tag: what follows
/// that cannot be told apart from what is inside quotes.
fn tags(line: &[u8]) -> impl Iterator<Item = SentTag<'_>> {
    let mut rest = line;
    std::iter::from_fn(move || {
        while let [b' ' | b'\t' | b',', after @ ..] = rest {
            rest = after;
        }
        let (weak, quoted) = match rest.strip_prefix(b"W/") {
            Some(quoted) => (true, quoted),
            None => (false, rest),
        };
        let inside = quoted.strip_prefix(b"\"")?;
        let end = inside.iter().position(|byte| *byte == b'"')?;
        rest = inside[end + 1..].trim_ascii_start();
        matches!(rest.first(), None | Some(b',')).then_some(SentTag { opaque: &inside[..end], weak })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_digest_in_quotes() {
        let tag = EntityTag::strong(&Sha256([0xab; 32]));
        assert_eq!(tag.to_string(), format!("\"{}\"", "ab".repeat(32)));
        assert_eq!(EntityTag::weak(255).to_string(), "W/\"ff\"");
    }

    #[test]
    fn a_line_is_read_up_to_what_is_no_tag() {
        for (line, opaque) in [
            (r#""a""#, vec!["a"]),
            (r#"  ,, "a" ,	W/"b,c",, "" ,"#, vec!["a", "b,c", ""]),
            (r#""a", b, "c""#, vec!["a"]),
            (r#""a" "b""#, vec![]),
            (r#"w/"a""#, vec![]),
            (r#""a"#, vec![]),
            ("", vec![]),
        ] {
            let read: Vec<_> = tags(line.as_bytes()).map(|tag| tag.opaque).collect();
            assert_eq!(read, opaque.iter().map(|tag| tag.as_bytes()).collect::<Vec<_>>(), "{line}");
        }
    }
}
