//! What a reader does not see of a text, and is led astray by.

/// Whether `c` turns the direction of writing, or has no width: `exe.piz` would look like a zip. The
/// page has the same list (`assets/page/dom.js`).
///
/// Source: Unicode Technical Report 36, on spoofing by bidirectional text.
pub const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}
