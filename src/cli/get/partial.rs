//! A package that is not whole yet, on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::fs::{CWD, FallocateFlags, OFlags, RenameFlags, fallocate, renameat_with};
use rustix::io::Errno;
use tokio_util::sync::CancellationToken;

use super::fault::GetError;
use super::missing::Missing;
use super::offer::Offer;
use super::place::{Place, digest_of};
use super::state::State;
use crate::domain::Sha256;

/// `FILE.part`, and `FILE.part.json` which says what of it is there. As long as it is open, nobody
/// else writes it.
#[derive(Debug)]
pub struct Partial {
    place: Place,
    file: File,
    size: Option<u64>,
    state: Mutex<State>,
}

/// What there was already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Nothing that could be used.
    Nothing,
    /// A part of this package.
    Part,
    /// A part of another package, which is gone now.
    AnotherPackage,
}

impl Partial {
    /// Goes on with what is there of the package that is offered at `address`, or begins. The space
    /// that it needs is taken at once, so that a disk which is too small says so now.
    ///
    /// # Errors
    /// When there is a partial file that is not ours, unless that may be written over (`force`);
    /// when another process has it; when the disk is full.
    pub fn open(
        place: &Place,
        offer: &Offer,
        address: Sha256,
        force: bool,
    ) -> Result<(Self, Found), GetError> {
        let part = place.part();
        let file = opened(place)?;
        let left = State::read(&place.state());
        let length = file.metadata().map_err(|error| GetError::disk(&part, 0, error))?.len();
        if left.is_none() && length > 0 && !force {
            return Err(GetError::ForeignPart(part));
        }
        let fresh = State::new(offer, address);
        let (state, found) = match left {
            Some(left) if left.is_of(&fresh) && left.reaches() <= length && offer.in_parts().is_some() => {
                (fresh.lacking(left.missing), Found::Part)
            }
            Some(left) if left.is_of_another(&fresh) => (fresh, Found::AnotherPackage),
            _ => (fresh, Found::Nothing),
        };
        let partial = Self { place: place.clone(), file, size: offer.size, state: Mutex::new(state) };
        partial.reserve(found == Found::Part)?;
        Ok((partial, found))
    }

    /// The state goes first: bytes without one are nobody's.
    fn reserve(&self, goes_on: bool) -> Result<(), GetError> {
        let state = self.state().clone();
        state.write(&self.place.state()).map_err(|error| self.failed(error))?;
        let reserved = if goes_on { Ok(()) } else { self.file.set_len(0) };
        let reserved = reserved.and_then(|()| self.size.map_or(Ok(()), |size| allocate(&self.file, size)));
        reserved.map_err(|error| {
            if !goes_on {
                self.discard();
            }
            self.failed(error)
        })
    }

    /// Takes these bytes in at their place.
    ///
    /// # Errors
    /// When the disk does not take them.
    pub fn write(&self, at: u64, bytes: &[u8]) -> Result<(), GetError> {
        self.file.write_all_at(bytes, at).map_err(|error| self.failed(error))?;
        self.state().missing.fill(&(at..at + bytes.len() as u64));
        Ok(())
    }

    /// Forgets what is there: it comes once more from the first byte.
    pub fn begin_again(&self) {
        self.state().missing = Missing::all(self.size.unwrap_or(u64::MAX));
    }

    /// That was all of it, `size` bytes, of which nobody had told before how many they are.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn ends_at(&self, size: u64) -> Result<(), GetError> {
        self.state().missing = Missing::all(0);
        self.file.set_len(size).map_err(|error| self.failed(error))
    }

    /// What is still to come.
    pub fn missing(&self) -> Missing {
        self.state().missing.clone()
    }

    /// Bytes that are there, where the size is known.
    pub fn there(&self) -> u64 {
        self.size.map_or(0, |size| size - self.state().missing.bytes())
    }

    /// Makes what is there survive a kill and a power cut. What comes while this runs is not told
    /// to be there, so that the state never promises more than the disk has.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn save(&self) -> Result<(), GetError> {
        let state = self.state().clone();
        let saved = self.file.sync_data().and_then(|()| state.write(&self.place.state()));
        saved.map_err(|error| self.failed(error))
    }

    /// The SHA-256 of the whole file, as it is read back, and its size.
    ///
    /// # Errors
    /// When it cannot be read, or a signal came.
    pub fn digest(&self, stop: &CancellationToken) -> Result<(Sha256, u64), GetError> {
        let read = |mut file: &File| {
            file.rewind()?;
            Ok((digest_of(file, stop)?, file.metadata()?.len()))
        };
        let read = read(&self.file).map_err(|error| self.failed(error))?;
        if stop.is_cancelled() { Err(GetError::Interrupted) } else { Ok(read) }
    }

    /// Gives the whole file its name; it is on the disk before it has it. Only if `force` says so
    /// does it take the place of another.
    ///
    /// # Errors
    /// When the disk fails, or a file of that name has come in the meantime.
    pub fn finish(&self, force: bool) -> Result<(), GetError> {
        let (part, target) = (self.place.part(), &self.place.target);
        self.file.sync_all().map_err(|error| self.failed(error))?;
        match renamed(&part, target, force) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                return Err(GetError::InTheWay(target.clone()));
            }
            renamed => renamed.map_err(|error| GetError::disk(target, 0, error))?,
        }
        State::forget(&self.place.state());
        let synced = File::open(self.place.folder()).and_then(|folder| folder.sync_all());
        synced.map_err(|error| GetError::disk(self.place.folder(), 0, error))
    }

    /// Leaves nothing.
    pub fn discard(&self) {
        // The part goes first, as one without a state would be taken for somebody else's. What
        // cannot be removed is found by the next run.
        let _ = fs::remove_file(self.place.part());
        State::forget(&self.place.state());
    }

    fn failed(&self, error: io::Error) -> GetError {
        let needed = self.size.map_or(0, |_| self.state().missing.bytes());
        GetError::disk(self.place.part(), needed, error)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The partial file, for us alone. Links are not followed: in a folder that others write too, one
/// could lead anywhere.
fn opened(place: &Place) -> Result<File, GetError> {
    let part = place.part();
    let failed = |error| GetError::disk(&part, 0, error);
    loop {
        if fs::symlink_metadata(&part).is_ok_and(|there| !there.is_file()) {
            return Err(GetError::NoFile(part));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(&part).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(GetError::Busy(part)),
            Err(fs::TryLockError::Error(error)) => return Err(failed(error)),
        }
        // Whoever held it may have given it its name in the meantime; then it is not ours.
        let ours = file.metadata().map_err(failed)?;
        if fs::metadata(&part).is_ok_and(|there| (there.dev(), there.ino()) == (ours.dev(), ours.ino())) {
            return Ok(file);
        }
    }
}

/// Takes the space, where the file system can; at least the length, where it cannot.
fn allocate(file: &File, size: u64) -> io::Result<()> {
    if size == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::empty(), 0, size) {
        Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => file.set_len(size),
        allocated => Ok(allocated?),
    }
}

