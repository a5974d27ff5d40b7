//! Reading a growing file to its end, across rotation, truncation and restarts.
//!
//! Pure of what the lines say. Reading changes nothing: it gives lines, and a tail that has come
//! as far, which takes the first one's place once the lines are dealt with.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::{FallocateFlags, OFlags, fallocate};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes read in one go.
const AT_ONCE: usize = 1 << 20;
/// The longest line that is one.
const LONGEST_LINE: usize = 64 << 10;
/// By so many of its first bytes a file is known again.
const HEAD: usize = 512;
/// A file that was rotated away is still listened to for so long: whoever writes it learns of
/// the new one a little later.
const OLD_FILE: Duration = Duration::from_secs(60);
/// What has been read is given back to the disk in steps of this many bytes.
const GIVEN_BACK: u64 = 16 << 20;
/// The beginning of a file that is never given back; whole blocks, by which holes are made.
const KEPT: u64 = 4096;

/// How far one file was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    inode: u64,
    offset: u64,
    /// SHA-256 of the first bytes, of [`HEAD`] or as many as were read: inodes are used again.
    head: String,
}

/// One file, read up to `offset`.
#[derive(Debug, Clone)]
struct Reading {
    file: Arc<File>,
    inode: u64,
    offset: u64,
    grew_at: Instant,
    given_back: u64,
}

/// A file that others write and rotate; the newest of its files is the last.
#[derive(Debug, Clone)]
pub struct Tail {
    path: PathBuf,
    files: VecDeque<Reading>,
}

/// What was read.
#[derive(Debug)]
pub struct Read {
    /// Whole lines, without their ends; of bytes, because nobody promised text.
    pub lines: Vec<Vec<u8>>,
    /// The tail that has come as far.
    pub tail: Tail,
    /// Where that is.
    pub places: Vec<Place>,
    /// Whether there is more to read already.
    pub is_behind: bool,
}

impl Tail {
    /// The tail of the file at `path`, gone on with from `places`. A file that is not there is
    /// waited for.
    pub fn resume(path: &Path, places: &[Place]) -> Self {
        let mut files = VecDeque::new();
        for place in places {
            match find(path, place) {
                Some(file) => files.push_back(file),
                None if place.offset == 0 => {}
                None => tracing::warn!(
                    file = %path.display(),
                    "a file was rotated away before it was read to its end; what it told is lost"
                ),
            }
        }
        Self { path: path.to_owned(), files }
    }

    /// Reads what has been written since, about [`AT_ONCE`] bytes of it. Waits for the disk.
    pub fn read(&self) -> Read {
        let mut tail = self.clone();
        tail.notice();
        let mut lines = Vec::new();
        let mut is_behind = false;
        for file in &mut tail.files {
            is_behind |= file.read(&mut lines);
            if is_behind {
                break;
            }
        }
        let newest = tail.files.len().saturating_sub(1);
        let mut index = 0;
        tail.files.retain(|file| {
            index += 1;
            index > newest || is_behind || file.grew_at.elapsed() < OLD_FILE
        });
        let places = tail.files.iter().map(Reading::place).collect();
        Read { lines, tail, places, is_behind }
    }

    /// Gives the blocks of what has been read, and will not be asked for again, back to the disk.
    ///
    /// The file is never truncated: a line appended between the last look and the cut would be
    /// lost. A hole takes no room, and changes nothing for whoever appends. Needs the right to
    /// write, which one may not have.
    pub fn give_back(&mut self) {
        let path = self.path.clone();
        let Some(newest) = self.files.back_mut() else { return };
        let end = newest.offset / KEPT * KEPT;
        if end < newest.given_back + GIVEN_BACK {
            return;
        }
        newest.given_back = end;
        let hole = || -> io::Result<()> {
            let file = OpenOptions::new().write(true).open(&path)?;
            if file.metadata()?.ino() != newest.inode {
                return Ok(());
            }
            let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
            Ok(fallocate(&file, flags, KEPT, end - KEPT)?)
        };
        if let Err(error) = hole() {
            tracing::debug!(%error, "what was read of a growing file stays on the disk");
        }
    }

    /// Looks whether another file has come to this place, or less is in it than was read.
    fn notice(&mut self) {
        let Ok(file) = open(&self.path) else { return };
        let Ok(found) = file.metadata() else { return };
        match self.files.iter_mut().find(|known| known.inode == found.ino()) {
            Some(known) if found.len() < known.offset => (known.offset, known.given_back) = (0, 0),
            Some(_) => {}
            None if found.is_file() => self.files.push_back(Reading::at(file, found.ino(), 0)),
            None => {}
        }
    }
}

impl Reading {
    fn at(file: File, inode: u64, offset: u64) -> Self {
        Self { file: Arc::new(file), inode, offset, grew_at: Instant::now(), given_back: offset }
    }

    /// Adds the whole lines after `offset`; whether there is more behind them.
    fn read(&mut self, lines: &mut Vec<Vec<u8>>) -> bool {
        let mut block = vec![0; AT_ONCE];
        let Ok(read) = self.file.read_at(&mut block, self.offset) else { return false };
        block.truncate(read);
        let whole = match block.iter().rposition(|byte| *byte == b'\n') {
            Some(end) => end + 1,
            // No line of ours: passed over, so that it is not read for ever.
            None if read > LONGEST_LINE => read,
            // Its rest is still to be written.
            None => 0,
        };
        if whole > 0 {
            self.grew_at = Instant::now();
            self.offset += whole as u64;
            lines.extend(block[..whole].split(|byte| *byte == b'\n').map(<[u8]>::to_vec));
            lines.pop_if(|line| line.is_empty());
        }
        read == AT_ONCE
    }

    fn place(&self) -> Place {
        Place { inode: self.inode, offset: self.offset, head: head(&self.file, self.offset) }
    }
}

/// The file that `place` speaks of: the one at `path`, or beside it under a longer name, as
/// rotation leaves it.
fn find(path: &Path, place: &Place) -> Option<Reading> {
    let name = path.file_name()?.to_str()?;
    let beside = fs::read_dir(path.parent()?).ok()?.flatten();
    let mut files = beside.filter(|file| {
        file.file_name().to_str().is_some_and(|other| other.starts_with(name))
            && file.metadata().is_ok_and(|found| found.ino() == place.inode && found.is_file())
    });
    let file = open(&files.next()?.path()).ok()?;
    let is_it = file.metadata().is_ok_and(|found| found.ino() == place.inode && found.len() >= place.offset)
        && head(&file, place.offset) == place.head;
    is_it.then(|| Reading::at(file, place.inode, place.offset))
}

/// Never waits for the other end of a pipe that somebody put there.
fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::NONBLOCK.bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

fn head(file: &File, offset: u64) -> String {
    let mut head = vec![0; usize::try_from(offset).map_or(HEAD, |offset| offset.min(HEAD))];
    match file.read_exact_at(&mut head, 0) {
        Ok(()) => crate::domain::Sha256(Sha256::digest(head).into()).to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests;
