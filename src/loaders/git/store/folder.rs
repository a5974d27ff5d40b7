//! A folder of objects: some in packs, some loose.

use std::fs::File;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, PoisonError, RwLock};

use gix::hash::{Kind, ObjectId, Prefix, oid};
use rustix::fs::{Dir, fstat};

use crate::loaders::tree::beneath;

use super::pack::Pack;

/// A folder with more packs needs `git gc` before anything else.
const MOST_PACKS: usize = 4096;

/// A folder of objects.
#[derive(Debug)]
pub struct Folder {
    root: OwnedFd,
    packs: RwLock<Packs>,
}

#[derive(Debug, Default)]
struct Packs {
    /// When the folder that was listed had last changed.
    listed: Option<(i64, u64)>,
    open: Arc<Vec<Arc<Pack>>>,
}

impl Folder {
    /// What is in `root`; its packs are still to be looked for.
    pub fn new(root: OwnedFd) -> Self {
        Self { root, packs: RwLock::default() }
    }

    /// The packs that are known. Once open they stay readable, also after `git gc` removed them.
    pub fn packs(&self) -> Arc<Vec<Arc<Pack>>> {
        Arc::clone(&self.packs.read().unwrap_or_else(PoisonError::into_inner).open)
    }

    /// The file of the loose object `id`.
    pub fn loose(&self, id: &oid) -> std::io::Result<File> {
        let name = id.to_hex().to_string();
        beneath::plain_file(self.root.as_fd(), format!("{}/{}", &name[..2], &name[2..]).as_bytes())
    }

    /// Up to `most` loose objects whose names begin with `prefix`.
    pub fn loose_with_prefix(&self, prefix: &Prefix, hash: Kind, most: usize) -> Vec<ObjectId> {
        let first = prefix.as_oid().to_hex_with_len(2).to_string();
        let listing = beneath::folder(self.root.as_fd(), first.as_bytes()).and_then(Dir::new);
        let names = listing.into_iter().flatten().filter_map(Result::ok);
        let ids = names.filter_map(|entry| {
            let name = [first.as_bytes(), entry.file_name().to_bytes()].concat();
            ObjectId::from_hex(&name).ok().filter(|id| id.kind() == hash)
        });
        ids.filter(|id| prefix.cmp_oid(id).is_eq()).take(most).collect()
    }

    /// Opens packs that are new; `true` when there are any.
    pub fn look_for_packs(&self, hash: Kind) -> bool {
        let Ok(folder) = beneath::folder(self.root.as_fd(), b"pack") else { return false };
        let changed = fstat(&folder).ok().map(|stat| (stat.st_mtime, stat.st_mtime_nsec));
        let mut packs = self.packs.write().unwrap_or_else(PoisonError::into_inner);
        if changed.is_some() && std::mem::replace(&mut packs.listed, changed) == changed {
            return false;
        }
        let mut open = packs.open.to_vec();
        let names = Dir::read_from(&folder).into_iter().flatten().filter_map(Result::ok);
        let names =
            names.filter_map(|entry| entry.file_name().to_bytes().strip_suffix(b".idx").map(<[u8]>::to_vec));
        for name in names {
            let is_known = open.iter().any(|pack| pack.name == name);
            if !is_known && open.len() < MOST_PACKS {
                open.extend(open_pack(&folder, name, hash));
            }
        }
        let are_new = open.len() > packs.open.len();
        packs.open = Arc::new(open);
        are_new
    }
}

/// The pack of that name; nothing when it is on its way out, or no pack.
fn open_pack(folder: &OwnedFd, name: Vec<u8>, hash: Kind) -> Option<Arc<Pack>> {
    let file = |ending: &[u8]| beneath::plain_file(folder.as_fd(), &[&name, ending].concat()).ok();
    let (index, data) = (file(b".idx")?, file(b".pack")?);
    Some(Arc::new(Pack::open(name, index, data, hash).ok()?))
}
