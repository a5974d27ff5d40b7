//! The central directory of a zip archive (APPNOTE 6.3.10), and whether the archive is as it says.
//!
//! Read before any other reader sees the archive: what this finds bounds the memory that the
//! other takes, and tells where things lie.

use std::sync::Arc;

use super::Damage;
use super::input::{ReadAt, fill_at};
use super::names::told;

const LOCAL: u32 = 0x0403_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const END_LENGTH: u64 = 22;
const LOCATOR_LENGTH: u64 = 20;
const LONGEST_COMMENT: u64 = 0xffff;
const MAX_32: u32 = u32::MAX;
const ZIP64: u16 = 1;
/// 1980-01-01 in MS-DOS form, which all entries of packages have.
const DATE: u16 = 1 << 5 | 1;
const UTF8: u16 = 1 << 11;
const MADE_BY: u16 = 3 << 8 | 45;
/// General purpose bit 3: sizes follow the content.
const DESCRIPTOR: u16 = 1 << 3;

/// What the directory says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its name.
    pub name: String,
    /// Where its local header begins.
    pub header_at: u64,
    /// Bytes as packed.
    pub packed: u64,
    /// Bytes unpacked.
    pub size: u64,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// How it is packed: 0 stored, 8 deflated.
    pub method: u16,
    /// Its permissions and kind, as Unix has them.
    pub mode: u32,
    flags: u16,
    /// Whether all that other readers pass over is as packages have it.
    is_plain: bool,
    /// Whether its numbers are in a Zip64 field.
    is_wide: bool,
}

/// A directory whose every record was read.
pub struct Directory {
    bytes: Arc<dyn ReadAt>,
    /// The entries, in its order.
    pub records: Vec<Record>,
    /// Where it begins.
    pub begins: u64,
    /// Whether what ends it is as packages have it.
    end_is_plain: bool,
}

impl Directory {
    /// Reads the directory of `bytes`, unless it has more than `most` entries.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn read(bytes: Arc<dyn ReadAt>, most: usize) -> Result<Self, Damage> {
        let length = bytes.length()?;
        let end_at = find_end(&*bytes, length)?;
        let end = End::read(&*bytes, end_at)?;
        let mut records = Vec::new();
        let mut at = end.begins;
        while at < end.ends {
            if records.len() == most {
                return Err(broken(format!("it has more than {most} entries")));
            }
            let (record, next) = record(&*bytes, at, records.len())?;
            records.push(record);
            at = next;
        }
        if at != end.ends || records.len() as u64 != end.count {
            return Err(broken("it has other entries than its end says"));
        }
        Ok(Self { bytes, records, begins: end.begins, end_is_plain: end.is_plain })
    }

    /// Where the packed bytes of `record` begin, and whether its local header is as packages
    /// have it.
    ///
    /// # Errors
    /// [`Damage`] when there is no local header there, or one that says otherwise.
    pub fn content_of(&self, record: &Record) -> Result<(u64, bool), Damage> {
        let place = || format!("header of {}", told(&record.name));
        let fixed: [u8; 30] =
            read(&*self.bytes, record.header_at).map_err(|_| Damage::archive(place(), "is not there"))?;
        if u32_at(&fixed, 0) != LOCAL {
            return Err(Damage::archive(place(), "is none"));
        }
        let (name_length, extra_length) = (u16_at(&fixed, 26), u16_at(&fixed, 28));
        let mut name = vec![0; usize::from(name_length)];
        let got = fill_at(&*self.bytes, &mut name, record.header_at + 30)?;
        let has_descriptor = record.flags & DESCRIPTOR != 0;
        let (crc, packed, size) = (u32_at(&fixed, 14), u32_at(&fixed, 18), u32_at(&fixed, 22));
        let is_wide = packed == MAX_32 || size == MAX_32;
        let is_same = (u16_at(&fixed, 6), u16_at(&fixed, 8)) == (record.flags, record.method)
            && String::from_utf8_lossy(&name[..got]) == record.name
            && (has_descriptor || crc == record.crc)
            && (has_descriptor
                || is_wide
                || (u64::from(packed), u64::from(size)) == (record.packed, record.size));
        if !is_same {
            return Err(Damage::archive(place(), "says otherwise than the directory"));
        }
        let at = record.header_at + 30 + u64::from(name_length) + u64::from(extra_length);
        if at.checked_add(record.packed).is_none_or(|end| end > self.begins) {
            return Err(Damage::archive(told(&record.name), "reaches into the directory"));
        }
        let is_plain = u32_at(&fixed, 10) == u32::from(DATE) << 16
            && u16_at(&fixed, 4) == if is_wide { 45 } else { 20 }
            && extra_length == if is_wide { 20 } else { 0 };
        Ok((at, is_plain))
    }

    /// Walks over the whole archive: no two entries may share bytes. Tells what else is unusual:
    /// harmless, but not as packages are made.
    ///
    /// # Errors
    /// [`Damage`], and the first entry it is in.
    pub fn walk(&self) -> Result<Vec<String>, Damage> {
        let mut oddities = Vec::new();
        let mut order: Vec<&Record> = self.records.iter().collect();
        order.sort_unstable_by_key(|record| record.header_at);
        let mut at = 0;
        for record in order {
            let name = told(&record.name);
            if record.header_at < at {
                return Err(Damage::archive(format!("header of {name}"), "lies inside of another entry"));
            }
            if record.header_at > at {
                note(&mut oddities, format!("bytes {at} to {} belong to no entry", record.header_at));
            }
            let (begins, is_plain) = self.content_of(record)?;
            if !is_plain {
                note(&mut oddities, format!("the header of {name} is not as packages have it"));
            }
            if !record.is_plain {
                note(&mut oddities, format!("the directory's record of {name} is not as packages have it"));
            }
            at = begins + record.packed;
        }
        if at != self.begins {
            note(&mut oddities, format!("bytes {at} to {} belong to no entry", self.begins));
        }
        if !self.end_is_plain {
            note(&mut oddities, "the directory's end is not as packages have it".to_owned());
        }
        Ok(oddities)
    }
}

