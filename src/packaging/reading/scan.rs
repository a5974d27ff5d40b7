//! An entry's bytes without an index: from the beginning of the package on, until it comes.

use std::sync::Arc;

use super::Damage;
use super::frames::Frames;
use super::gzip::Gzip;
use super::input::ReadAt;
use super::tar::{Decoded, Tar};
use crate::domain::Format;

/// Looks for one entry of a tar format.
pub struct ScanReader {
    bytes: Arc<dyn ReadAt>,
    format: Format,
    name: String,
    most: u64,
    run: Option<Run>,
}

struct Run {
    tar: Tar,
    /// Whether what comes now is the entry's.
    is_found: bool,
    unwanted: u64,
}

impl ScanReader {
    /// The entry `name` of the package `bytes`, which may unpack to `most` bytes.
    pub fn new(bytes: Arc<dyn ReadAt>, format: Format, name: String, most: u64) -> Self {
        Self { bytes, format, name, most, run: None }
    }

    /// Goes on at byte `at` of the entry: from the very beginning.
    pub fn go_to(&mut self, at: u64) {
        let bytes = Arc::clone(&self.bytes);
        let decoded: Box<dyn Decoded> = match self.format {
            Format::TarZst => Box::new(Frames::of(bytes)),
            Format::TarGz | Format::Zip => Box::new(Gzip::of(bytes)),
        };
        self.run = Some(Run { tar: Tar::new(decoded, self.most), is_found: false, unwanted: at });
    }

    /// Whether it is somewhere.
    pub fn is_on_its_way(&self) -> bool {
        self.run.is_some()
    }

    /// Forgets where it was.
    pub fn forget(&mut self) {
        self.run = None;
    }

    /// The next bytes; 0 when some were passed over, and one has to ask again.
    ///
    /// # Errors
    /// [`Damage`]; also when there is no such entry.
    pub fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        let run = self.run.as_mut().expect("it was told where to go");
        let got = match (run.is_found, run.unwanted) {
            (true, 0) => return run.tar.read(room),
            (true, unwanted) => {
                let most = room.len().min(usize::try_from(unwanted).unwrap_or(room.len()));
                run.tar.read(&mut room[..most])?
            }
            (false, _) => run.tar.read(room)?,
        };
        match (got, run.is_found) {
            (0, true) => return Err(Damage::archive(&self.name, "is shorter than it should be")),
            (0, false) => match run.tar.next()? {
                Some(member) => run.is_found = member.name == self.name,
                None => return Err(Damage::archive(&self.name, "is not in the package")),
            },
            (got, true) => run.unwanted -= got as u64,
            (_, false) => {}
        }
        Ok(0)
    }
}
