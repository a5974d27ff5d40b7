//! An object in a file of its own.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};

use flate2::bufread::ZlibDecoder;
use gix::objs::{self, decode::loose_header};

use super::ObjectError;

/// The longest head: the longest word, the largest number, and what is between.
const LONGEST_HEAD: u64 = 64;

/// An open loose object, its head read.
pub struct Loose {
    /// What it is.
    pub kind: objs::Kind,
    /// Its bytes, by its own word.
    pub size: u64,
    /// Them.
    pub content: Box<dyn Read + Send>,
}

impl Loose {
    /// Reads the head of the object in `file`.
    ///
    /// # Errors
    /// [`ObjectError::Corrupt`].
    pub fn open(file: File) -> Result<Self, ObjectError> {
        let mut stream = ZlibDecoder::new(BufReader::new(file));
        let mut head = Vec::new();
        stream.by_ref().take(LONGEST_HEAD).read_to_end(&mut head)?;
        let (kind, size, length) =
            loose_header(&head).map_err(|_| ObjectError::Corrupt("a file that is no object"))?;
        let mut begun = Cursor::new(head);
        begun.set_position(length as u64);
        Ok(Self { kind, size, content: Box::new(begun.chain(stream)) })
    }
}