fn note(oddities: &mut Vec<String>, oddity: String) {
    if oddities.len() < 5 {
        oddities.push(oddity);
    }
}

/// The end of a directory, of either width.
struct End {
    begins: u64,
    ends: u64,
    count: u64,
    is_plain: bool,
}

impl End {
    fn read(bytes: &dyn ReadAt, at: u64) -> Result<Self, Damage> {
        let end: [u8; END_LENGTH as usize] = read(bytes, at)?;
        let (count, size, begins) = (u16_at(&end, 10), u32_at(&end, 12), u32_at(&end, 16));
        if u16_at(&end, 8) != count || u32_at(&end, 4) != 0 {
            return Err(broken("it is spread over several disks"));
        }
        let wide = at.checked_sub(LOCATOR_LENGTH).and_then(|locator| wide_end(bytes, locator).transpose());
        let found = match wide {
            Some(wide) => wide?,
            None => {
                let (begins, count) = (u64::from(begins), u64::from(count));
                Self { begins, ends: begins + u64::from(size), count, is_plain: u16_at(&end, 20) == 0 }
            }
        };
        // What other readers take from the short form has to be the same.
        let agrees = |short: u64, most: u64, long: u64| short == most || short == long;
        let is_sound = agrees(u64::from(begins), MAX_32.into(), found.begins)
            && agrees(u64::from(size), MAX_32.into(), found.ends.wrapping_sub(found.begins))
            && agrees(u64::from(count), 0xffff, found.count);
        if !is_sound || found.ends > at || found.begins > found.ends {
            return Err(broken("its end says where it cannot be"));
        }
        Ok(found)
    }
}

/// The end in 64 bits that the locator at `at` points to, if there is a locator.
fn wide_end(bytes: &dyn ReadAt, at: u64) -> Result<Option<End>, Damage> {
    let locator: [u8; LOCATOR_LENGTH as usize] = read(bytes, at)?;
    if u32_at(&locator, 0) != LOCATOR_64 {
        return Ok(None);
    }
    let end_at = u64_at(&locator, 8);
    let end: [u8; 56] = match read(bytes, end_at) {
        Ok(end) if u32_at(&end, 0) == END_64 => end,
        _ => return Err(broken("its end in 64 bits is not there")),
    };
    let (count, size, begins) = (u64_at(&end, 32), u64_at(&end, 40), u64_at(&end, 48));
    let ends = begins.checked_add(size).filter(|ends| *ends <= end_at);
    let ends = ends.ok_or_else(|| broken("its end says where it cannot be"))?;
    if u64_at(&end, 24) != count || u64_at(&end, 16) != 0 {
        return Err(broken("it is spread over several disks"));
    }
    let is_plain = ends == end_at
        && end_at + 56 == at
        && u64_at(&end, 4) == 44
        && u16_at(&end, 12) == MADE_BY
        && u16_at(&end, 14) == 45
        && u32_at(&locator, 4) == 0
        && u32_at(&locator, 16) == 1;
    Ok(Some(End { begins, ends, count, is_plain }))
}

