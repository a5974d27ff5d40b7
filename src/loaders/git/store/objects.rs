//! Finding objects by their names, and reading them.

use std::io::{Cursor, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::Arc;

use gix::hash::{self, ObjectId, Prefix, oid};
use gix::objs;
use tokio_util::sync::CancellationToken;

use super::ObjectError;
use super::alternates;
use super::bases::Bases;
use super::folder::Folder;
use super::loose::Loose;
use super::pack::{Found, Pack};

/// Blobs up to this size are read whole; larger ones flow, unless they are told by another.
const WHOLE: u64 = 1 << 20;
/// What an object is told by may be as large as this, even where it may not itself.
const LARGEST_BASE: u64 = 8 << 20;
/// All that one object is told by may together be so many times as large as the largest.
const LARGEST_CHAIN: u64 = 64;
/// Git makes no longer chain (`pack.depth`).
const LONGEST_CHAIN: usize = 4095;

/// An object, whole. Its name was checked.
pub struct Object {
    /// What it is.
    pub kind: objs::Kind,
    /// Its bytes.
    pub bytes: Arc<Vec<u8>>,
}

/// The objects of one repository. May be read from many threads at once.
#[derive(Debug)]
pub struct Objects {
    hash: hash::Kind,
    folders: Vec<Folder>,
    more_elsewhere: bool,
    bases: Bases,
    /// Cancelled when whoever reads does not want to any more.
    pub stop: CancellationToken,
}

/// Bytes as they come, and how many there are.
type Flow = (u64, Box<dyn Read + Send>);

enum Place {
    Loose(Loose),
    Packed(Arc<Pack>, u64),
}

impl Objects {
    /// The objects in `own`, a folder that lies at `path`, and in those that it borrows from as
    /// far as `may_read` allows.
    pub fn open(own: OwnedFd, path: &Path, hash: hash::Kind, may_read: &dyn Fn(&Path) -> bool) -> Self {
        let alternates::Folders { folders, more_elsewhere } = alternates::folders(own, path, may_read);
        let folders = folders.into_iter().map(Folder::new).collect();
        let objects =
            Self { hash, folders, more_elsewhere, bases: Bases::default(), stop: CancellationToken::new() };
        objects.look_for_packs();
        objects
    }

    /// By what objects are named here.
    pub const fn hash(&self) -> hash::Kind {
        self.hash
    }

    /// How large `id` is, by its own word.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub fn size(&self, id: &oid) -> Result<u64, ObjectError> {
        match self.find(id)? {
            Place::Loose(loose) => Ok(loose.size),
            Place::Packed(pack, offset) => pack.size(offset),
        }
    }

    /// The object `id`, of `most` bytes at most.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub fn read(&self, id: &oid, most: u64) -> Result<Object, ObjectError> {
        let object = match self.find(id)? {
            Place::Loose(loose) => whole(loose, most)?,
            Place::Packed(pack, offset) => self.unpack(&pack, offset, most)?,
        };
        if object.bytes.len() as u64 > most {
            return Err(ObjectError::TooLarge);
        }
        let name = objs::compute_hash(self.hash, object.kind, &object.bytes);
        if name.is_ok_and(|name| *name == *id) { Ok(object) } else { Err(ANOTHER) }
    }

    /// The bytes of the blob `id`, of `most` bytes at most. Its name is checked before the first
    /// byte: a large one is read twice rather than held in memory.
    ///
    /// # Errors
    /// [`ObjectError`].
    pub fn blob(&self, id: &oid, most: u64) -> Result<Box<dyn Read + Send>, ObjectError> {
        match self.flow(id)? {
            Some((size, _)) if size > most => Err(ObjectError::TooLarge),
            Some((size, stream)) => {
                self.check(id, size, stream)?;
                let (size, stream) = self.flow(id)?.ok_or(ObjectError::Missing)?;
                Ok(Box::new(stream.take(size)))
            }
            None => match self.read(id, most)? {
                Object { kind: objs::Kind::Blob, bytes } => {
                    Ok(Box::new(Cursor::new(Arc::unwrap_or_clone(bytes))))
                }
                _ => Err(NO_FILE),
            },
        }
    }

    /// Up to `most` names that begin with `prefix`.
    ///
    /// # Errors
    /// [`ObjectError::Unreadable`].
    pub fn with_prefix(&self, prefix: &Prefix, most: usize) -> Result<Vec<ObjectId>, ObjectError> {
        let mut found = Vec::new();
        for folder in &self.folders {
            for pack in folder.packs().iter() {
                found.extend(pack.index.with_prefix(prefix, most)?);
            }
            found.extend(folder.loose_with_prefix(prefix, self.hash, most));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// A large blob that needs no other to be read, with its size.
    fn flow(&self, id: &oid) -> Result<Option<Flow>, ObjectError> {
        Ok(match self.find(id)? {
            Place::Loose(Loose { kind: objs::Kind::Blob, size, content }) if size > WHOLE => {
                Some((size, content))
            }
            Place::Packed(pack, offset) => match pack.at(offset)? {
                Found::Whole(objs::Kind::Blob, entry) if entry.decompressed_size > WHOLE => {
                    Some((entry.decompressed_size, Box::new(pack.stream(&entry))))
                }
                _ => None,
            },
            Place::Loose(_) => None,
        })
    }

    fn check(&self, id: &oid, size: u64, stream: Box<dyn Read + Send>) -> Result<(), ObjectError> {
        let mut hasher = hash::hasher(self.hash);
        hasher.update(&objs::encode::loose_header(objs::Kind::Blob, size));
        let (mut block, mut stream) = (vec![0; 128 << 10], stream.take(size + 1));
        loop {
            self.go_on()?;
            match stream.read(&mut block)? {
                0 => break,
                read => hasher.update(&block[..read]),
            }
        }
        let name = hasher.try_finalize();
        if name.is_ok_and(|name| *name == *id) { Ok(()) } else { Err(ANOTHER) }
    }

    fn find(&self, id: &oid) -> Result<Place, ObjectError> {
        if let Some(place) = self.look(id)? {
            return Ok(place);
        }
        // `git gc` may have packed it since.
        if self.look_for_packs()
            && let Some(place) = self.look(id)?
        {
            return Ok(place);
        }
        Err(if self.more_elsewhere { ObjectError::Elsewhere } else { ObjectError::Missing })
    }

    fn look(&self, id: &oid) -> Result<Option<Place>, ObjectError> {
        self.go_on()?;
        for folder in &self.folders {
            for pack in folder.packs().iter() {
                if let Some(offset) = pack.index.find(id)? {
                    return Ok(Some(Place::Packed(Arc::clone(pack), offset)));
                }
            }
            if let Ok(file) = folder.loose(id) {
                return Ok(Some(Place::Loose(Loose::open(file)?)));
            }
        }
        Ok(None)
    }

    /// The object at `offset` of `pack`, by way of all that it is told by.
    fn unpack(&self, pack: &Arc<Pack>, mut offset: u64, most: u64) -> Result<Object, ObjectError> {
        let (stand, most) = (Arc::as_ptr(pack) as usize, most.max(LARGEST_BASE));
        let mut deltas = Vec::new();
        let (kind, mut bytes) = loop {
            if let Some(base) = self.bases.get((stand, offset)) {
                break base;
            }
            match pack.at(offset)? {
                Found::Whole(kind, entry) => break (kind, Arc::new(pack.inflate(&entry, most)?)),
                Found::Delta { base, entry } => {
                    deltas.push((offset, entry));
                    offset = base;
                }
            }
            if deltas.len() > LONGEST_CHAIN {
                return Err(ENDLESS);
            }
        };
        let mut left = most.saturating_mul(LARGEST_CHAIN);
        while let Some((told_at, entry)) = deltas.pop() {
            self.go_on()?;
            left = left.checked_sub(bytes.len() as u64).ok_or(ENDLESS)?;
            // Others may be told by it too; what is told by it and by nobody else, nobody needs again.
            self.bases.put((stand, offset), &(kind, Arc::clone(&bytes)));
            let delta = pack.inflate(&entry, most)?;
            bytes = Arc::new(super::delta::apply(&bytes, &delta, most)?);
            offset = told_at;
        }
        Ok(Object { kind, bytes })
    }

    /// Opens packs that are new; `true` when there are any.
    fn look_for_packs(&self) -> bool {
        let found: Vec<_> = self.folders.iter().map(|folder| folder.look_for_packs(self.hash)).collect();
        found.contains(&true)
    }

    fn go_on(&self) -> Result<(), ObjectError> {
        if self.stop.is_cancelled() { Err(ObjectError::Cancelled) } else { Ok(()) }
    }
}

const ANOTHER: ObjectError = ObjectError::Corrupt("it is not what its name says");
const ENDLESS: ObjectError = ObjectError::Corrupt("a chain of deltas without an end");
const NO_FILE: ObjectError = ObjectError::Corrupt("it is no file");

fn whole(loose: Loose, most: u64) -> Result<Object, ObjectError> {
    let Loose { kind, size, content } = loose;
    if size > most {
        return Err(ObjectError::TooLarge);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(1 << 20)).unwrap_or(0));
    content.take(size + 1).read_to_end(&mut bytes)?;
    Ok(Object { kind, bytes: Arc::new(bytes) })
}
