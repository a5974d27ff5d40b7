//! An entry's bytes without an index: from the beginning of the package on, until it comes.

use std::sync::Arc;

use super::Damage;
use super::frames::Frames;
use super::gzip::Gzip;
use super::input::ReadAt;
use super::tar::{Decoded, Tar};
use crate::domain::Archive;

/// Bytes that are not wanted, unpacked at a time.
const ASIDE: usize = 128 << 10;

/// Looks for one entry of a tar format.
pub struct ScanReader {
    bytes: Arc<dyn ReadAt>,
    format: Archive,
    name: String,
    most: u64,
    run: Option<Run>,
    /// Room for what is not wanted.
    aside: Vec<u8>,
}

struct Run {
    tar: Tar,
    /// Whether what comes now is the entry's.
    is_found: bool,
    unwanted: u64,
}

impl ScanReader {
    /// The entry `name` of the package `bytes`, which may unpack to `most` bytes.
    pub fn new(bytes: Arc<dyn ReadAt>, format: Archive, name: String, most: u64) -> Self {
        Self { bytes, format, name, most, run: None, aside: vec![0; ASIDE] }
    }

    /// Goes on at byte `at` of the entry: from the very beginning.
    pub fn go_to(&mut self, at: u64) {
        let bytes = Arc::clone(&self.bytes);
        let decoded: Box<dyn Decoded> = match self.format {
            Archive::TarZst => Box::new(Frames::of(bytes)),
            Archive::TarGz | Archive::Zip => Box::new(Gzip::of(bytes)),
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
        if !run.is_found {
            if run.tar.read(&mut self.aside)? == 0 {
                let member = run.tar.next()?;
                let member = member.ok_or_else(|| Damage::archive(&self.name, "is not in the package"))?;
                run.is_found = member.name == self.name;
            }
            return Ok(0);
        }
        let is_wanted = run.unwanted == 0;
        let most = usize::try_from(run.unwanted).unwrap_or(usize::MAX).min(self.aside.len());
        let got = run.tar.read(if is_wanted { room } else { &mut self.aside[..most] })?;
        if got == 0 {
            return Err(Damage::archive(&self.name, "is shorter than it should be"));
        }
        run.unwanted -= if is_wanted { 0 } else { got as u64 };
        Ok(if is_wanted { got } else { 0 })
    }
}
