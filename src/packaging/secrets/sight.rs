//! What a check is shown: an anchor and the bytes around it.

/// How far a check may look back from where its anchor begins.
pub const BEHIND: usize = 512;
/// How far a check may look ahead, from where its anchor begins.
pub const AHEAD: usize = 2048;

/// An anchor that was found, with the bytes around it. Never more than [`BEHIND`] and [`AHEAD`] of
/// them, however much there is: a finding must not depend on how a file came in chunks.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// What stands before the anchor.
    pub before: &'a [u8],
    /// What follows it.
    pub after: &'a [u8],
}

impl<'a> Sight<'a> {
    /// The anchor at `start..end` of `text`.
    pub fn new(text: &'a [u8], start: usize, end: usize) -> Self {
        let until = text.len().min(start + AHEAD);
        Self { before: &text[start.saturating_sub(BEHIND)..start], after: &text[end.min(until)..until] }
    }

    /// Whether a word begins with the anchor. `\n` written out is no part of the word after it.
    pub fn begins_a_word(&self) -> bool {
        match self.before {
            [.., b'\\', b'n' | b'r' | b't'] => true,
            [.., last] => !is_word(*last),
            [] => true,
        }
    }

    /// All that follows the anchor of the characters `of`.
    pub fn run(&self, of: fn(u8) -> bool) -> &'a [u8] {
        run(self.after, of)
    }
}

/// The characters that `bytes` begins with, as long as they are of `of`.
pub fn run(bytes: &[u8], of: fn(u8) -> bool) -> &[u8] {
    &bytes[..bytes.iter().position(|byte| !of(*byte)).unwrap_or(bytes.len())]
}

/// The characters that `bytes` ends with, as long as they are of `of`.
pub fn run_back(bytes: &[u8], of: fn(u8) -> bool) -> &[u8] {
    &bytes[bytes.iter().rposition(|byte| !of(*byte)).map_or(0, |at| at + 1)..]
}

/// A letter, a digit or `_`.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A letter or a digit.
pub fn is_base62(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Of base64 (RFC 4648 §4), without its padding.
pub fn is_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Of base64url (RFC 4648 §5), without its padding.
pub fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// A digit of lower-case hexadecimal.
pub fn is_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'a'..=b'f')
}
