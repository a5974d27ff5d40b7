//! A tar archive (POSIX.1-2001), member by member, without ever holding more than a header.
//!
//! The fields of headers are read by the `tar` crate; the walk is ours, because its own keeps
//! whole extension records in memory, however long a stranger says they are.

use tar::{EntryType, Header};

use super::input::Input;
use super::names::told;
use super::{Damage, pax};

const BLOCK: usize = 512;
/// Records of extensions and long names are read up to this length; ours have a few lines.
const LONGEST_EXTENSION: u64 = 64 << 10;

/// What a coding gives when it is undone.
pub trait Decoded: Send {
    /// The next bytes; 0 at the end, once it is sure that this is a right end.
    ///
    /// # Errors
    /// [`Damage`], after which nothing more comes.
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage>;

    /// What it was read from.
    fn into_input(self: Box<Self>) -> Input;

    /// What it was, for people.
    fn told(&self) -> String;

    /// What is unusual about it: harmless, but not as packages are made.
    fn oddities(&self) -> Vec<String>;
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file with bytes.
    File,
    /// A folder.
    Folder,
    /// Something else, which no package has: its word.
    Other(&'static str),
}

/// One entry of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Bytes.
    pub size: u64,
    /// Its permissions.
    pub mode: u32,
}

/// An archive that is being walked through.
pub struct Tar {
    decoded: Box<dyn Decoded>,
    /// Bytes that may still be unpacked.
    allowed: u64,
    /// The member whose content comes now.
    name: String,
    /// Bytes of it that are still to come.
    left: u64,
    /// Bytes of it that fill its last block.
    filler: usize,
}

impl Tar {
    /// Walks through `decoded`, which may unpack to `most` bytes.
    pub fn new(decoded: Box<dyn Decoded>, most: u64) -> Self {
        Self { decoded, allowed: most, name: String::new(), left: 0, filler: 0 }
    }

    /// The name of the member that is being read; empty before the first.
    pub fn current(&self) -> &str {
        &self.name
    }

    /// What the archive is unpacked from.
    pub fn decoded(&self) -> &dyn Decoded {
        &*self.decoded
    }

    /// What the package was read from.
    pub fn into_input(self) -> Input {
        self.decoded.into_input()
    }

