//! Names that Windows cannot have.

use crate::domain::{Warning, WarningCode};
use crate::packaging::Entry;

/// Devices, whatever comes after their first dot (Windows: "Naming Files, Paths, and Namespaces").
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Warns of every entry whose name Windows cannot have. It is packed under it all the same: where it
/// comes from it is a good name, and most who unpack it can have it.
pub fn warn_of_reserved(entries: &[Entry]) -> Vec<Warning> {
    let reserved = entries.iter().filter(|entry| is_reserved(&entry.path));
    reserved.map(|entry| warning(&entry.path)).collect()
}

fn warning(path: &str) -> Warning {
    let message =
        "Windows cannot have this name: it is a device's, has one of <>:\"|?*, or ends in a dot or space";
    Warning { code: WarningCode::NameReserved, path: Some(path.to_owned()), message: message.to_owned() }
}

/// Whether a folder of the path, or its last name, is one of them.
fn is_reserved(path: &str) -> bool {
    let path = path.as_bytes();
    let is_suspect = |byte: &u8| matches!(byte, b'<' | b'>' | b':' | b'"' | b'|' | b'?' | b'*');
    let mut names = path.split(|byte| *byte == b'/');
    path.iter().any(is_suspect) || names.any(|name| is_device(name) || matches!(name, [.., b'.' | b' ']))
}

fn is_device(name: &[u8]) -> bool {
    // The shortest have three letters, the longest seven before a dot.
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default().trim_ascii_end();
    if !(3..=7).contains(&stem.len()) {
        return false;
    }
    DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device.as_bytes())) || is_port(stem)
}

/// `COM1` to `COM9`, and `LPT1` to `LPT9`.
fn is_port(stem: &[u8]) -> bool {
    let is_named = |port: &[u8]| port.eq_ignore_ascii_case(b"com") || port.eq_ignore_ascii_case(b"lpt");
    matches!(stem, [port @ .., b'1'..=b'9'] if is_named(port))
}

#[cfg(test)]
mod tests {
    use super::is_reserved;

    #[test]
    fn devices_and_what_windows_writes_otherwise_are_known() {
        for name in
            ["CON", "aux.txt", "src/nul", "Lpt1.tar.gz", "com9", "a./b", "a ", "a?b", "x:y", "dir /x", "..."]
        {
            assert!(is_reserved(name), "{name}");
        }
        for name in
            ["console", "auxiliary.txt", "com", "com0", "com10", "a.b", ".hidden", "src/null", " a", "a/"]
        {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
