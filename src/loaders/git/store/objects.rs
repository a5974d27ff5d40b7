//! Finding objects by their names, and reading them.

use std::fs::File;
use std::io::{Cursor, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use gix::hash::{self, ObjectId, Prefix, oid};
use gix::objs;
use rustix::fs::{Dir, fstat};
use tokio_util::sync::CancellationToken;

use crate::loaders::tree::beneath;

use super::ObjectError;
use super::alternates;
use super::bases::Bases;
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
/// A folder with more packs needs `git gc` before anything else.
const MOST_PACKS: usize = 4096;

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

/// A folder of objects.
#[derive(Debug)]
struct Folder {
    root: OwnedFd,
    packs: RwLock<Packs>,
}

#[derive(Debug, Default)]
struct Packs {
    /// When the folder that was listed had last changed.
    listed: Option<(i64, u64)>,
    open: Vec<Arc<Pack>>,
}

enum Place {
    Loose(Loose),
    Packed(Arc<Pack>, u64),
}

impl Objects {
    /// The objects in `own`, a folder that lies at `path`, and in those that it borrows from as
    /// far as `may_read` allows.
    pub fn open(own: OwnedFd, path: &Path, hash: hash::Kind, may_read: &dyn Fn(&Path) -> bool) -> Self {
        let alternates::Folders { folders, more_elsewhere } = alternates::folders(own, path, may_read);
        let folders = folders.into_iter().map(|root| Folder { root, packs: RwLock::default() }).collect();
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
            for pack in &folder.packs.read().unwrap_or_else(PoisonError::into_inner).open {
                found.extend(pack.index.with_prefix(prefix, most)?);
            }
            found.extend(folder.loose_with_prefix(prefix, self.hash, most));
        }
        found.sort_unstable();
        found.dedup();
        found.truncate(most);
        Ok(found)
    }

    /// Large blobs that need no other to be read, with their sizes.
    fn flow(&self, id: &oid) -> Result<Option<(u64, Box<dyn Read + Send>)>, ObjectError> {
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
            for pack in &folder.packs.read().unwrap_or_else(PoisonError::into_inner).open {
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
        self.folders.iter().fold(false, |any, folder| folder.look_for_packs(self.hash) || any)
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

impl Folder {
    fn loose(&self, id: &oid) -> std::io::Result<File> {
        let name = id.to_hex().to_string();
        beneath::plain_file(self.root.as_fd(), format!("{}/{}", &name[..2], &name[2..]).as_bytes())
    }

    fn loose_with_prefix(&self, prefix: &Prefix, hash: hash::Kind, most: usize) -> Vec<ObjectId> {
        let first = prefix.as_oid().to_hex_with_len(2).to_string();
        let listing = beneath::folder(self.root.as_fd(), first.as_bytes()).and_then(Dir::new);
        let names = listing.into_iter().flatten().filter_map(Result::ok);
        let ids = names.filter_map(|entry| {
            let name = [first.as_bytes(), entry.file_name().to_bytes()].concat();
            ObjectId::from_hex(&name).ok().filter(|id| id.kind() == hash)
        });
        ids.filter(|id| prefix.cmp_oid(id).is_eq()).take(most).collect()
    }

    fn look_for_packs(&self, hash: hash::Kind) -> bool {
        let Ok(folder) = beneath::folder(self.root.as_fd(), b"pack") else { return false };
        let changed = fstat(&folder).ok().map(|stat| (stat.st_mtime, stat.st_mtime_nsec));
        let mut packs = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        if changed.is_some() && std::mem::replace(&mut packs.listed, changed) == changed {
            return false;
        }
        let known = packs.open.len();
        let names = Dir::read_from(&folder).into_iter().flatten().filter_map(Result::ok);
        let names =
            names.filter_map(|entry| entry.file_name().to_bytes().strip_suffix(b".idx").map(<[u8]>::to_vec));
        for name in names {
            let is_known = packs.open.iter().any(|pack| pack.name == name);
            if !is_known && packs.open.len() < MOST_PACKS {
                packs.open.extend(open_pack(&folder, name, hash));
            }
        }
        packs.open.len() > known
    }
}

/// The pack of that name; nothing when it is on its way out, or no pack.
fn open_pack(folder: &OwnedFd, name: Vec<u8>, hash: hash::Kind) -> Option<Arc<Pack>> {
    let file = |ending: &[u8]| beneath::plain_file(folder.as_fd(), &[&name, ending].concat()).ok();
    let (index, data) = (file(b".idx")?, file(b".pack")?);
    Some(Arc::new(Pack::open(name, index, data, hash).ok()?))
}
