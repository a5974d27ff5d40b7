//! What a download is saved as.

use std::fmt::Write as _;

/// `attachment; filename="…"; filename*=UTF-8''…`: the name for clients that only know ASCII, and
/// the name as it is.
///
/// In the first, whatever is not plain in a quoted string becomes `-`: beside quotes and
/// backslashes also `%`, which some browsers decode there, and `/`, which some obey.
///
/// Source: RFC 6266 §4.1 and appendix D, RFC 8187 §3.2.
pub fn disposition(file_name: &str) -> String {
    let ascii: String = file_name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    let mut header = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in file_name.bytes() {
        if is_attr_char(byte) {
            header.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(header, "%{byte:02X}");
        }
    }
    header
}

fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | '/')
}

/// RFC 8187's `attr-char`: what need not be escaped.
fn is_attr_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::disposition;

    #[test]
    fn a_name_of_any_script_can_be_saved_by_any_client() {
        for (name, ascii, utf8) in [
            ("shop-2026-11-20-01987b3e.zip", "shop-2026-11-20-01987b3e.zip", "shop-2026-11-20-01987b3e.zip"),
            ("straße.zip", "stra-e.zip", "stra%C3%9Fe.zip"),
            ("日本.zip", "--.zip", "%E6%97%A5%E6%9C%AC.zip"),
            ("a b(1).zip", "a b(1).zip", "a%20b%281%29.zip"),
            ("%41\".zip", "-41-.zip", "%2541%22.zip"),
            ("../a\\b\r\nX: y", "..-a-b--X: y", "..%2Fa%5Cb%0D%0AX%3A%20y"),
        ] {
            let expected = format!("attachment; filename=\"{ascii}\"; filename*=UTF-8''{utf8}");
            assert_eq!(disposition(name), expected, "{name}");
        }
    }
}