fn renamed(part: &std::path::Path, target: &std::path::Path, force: bool) -> io::Result<()> {
    if force {
        return fs::rename(part, target);
    }
    match renameat_with(CWD, part, CWD, target, RenameFlags::NOREPLACE) {
        // Some file systems do not know how; there the look before has to do.
        Err(Errno::INVAL | Errno::NOSYS) if !target.exists() => fs::rename(part, target),
        Err(Errno::INVAL | Errno::NOSYS) => Err(io::ErrorKind::AlreadyExists.into()),
        renamed => Ok(renamed?),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use tempfile::TempDir;

    use super::*;

    const ADDRESS: Sha256 = Sha256([7; 32]);

    fn offer(tag: &'static str) -> Offer {
        let tag = Some(HeaderValue::from_static(tag));
        Offer { size: Some(100), tag, takes_ranges: true, ..Offer::default() }
    }

    fn place(folder: &TempDir) -> Place {
        Place { target: folder.path().join("a.zip") }
    }

    fn open(place: &Place, tag: &'static str) -> Result<(Partial, Found), GetError> {
        Partial::open(place, &offer(tag), ADDRESS, false)
    }

    #[test]
    fn what_was_saved_is_there_after_a_kill_and_what_was_not_comes_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let (partial, found) = open(&place(&folder), "\"a\"").expect("a new one");
        assert_eq!((found, partial.there()), (Found::Nothing, 0));
        partial.write(10, &[1; 20]).expect("written");
        partial.save().expect("saved");
        partial.write(50, &[2; 20]).expect("written, and lost");
        assert!(matches!(open(&place(&folder), "\"a\""), Err(GetError::Busy(_))));
        drop(partial);

        let (partial, found) = open(&place(&folder), "\"a\"").expect("the same");
        assert_eq!((found, partial.there()), (Found::Part, 20));
        assert_eq!(partial.missing().ranges(), [0..10, 30..100]);
        drop(partial);
        let (partial, found) = open(&place(&folder), "\"b\"").expect("another");
        assert_eq!((found, partial.there()), (Found::AnotherPackage, 0));
    }

    #[test]
    fn a_part_that_was_cut_short_is_not_believed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (partial, _) = open(&place(&folder), "\"a\"").expect("a new one");
        partial.write(0, &[1; 60]).expect("written");
        partial.save().expect("saved");
        drop(partial);
        let part = File::options().write(true).open(place(&folder).part()).expect("a file");
        part.set_len(59).expect("cut");
        assert_eq!(open(&place(&folder), "\"a\"").expect("once more").1, Found::Nothing);
    }

    #[test]
    fn nothing_is_written_through_a_link_and_nothing_is_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let (place, thesis) = (place(&folder), folder.path().join("thesis"));
        fs::write(&thesis, "mine").expect("written");
        std::os::unix::fs::symlink(&thesis, place.part()).expect("a link");
        assert!(matches!(open(&place, "\"a\""), Err(GetError::NoFile(_))));
        fs::remove_file(place.part()).expect("removed");

        let (partial, _) = open(&place, "\"a\"").expect("a new one");
        fs::write(&place.target, "came in the meantime").expect("written");
        assert!(matches!(partial.finish(false), Err(GetError::InTheWay(_))));
        assert_eq!(fs::read(&place.target).expect("a file"), b"came in the meantime");
        partial.finish(true).expect("with force");
        assert_eq!(fs::read(&place.target).expect("a file").len(), 100);
        assert_eq!(fs::read(&thesis).expect("a file"), b"mine");
    }
}