/// Where the end of the directory is: the last place that looks like one and whose comment goes
/// exactly to the end of the file.
fn find_end(bytes: &dyn ReadAt, length: u64) -> Result<u64, Damage> {
    let from = length.saturating_sub(END_LENGTH + LONGEST_COMMENT);
    let mut tail = vec![0; usize::try_from(length - from).unwrap_or_default()];
    let read = fill_at(bytes, &mut tail, from)?;
    let tail = &tail[..read];
    let last = tail.len().checked_sub(END_LENGTH as usize);
    let is_end = |at: &usize| {
        u32_at(tail, *at) == END
            && *at + END_LENGTH as usize + usize::from(u16_at(tail, *at + 20)) == tail.len()
    };
    let found = last.and_then(|last| (0..=last).rev().find(is_end));
    found.map(|at| from + at as u64).ok_or_else(|| broken("there is none at the end of the package"))
}

/// The record at `at`, and where the next one begins.
fn record(bytes: &dyn ReadAt, at: u64, number: usize) -> Result<(Record, u64), Damage> {
    let place = || format!("record {} of the directory", number + 1);
    let fixed: [u8; 46] = read(bytes, at)?;
    if u32_at(&fixed, 0) != CENTRAL {
        return Err(Damage::archive(place(), "is none"));
    }
    let (name, extra, comment) = (u16_at(&fixed, 28), u16_at(&fixed, 30), u16_at(&fixed, 32));
    let mut text = vec![0; usize::from(name) + usize::from(extra)];
    if fill_at(bytes, &mut text, at + 46)? < text.len() {
        return Err(Damage::archive(place(), "the package ends in it"));
    }
    let (text, extra_field) = text.split_at(usize::from(name));
    let mut record = Record {
        name: String::from_utf8_lossy(text).into_owned(),
        header_at: u32_at(&fixed, 42).into(),
        packed: u32_at(&fixed, 20).into(),
        size: u32_at(&fixed, 24).into(),
        crc: u32_at(&fixed, 16),
        method: u16_at(&fixed, 10),
        mode: u32_at(&fixed, 38) >> 16,
        flags: u16_at(&fixed, 8),
        is_plain: false,
        is_wide: false,
    };
    record.widen(extra_field).map_err(|fault| Damage::archive(place(), fault))?;
    let needs = if record.is_wide { 45 } else { 20 };
    record.is_plain = (u16_at(&fixed, 4), u16_at(&fixed, 6)) == (MADE_BY, needs)
        && u32_at(&fixed, 12) == u32::from(DATE) << 16
        && (record.flags, comment) == (UTF8, 0)
        && (u16_at(&fixed, 34), u16_at(&fixed, 36)) == (0, 0)
        && u32_at(&fixed, 38) == plain_attributes(&record.name)
        && (record.is_wide || extra == 0);
    Ok((record, at + 46 + u64::from(name) + u64::from(extra) + u64::from(comment)))
}

impl Record {
    /// Takes the numbers that are wider than 32 bits from their Zip64 field (APPNOTE 4.5.3).
    fn widen(&mut self, extra: &[u8]) -> Result<(), &'static str> {
        let wanted = [&mut self.size, &mut self.packed, &mut self.header_at];
        let wanted: Vec<&mut u64> =
            wanted.into_iter().filter(|number| **number == u64::from(MAX_32)).collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let mut field = zip64_field(extra).ok_or("has no Zip64 field, and needs one")?;
        for number in wanted {
            let (now, rest) = field.split_at_checked(8).ok_or("has a Zip64 field that is too short")?;
            *number = u64_at(now, 0);
            field = rest;
        }
        self.is_wide = true;
        Ok(())
    }
}

fn zip64_field(mut extra: &[u8]) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let (head, rest) = extra.split_at(4);
        let (field, next) = rest.split_at_checked(u16_at(head, 2).into())?;
        if u16_at(head, 0) == ZIP64 {
            return Some(field);
        }
        extra = next;
    }
    None
}

/// The external attributes of packages: 0644, or 0755 for a folder.
fn plain_attributes(name: &str) -> u32 {
    if name.ends_with('/') { (0o040_755 << 16) | 0x10 } else { 0o100_644 << 16 }
}

fn read<const N: usize>(bytes: &dyn ReadAt, at: u64) -> Result<[u8; N], Damage> {
    let mut room = [0; N];
    match fill_at(bytes, &mut room, at)? {
        read if read == N => Ok(room),
        _ => Err(broken("the package ends in it")),
    }
}

fn broken(fault: impl Into<String>) -> Damage {
    Damage::archive("central directory", fault)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}
