//! The names that a repository has for its commits: loose files, and `packed-refs`.
//!
//! Source: git's `Documentation/gitrepository-layout.adoc`, `refs` and `packed-refs`.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};

use gix::hash::ObjectId;
use rustix::fs::{Dir, FileType};

use crate::loaders::tree::beneath;

/// The longest file with one name in it.
const LONGEST_LOOSE: u64 = 4096;
/// The longest `packed-refs` that is read.
const LONGEST_PACKED: u64 = 64 << 20;
/// Names that lead to names that lead to names.
const DEEPEST: usize = 5;
/// No more names are listed.
pub const MOST: usize = 20_000;
/// Folders that names are looked for in.
const MOST_FOLDERS: usize = 20_000;

/// The names in one repository's folder.
#[derive(Debug)]
pub struct Refs {
    folder: OwnedFd,
}

impl Refs {
    /// Those in `folder`, a repository's own.
    pub fn new(folder: OwnedFd) -> Self {
        Self { folder }
    }

    /// What the whole name (`HEAD`, `refs/heads/main`) stands for.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub fn find(&self, name: &str) -> io::Result<Option<ObjectId>> {
        let mut name = name.to_owned();
        for _ in 0..DEEPEST {
            match self.loose(&name)? {
                Some(Target::Object(id)) => return Ok(Some(id)),
                Some(Target::Name(next)) => name = next,
                None => return Ok(self.packed()?.get(name.as_bytes()).copied()),
            }
        }
        Ok(None)
    }

    /// Up to [`MOST`] names that begin with `prefix` (`refs/tags/`), without it, in order.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub fn list(&self, prefix: &str) -> io::Result<Vec<(Vec<u8>, ObjectId)>> {
        let mut names = self.packed()?;
        names.retain(|name, _| name.starts_with(prefix.as_bytes()));
        for name in self.loose_names(prefix) {
            let found = std::str::from_utf8(&name).ok().map(|name| self.find(name)).transpose()?;
            if let Some(id) = found.flatten() {
                names.insert(name, id);
            }
        }
        let names = names.into_iter().take(MOST);
        Ok(names.map(|(name, id)| (name[prefix.len()..].to_vec(), id)).collect())
    }

    fn loose(&self, name: &str) -> io::Result<Option<Target>> {
        let mut text = String::new();
        match beneath::plain_file(self.folder.as_fd(), name.as_bytes()) {
            Ok(file) => match file.take(LONGEST_LOOSE).read_to_string(&mut text) {
                Ok(_) => Ok(Target::parse(&text)),
                Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(None),
                Err(error) => Err(error),
            },
            // A folder, a link, nothing: no name in any case.
            Err(_) => Ok(None),
        }
    }

    fn packed(&self) -> io::Result<BTreeMap<Vec<u8>, ObjectId>> {
        let mut text = Vec::new();
        if let Ok(file) = beneath::plain_file(self.folder.as_fd(), b"packed-refs") {
            file.take(LONGEST_PACKED).read_to_end(&mut text)?;
        }
        let lines = text.split(|byte| *byte == b'\n');
        // `#` begins what is said of the file, `^` what the tag above it stands for.
        let names = lines.filter_map(|line| {
            let at = line.iter().position(|byte| *byte == b' ')?;
            Some((line[at + 1..].to_vec(), ObjectId::from_hex(&line[..at]).ok()?))
        });
        Ok(names.collect())
    }

    fn loose_names(&self, prefix: &str) -> Vec<Vec<u8>> {
        let (mut names, mut ahead, mut folders) = (Vec::new(), vec![prefix.as_bytes().to_vec()], 0);
        while let Some(folder) = ahead.pop() {
            folders += 1;
            let listing = beneath::folder(self.folder.as_fd(), &folder).and_then(Dir::new);
            for entry in listing.into_iter().flatten().filter_map(Result::ok) {
                let own = entry.file_name().to_bytes();
                let whole = [&folder, own].concat();
                match entry.file_type() {
                    _ if own == b"." || own == b".." || own.ends_with(b".lock") => {}
                    FileType::Directory => ahead.push([&whole, &b"/"[..]].concat()),
                    _ => names.push(whole),
                }
                if names.len() >= MOST || ahead.len() + folders >= MOST_FOLDERS {
                    return names;
                }
            }
        }
        names
    }
}

enum Target {
    Object(ObjectId),
    Name(String),
}

impl Target {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim_end();
        let Some(name) = text.strip_prefix("ref:") else {
            return ObjectId::from_hex(text.as_bytes()).ok().map(Self::Object);
        };
        let name = name.trim_start();
        // Opened beneath the repository in any case; but only names are names.
        let is_name =
            name.starts_with("refs/") && !name.split('/').any(|part| part.is_empty() || part == "..");
        is_name.then(|| Self::Name(name.to_owned()))
    }
}
