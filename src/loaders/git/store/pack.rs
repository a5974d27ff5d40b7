//! One pack: many objects in one file, most of them told by what differs from another.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use flate2::bufread::ZlibDecoder;
use gix::hash::Kind;
use gix::objs;
use gix::odb::pack::data;
use gix::odb::pack::data::entry::Header;

use super::{ObjectError, delta, idx::Index};

/// The longest head of an entry: its size, and the longest name of its base.
const LONGEST_HEAD: usize = 64;
/// Read at once.
const BLOCK: usize = 8 << 10;
/// What a delta says of its sizes has no more bytes than this.
const SIZES: u64 = 20;

/// An open pack.
#[derive(Debug)]
pub struct Pack {
    /// Its file's name without the ending: the same name is the same pack.
    pub name: Vec<u8>,
    /// Where its objects lie.
    pub index: Index,
    data: Arc<File>,
    hash: Kind,
}

/// What stands at one place of a pack.
pub enum Found {
    /// An object as it is.
    Whole(objs::Kind, data::Entry),
    /// What differs from the object at another place.
    Delta {
        /// That place.
        base: u64,
        /// What differs.
        entry: data::Entry,
    },
}

impl Pack {
    /// The pack `name` of these two files.
    ///
    /// # Errors
    /// When `index` is none.
    pub fn open(name: Vec<u8>, index: File, data: File, hash: Kind) -> io::Result<Self> {
        Ok(Self { name, index: Index::open(index, hash)?, data: Arc::new(data), hash })
    }

    /// What stands at `offset`.
    ///
    /// # Errors
    /// [`ObjectError::Corrupt`].
    pub fn at(&self, offset: u64) -> Result<Found, ObjectError> {
        let mut head = [0; LONGEST_HEAD];
        let read = self.data.read_at(&mut head, offset)?;
        let entry = data::Entry::from_read(&mut &head[..read], offset, self.hash.len_in_bytes());
        let entry = entry.map_err(|_| ObjectError::Corrupt("no object where the index says"))?;
        let base = match entry.header {
            Header::Commit => return Ok(Found::Whole(objs::Kind::Commit, entry)),
            Header::Tree => return Ok(Found::Whole(objs::Kind::Tree, entry)),
            Header::Blob => return Ok(Found::Whole(objs::Kind::Blob, entry)),
            Header::Tag => return Ok(Found::Whole(objs::Kind::Tag, entry)),
            Header::OfsDelta { base_distance } => entry.checked_base_pack_offset(base_distance),
            // A pack that is kept is whole: bases elsewhere are for the wire only.
            Header::RefDelta { base_id } => self.index.find(&base_id)?,
        };
        let base = base.ok_or(ObjectError::Corrupt("a delta without its base"))?;
        Ok(Found::Delta { base, entry })
    }

    /// How large the object at `offset` is.
    ///
    /// # Errors
    /// [`ObjectError::Corrupt`].
    pub fn size(&self, offset: u64) -> Result<u64, ObjectError> {
        match self.at(offset)? {
            Found::Whole(_, entry) => Ok(entry.decompressed_size),
            Found::Delta { entry, .. } => {
                let mut head = Vec::new();
                // All of it may be shorter than what is asked for, and broken after it.
                let read = self.stream(&entry).take(SIZES).read_to_end(&mut head);
                delta::sizes(&head)
                    .map(|(_, size, _)| size)
                    .or_else(|error| read.map_err(Into::into).and(Err(error)))
            }
        }
    }

    /// All bytes of `entry`, which is `most` at most, unpacked.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub fn inflate(&self, entry: &data::Entry, most: u64) -> Result<Vec<u8>, ObjectError> {
        let size = entry.decompressed_size;
        if size > most {
            return Err(ObjectError::TooLarge);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or(0));
        self.stream(entry).take(size + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 == size {
            Ok(bytes)
        } else {
            Err(ObjectError::Corrupt("an object of another size"))
        }
    }

    /// The bytes of `entry`, unpacked.
    pub fn stream(&self, entry: &data::Entry) -> impl Read + Send + use<> {
        let packed = At { file: Arc::clone(&self.data), at: entry.data_offset };
        ZlibDecoder::new(BufReader::with_capacity(BLOCK, packed))
    }
}

/// A file from some place on. Others read it too, each from its own place.
struct At {
    file: Arc<File>,
    at: u64,
}

impl Read for At {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(room, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