    /// The next member; `None` at the end, once nothing but a right end follows. What is left of
    /// the content before it is passed over.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn next(&mut self) -> Result<Option<Member>, Damage> {
        self.pass_over()?;
        let mut extensions = pax::Extensions::default();
        loop {
            let Some(header) = self.header()? else {
                self.end()?;
                return Ok(None);
            };
            let size = size_of(&header).map_err(|fault| self.broken(fault))?;
            match header.entry_type() {
                EntryType::XHeader | EntryType::GNULongName => {
                    let record = self.record(size)?;
                    let read = match header.entry_type() {
                        EntryType::XHeader => extensions.read(&record),
                        _ => extensions.long_name(&record),
                    };
                    read.map_err(|fault| self.broken(fault))?;
                }
                _ => return self.member(&header, size, extensions).map(Some),
            }
        }
    }

    /// The next bytes of the member's content; 0 at its end.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(room.len());
        if most == 0 {
            return Ok(0);
        }
        let read = self.unpack(&mut room[..most])?;
        if read == 0 {
            return Err(Damage::archive(told(&self.name), "the archive ends in it"));
        }
        self.left -= read as u64;
        Ok(read)
    }

    fn member(&mut self, header: &Header, size: u64, extensions: pax::Extensions) -> Result<Member, Damage> {
        let name = match extensions.name {
            Some(name) => name,
            None => String::from_utf8_lossy(&header.path_bytes()).into_owned(),
        };
        self.name.clone_from(&name);
        let mode = header.mode().map_err(|_| self.broken("its mode is no number"))?;
        let kind =
            if extensions.is_sparse { Kind::Other("a sparse file") } else { kind(header.entry_type()) };
        let size = extensions.size.unwrap_or(size);
        self.left = size;
        self.filler = filler(size);
        Ok(Member { name, kind, size, mode })
    }

    fn broken(&self, fault: impl Into<String>) -> Damage {
        let place = match self.name.as_str() {
            "" => "first header".to_owned(),
            name => format!("header after {}", told(name)),
        };
        Damage::archive(place, fault)
    }

    fn pass_over(&mut self) -> Result<(), Damage> {
        let mut block = [0; 16 * BLOCK];
        while self.left > 0 {
            self.read(&mut block)?;
        }
        let filler = std::mem::take(&mut self.filler);
        let read = self.fill(&mut block[..filler])?;
        if read < filler {
            return Err(Damage::archive(told(&self.name), "the archive ends in it"));
        }
        if block[..filler].iter().any(|byte| *byte != 0) {
            return Err(Damage::archive(format!("filler after {}", told(&self.name)), "is not zeros"));
        }
        Ok(())
    }

    /// The next header; `None` for the block of zeros that ends an archive.
    fn header(&mut self) -> Result<Option<Header>, Damage> {
        let mut header = Header::new_old();
        let read = self.fill(header.as_mut_bytes())?;
        if read < BLOCK {
            return Err(self.broken("the archive ends without its two blocks of zeros"));
        }
        if header.as_bytes().iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let is_known = header.as_ustar().is_some() || header.as_gnu().is_some();
        if !is_known || header.cksum().ok() != Some(checksum(header.as_bytes())) {
            return Err(self.broken("cannot be read: its checksum does not fit"));
        }
        Ok(Some(header))
    }

    /// A second block of zeros, and as many more as there may be; then a right end of the coding.
    fn end(&mut self) -> Result<(), Damage> {
        let mut block = [0; 16 * BLOCK];
        let mut zeros = 0;
        loop {
            let read = self.unpack(&mut block)?;
            if block[..read].iter().any(|byte| *byte != 0) {
                return Err(Damage::archive("end of the archive", "something follows it"));
            }
            zeros += read;
            if read == 0 {
                break;
            }
        }
        if zeros < BLOCK || zeros % BLOCK != 0 {
            return Err(Damage::archive("end of the archive", "is not made of whole blocks"));
        }
        Ok(())
    }

    fn record(&mut self, size: u64) -> Result<Vec<u8>, Damage> {
        if size > LONGEST_EXTENSION {
            return Err(self.broken(format!("an extension of {size} bytes")));
        }
        let mut record = vec![0; size as usize + filler(size)];
        if self.fill(&mut record)? < record.len() {
            return Err(self.broken("the archive ends in an extension"));
        }
        record.truncate(size as usize);
        Ok(record)
    }

    fn fill(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        let mut filled = 0;
        while filled < room.len() {
            match self.unpack(&mut room[filled..])? {
                0 => break,
                read => filled += read,
            }
        }
        Ok(filled)
    }

    fn unpack(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        let read = self.decoded.read(room)?;
        self.allowed = self.allowed.checked_sub(read as u64).ok_or_else(|| {
            Damage::archive(told(&self.name), "the package unpacks to far more than it should; stopped here")
        })?;
        Ok(read)
    }
}

fn kind(kind: EntryType) -> Kind {
    match kind {
        EntryType::Regular | EntryType::Continuous => Kind::File,
        EntryType::Directory => Kind::Folder,
        EntryType::Link => Kind::Other("a hard link"),
        EntryType::Symlink => Kind::Other("a symbolic link"),
        EntryType::Char | EntryType::Block => Kind::Other("a device"),
        EntryType::Fifo => Kind::Other("a pipe"),
        EntryType::GNUSparse => Kind::Other("a sparse file"),
        EntryType::XGlobalHeader => Kind::Other("a global header"),
        _ => Kind::Other("of an unknown kind"),
    }
}

/// The size that the header itself tells. Those beyond 63 bits, which is how negative ones look
/// in base 256, are none.
fn size_of(header: &Header) -> Result<u64, &'static str> {
    let wide = header.as_old().size;
    let size = header.entry_size().map_err(|_| "its size is no number")?;
    let is_wide = wide[0] & 0x80 != 0;
    let is_sound = !is_wide || (wide[0] == 0x80 && wide[1..4] == [0; 3]);
    if is_sound && size <= i64::MAX as u64 { Ok(size) } else { Err("its size is negative, or beyond reason") }
}

/// The sum of all bytes, with spaces where the sum itself stands (POSIX.1 pax, ustar format).
fn checksum(header: &[u8; BLOCK]) -> u32 {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u32::from(*byte)).sum::<u32>();
    sum(&header[..148]) + 8 * u32::from(b' ') + sum(&header[156..])
}

fn filler(size: u64) -> usize {
    (size.wrapping_neg() % BLOCK as u64) as usize
}
