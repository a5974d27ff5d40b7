//! Framing beyond what 32 bits can say, read back by other readers.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::process::Command;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::super::super::{Control, verify};
use super::*;
use crate::domain::Sha256;

/// A file in which zeros are holes: an archive of gigabytes costs no disk.
struct Sparse<'a>(&'a File);

impl Write for Sparse<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes == &BLOCK[..bytes.len()] {
            let by = i64::try_from(bytes.len()).expect("a block");
            self.0.seek(SeekFrom::Current(by))?;
            return Ok(bytes.len());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

const BLOCK: &[u8] = &[0; 1 << 20];

/// Writes an archive of stored entries of zeros: name, size and where each began.
fn archive(file: &File, entries: &[(&str, u64)]) -> Vec<u64> {
    let control = Control::default();
    let mut sink = Sparse(file);
    let mut seal = Seal::new(&mut sink, u64::MAX, &control);
    let mut directory = ZipDirectory::default();
    let mut offsets = Vec::new();
    for (name, size) in entries {
        offsets.push(seal.position());
        let mut crc = crc32fast::Hasher::new();
        for length in blocks(*size) {
            crc.update(&BLOCK[..length]);
        }
        let crc = crc.finalize();
        let facts =
            Facts { coding: Coding::Plain, crc, size: *size, packed_size: *size, sha256: Sha256([0; 32]) };
        directory.begin(&mut seal, name, EntryKind::File, &facts).expect("written");
        blocks(*size).try_for_each(|length| seal.write(&BLOCK[..length])).expect("written");
    }
    directory.finish(&mut seal).expect("written");
    seal.finish().expect("written");
    offsets
}

fn blocks(size: u64) -> impl Iterator<Item = usize> {
    let most = BLOCK.len() as u64;
    (0..size.div_ceil(most))
        .map(move |block| usize::try_from((size - block * most).min(most)).expect("a block"))
}

/// What Python reads of the archive: for each entry its name, size, where it begins and whether it
/// has a Zip64 field. It reads the small ones; all of the gigabytes would take it long.
fn read_by_python(file: &tempfile::NamedTempFile) -> String {
    let program = "
import sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
for i in archive.infolist():
    print(i.filename, i.file_size, i.header_offset, bool(i.extra))
    assert i.file_size > 1000 or archive.read(i) == bytes(i.file_size)";
    let read =
        Command::new("python3").args(["-c", program]).arg(file.path()).output().expect("python3 is there");
    assert!(read.status.success(), "{read:?}");
    String::from_utf8(read.stdout).expect("text")
}

const GIB: u64 = 1 << 30;

/// More than 4 GiB lie before the last two entries, and before the directory.
#[test]
fn entries_beyond_four_gigabytes_are_found_and_those_before_stay_plain() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let entries = [("first", 3 * GIB), ("near", 10), ("second", GIB), ("far", 0), ("farther", 7)];
    let offsets = archive(file.as_file(), &entries);
    assert!(offsets[2] < MAX_32 && offsets[3] > MAX_32);
    let expected: String = entries
        .iter()
        .zip(&offsets)
        .map(|((name, size), at)| {
            format!("{name} {size} {at} {}\n", if *at >= MAX_32 { "True" } else { "False" })
        })
        .collect();
    assert_eq!(read_by_python(&file), expected);
    let tested = Command::new("unzip")
        .arg("-tq")
        .arg(file.path())
        .args(["near", "far", "farther"])
        .output()
        .expect("unzip is there");
    assert!(tested.status.success(), "{tested:?}");
    let verified = verify(Arc::new(file.reopen().expect("it is there")), None, &CancellationToken::new())
        .expect("it can be read");
    assert!(verified.ok, "{verified:?}");
}

/// `0xFFFF_FFFF` itself means "look elsewhere", so the largest plain number is one less.
#[test]
fn the_last_plain_size_is_one_below_the_mark() {
    for (size, packed_size, version) in
        [(MAX_32 - 1, MAX_32 - 1, 20), (MAX_32, 9, 45), (9, MAX_32, 45), (MAX_32, MAX_32, 45)]
    {
        let (control, mut bytes) = (Control::default(), Vec::new());
        let mut seal = Seal::new(&mut bytes, u64::MAX, &control);
        let facts = Facts { coding: Coding::Deflate, crc: 7, size, packed_size, sha256: Sha256([0; 32]) };
        ZipDirectory::default().begin(&mut seal, "a", EntryKind::File, &facts).expect("written");
        seal.finish().expect("written");
        let wide = usize::from(version == 45) * 20;
        assert_eq!((bytes[4], bytes.len()), (version, 30 + 1 + wide), "{size} in {packed_size}");
    }
}
