//! Takes out of Swagger UI the two files that `/api-docs` is made of, compressed as they lie there: a
//! browser unpacks them. Nothing else of it gets into the program.

use std::io::{Error, Result};
use std::path::Path;

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED as ARCHIVE;

const WANTED: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];
/// What each entry of the list at the end of a zip begins with, and the end of that list.
const ENTRY: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
/// An entry's method of compression that gzip has, too.
const DEFLATED: usize = 8;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = std::env::var_os("OUT_DIR").ok_or_else(|| Error::other("cargo names a folder"))?;
    for name in WANTED {
        let file = gzipped(&format!("/dist/{name}")).ok_or_else(|| Error::other(format!("no {name}")))?;
        std::fs::write(Path::new(&folder).join(format!("{name}.gz")), file)?;
    }
    Ok(())
}

/// The file whose path ends with `path`, as gzip (RFC 1952).
///
/// Source: PKWARE APPNOTE 6.3.10 §4.3.7, §4.3.12, §4.3.16.
fn gzipped(path: &str) -> Option<Vec<u8>> {
    let end = ARCHIVE.windows(END.len()).rposition(|bytes| bytes == END)?;
    let mut at = number(end + 16, 4)?;
    while ARCHIVE.get(at..)?.starts_with(ENTRY) {
        let [name, extra, comment] = [number(at + 28, 2)?, number(at + 30, 2)?, number(at + 32, 2)?];
        if ARCHIVE.get(at + 46..at + 46 + name)?.ends_with(path.as_bytes()) && number(at + 10, 2)? == DEFLATED
        {
            let (packed, local) = (number(at + 20, 4)?, number(at + 42, 4)?);
            let begin = local + 30 + number(local + 26, 2)? + number(local + 28, 2)?;
            let mut gzip = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
            gzip.extend(ARCHIVE.get(begin..begin + packed)?);
            gzip.extend(ARCHIVE.get(at + 16..at + 20)?); // its CRC-32
            gzip.extend(ARCHIVE.get(at + 24..at + 28)?); // its size
            return Some(gzip);
        }
        at += 46 + name + extra + comment;
    }
    None
}

/// The little-endian number of `size` bytes there.
fn number(at: usize, size: usize) -> Option<usize> {
    let bytes = ARCHIVE.get(at..at + size)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | usize::from(*byte)))
}
