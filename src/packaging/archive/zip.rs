//! Zip (APPNOTE 6.3.10): heads around bytes that are packed already.
//!
//! Exact sizes stand in every local header and no data descriptor follows, so that readers which
//! do not seek get along; Zip64 only where a number needs it. Nothing of the machine or the day
//! goes in: the date is 1980-01-01, the mode 0644.
//!
//! Framed here and not by `async_zip`, whose precompressed entries are slices: an entry of 5 GB
//! would have to lie in memory. `async_zip` reads what is written here, in `verify`.

use super::super::PackError;
use super::super::index::Coding;
use super::super::packed::Facts;
use super::super::seal::Seal;
use super::super::source::EntryKind;
use super::{FILE_MODE, FOLDER_MODE};

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const ZIP64: u16 = 0x0001;
/// General purpose bit 11: names are UTF-8.
const UTF8: u16 = 1 << 11;
/// Made by Unix, after APPNOTE 4.5.
const MADE_BY: u16 = 3 << 8 | 45;
/// 1980-01-01 in MS-DOS form, the earliest date there is.
const DATE: u16 = 1 << 5 | 1;
/// The largest number of 32 bits, which says "look in the Zip64 field".
const MAX_32: u64 = u32::MAX as u64;
const MAX_16: u64 = u16::MAX as u64;

/// The directory at the end of an archive, as it grows.
#[derive(Default)]
pub struct ZipDirectory {
    records: Vec<u8>,
    count: u64,
}

impl ZipDirectory {
    /// Writes an entry's head. Its packed bytes have to follow.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn begin(
        &mut self,
        seal: &mut Seal<'_>,
        name: &str,
        kind: EntryKind,
        facts: &Facts,
    ) -> Result<(), PackError> {
        let offset = seal.position();
        let large = facts.size >= MAX_32 || facts.packed_size >= MAX_32;
        let mut head = Vec::with_capacity(64 + name.len());
        let sizes =
            if large { (u32::MAX, u32::MAX) } else { (low_32(facts.packed_size), low_32(facts.size)) };
        head.u32(LOCAL).common(name, facts, large, sizes).u16(if large { 20 } else { 0 });
        head.extend_from_slice(name.as_bytes());
        if large {
            head.u16(ZIP64).u16(16).u64(facts.size).u64(facts.packed_size);
        }
        seal.write(&head)?;
        self.record(name, kind, facts, offset);
        Ok(())
    }

    /// Ends the archive.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn finish(self, seal: &mut Seal<'_>) -> Result<(), PackError> {
        let (offset, size) = (seal.position(), self.records.len() as u64);
        seal.write(&self.records)?;
        let mut end = Vec::with_capacity(128);
        if self.count >= MAX_16 || size >= MAX_32 || offset >= MAX_32 {
            let at = seal.position();
            end.u32(END_64).u64(44).u16(MADE_BY).u16(45).u32(0).u32(0);
            end.u64(self.count).u64(self.count).u64(size).u64(offset);
            end.u32(LOCATOR_64).u32(0).u64(at).u32(1);
        }
        end.u32(END).u16(0).u16(0).u16(low_16(self.count)).u16(low_16(self.count));
        end.u32(low_32(size)).u32(low_32(offset)).u16(0);
        seal.write(&end)
    }

    fn record(&mut self, name: &str, kind: EntryKind, facts: &Facts, offset: u64) {
        // Both sizes go along wherever one number is wide, and say so in their own fields: a
        // Zip64 field without them is allowed, but async_zip 0.0.19 does not read it.
        let is_far = offset >= MAX_32;
        let is_wide = is_far || facts.size >= MAX_32 || facts.packed_size >= MAX_32;
        let numbers: u16 = if is_far { 3 } else { 2 };
        let (mode, dos) = match kind {
            EntryKind::File => (0o100_000 | FILE_MODE, 0),
            EntryKind::EmptyFolder => (0o040_000 | FOLDER_MODE, 0x10),
        };
        let records = &mut self.records;
        let sizes =
            if is_wide { (u32::MAX, u32::MAX) } else { (low_32(facts.packed_size), low_32(facts.size)) };
        records.u32(CENTRAL).u16(MADE_BY).common(name, facts, is_wide, sizes);
        records
            .u16(if is_wide { 4 + 8 * numbers } else { 0 })
            .u16(0)
            .u16(0)
            .u16(0)
            .u32(mode << 16 | dos)
            .u32(low_32(offset));
        records.extend_from_slice(name.as_bytes());
        if is_wide {
            records.u16(ZIP64).u16(8 * numbers).u64(facts.size).u64(facts.packed_size);
        }
        if is_far {
            records.u64(offset);
        }
        self.count += 1;
    }
}

/// Little-endian numbers at the end of a record.
trait Record {
    fn u16(&mut self, number: u16) -> &mut Self;
    fn u32(&mut self, number: u32) -> &mut Self;
    fn u64(&mut self, number: u64) -> &mut Self;
    /// What a local header and a central record have in common, up to the length of the name.
    fn common(&mut self, name: &str, facts: &Facts, needs_zip64: bool, sizes: (u32, u32)) -> &mut Self;
}

impl Record for Vec<u8> {
    fn u16(&mut self, number: u16) -> &mut Self {
        self.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn u32(&mut self, number: u32) -> &mut Self {
        self.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn u64(&mut self, number: u64) -> &mut Self {
        self.extend_from_slice(&number.to_le_bytes());
        self
    }

    fn common(
        &mut self,
        name: &str,
        facts: &Facts,
        needs_zip64: bool,
        (packed, size): (u32, u32),
    ) -> &mut Self {
        let method = match facts.coding {
            Coding::Plain => 0,
            Coding::Deflate => 8,
            Coding::Zstd => 93,
        };
        self.u16(if needs_zip64 { 45 } else { 20 }).u16(UTF8).u16(method).u16(0).u16(DATE);
        self.u32(facts.crc).u32(packed).u32(size).u16(u16::try_from(name.len()).unwrap_or(u16::MAX))
    }
}

fn low_32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn low_16(number: u64) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
