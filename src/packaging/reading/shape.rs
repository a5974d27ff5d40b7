//! Which format a package has, by its bytes and not by its name.

use super::input::{ReadAt, fill_at};
use crate::domain::Archive;
use std::io;

/// The format of `bytes`, by how they begin; `None` for none of ours.
pub fn shape_of(bytes: &dyn ReadAt) -> io::Result<Option<Archive>> {
    let mut begin = [0; 4];
    let read = fill_at(bytes, &mut begin, 0)?;
    Ok(match &begin[..read] {
        // A local header; or, without entries, the end of the directory at once.
        b"PK\x03\x04" | b"PK\x05\x06" | b"PK\x06\x06" => Some(Archive::Zip),
        [0x1f, 0x8b, ..] => Some(Archive::TarGz),
        [0x28, 0xb5, 0x2f, 0xfd] | [0x50..=0x5f, 0x2a, 0x4d, 0x18] => Some(Archive::TarZst),
        _ => None,
    })
}
