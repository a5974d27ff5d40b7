//! A zip archive, read by `async_zip` as if a stranger had sent it.
//!
//! Our own reader of the directory goes first: it bounds what the other one is led to keep in
//! memory, and sees what that passes over.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_zip::base::read1::ZipOptions;
use async_zip::base::read1::seek::ZipArchiveReader;
use async_zip::error::ZipError;
use futures_lite::future::block_on;
use futures_lite::io::AsyncReadExt;
use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use super::blocking::Blocking;
use super::findings::Findings;
use super::roll::Roll;
use crate::domain::{Format, Sha256};
use crate::packaging::manifest::{Manifest, ManifestEntry};
use crate::packaging::reading::{Damage, Directory, Kind, Member, ReadAt, Record, told};

/// What the kinds of files are, in the upper bits of a mode (inode(7)).
const KIND: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
/// Bytes of content read at a time.
const BLOCK: usize = 128 << 10;

/// Reads all entries of `package`, which may unpack to `most` bytes together.
///
/// # Errors
/// [`Damage::Disk`] and [`Damage::Cancelled`] only; what is broken is a finding.
pub fn read(
    package: Arc<dyn ReadAt>,
    manifest: Option<&Manifest>,
    most: u64,
    cancel: &CancellationToken,
) -> Result<Findings, Damage> {
    let mut findings = Findings { format: Some(Format::Zip), ..Findings::default() };
    let mut roll = Roll::of(manifest);
    let read = match Directory::read(Arc::clone(&package), roll.most()) {
        Ok(directory) => {
            match directory.walk() {
                Ok(oddities) => findings.oddities = oddities,
                Err(damage) => take_in(damage, &mut findings)?,
            }
            let expected = arrive(&directory, &mut roll, &mut findings);
            expected.and_then(|expected| {
                let reading = || contents(package, &directory, &expected, most, cancel, &mut findings);
                // It is sound where it is well tested, and a stranger's archive is anything but.
                catch_unwind(AssertUnwindSafe(reading)).unwrap_or_else(|panic| Err(gave_up(&*panic)))
            })
        }
        Err(damage) => Err(damage),
    };
    let was_stopped = read.is_err();
    read.or_else(|damage| take_in(damage, &mut findings))?;
    roll.ends(was_stopped, &mut findings.entries);
    findings.coded = format!("{}", findings.read);
    Ok(findings)
}

/// A finding, unless nothing could be found out.
fn take_in(damage: Damage, findings: &mut Findings) -> Result<(), Damage> {
    match damage {
        Damage::Here { .. } => findings.stopped_by(&damage, ""),
        Damage::Disk(_) | Damage::Cancelled => return Err(damage),
    }
    Ok(())
}

/// Calls the roll: what the manifest knows of each entry of the directory.
fn arrive<'m>(
    directory: &Directory,
    roll: &mut Roll<'m>,
    findings: &mut Findings,
) -> Result<Vec<Option<&'m ManifestEntry>>, Damage> {
    directory.records.iter().map(|record| roll.arrives(&member(record), &mut findings.entries)).collect()
}

fn member(record: &Record) -> Member {
    let is_folder = record.name.ends_with('/');
    let kind = match record.mode & KIND {
        LINK => Kind::Other("a symbolic link"),
        FOLDER if !is_folder => Kind::Other("a folder without a folder's name"),
        0 | FILE | FOLDER if is_folder => Kind::Folder,
        0 | FILE => Kind::File,
        _ => Kind::Other("a device, a pipe or a socket"),
    };
    Member { name: record.name.clone(), kind, size: record.size, mode: record.mode & 0o7777 }
}

/// Reads every entry with `async_zip`: its headers and its CRC against the archive, its SHA-256
/// against the manifest.
fn contents(
    package: Arc<dyn ReadAt>,
    directory: &Directory,
    expected: &[Option<&ManifestEntry>],
    most: u64,
    cancel: &CancellationToken,
    findings: &mut Findings,
) -> Result<(), Damage> {
    let length = package.length()?;
    let opened = Blocking::new(package, cancel.clone(), length);
    let entries = directory.records.len();
    let opened = block_on(ZipArchiveReader::open_with_options(opened, options(length, entries)));
    let mut reader = opened.map_err(|error| Damage::archive("central directory", words(&error)))?;
    let names =
        reader.cdrs().iter().map(|record| String::from_utf8_lossy(record.insecure_file_name.as_bytes()));
    if !names.eq(directory.records.iter().map(|record| record.name.as_str())) {
        return Err(Damage::archive("central directory", "two readers find different entries in it"));
    }
    let (mut left, mut block) = (most, vec![0; BLOCK]);
    for (index, (record, expected)) in directory.records.iter().zip(expected).enumerate() {
        let mut hasher = Hasher::new();
        match entry(&mut reader, index, record.size.min(left), &mut block, &mut hasher) {
            Ok(()) => {}
            Err(_) if cancel.is_cancelled() => return Err(Damage::Cancelled),
            Err(_) if left < record.size => {
                let fault = "the package unpacks to far more than it should; stopped here";
                return Err(Damage::archive(told(&record.name), fault));
            }
            Err(fault) => findings.coding.add(&told(&record.name), &fault),
        }
        left = left.saturating_sub(record.size);
        findings.read += 1;
        if expected.is_some_and(|entry| Sha256(hasher.finalize().into()) != entry.sha256) {
            findings.digests.add(&told(&record.name), "is not what was packed");
        }
    }
    Ok(())
}

/// Reads the entry at `index` to its end, unless it has more than `most` bytes. Header, size and
/// CRC are checked on the way; what is wrong with them, in words, is the error.
fn entry(
    reader: &mut ZipArchiveReader<Blocking>,
    index: usize,
    most: u64,
    block: &mut [u8],
    hasher: &mut Hasher,
) -> Result<(), String> {
    let mut entry = block_on(reader.file(index)).map_err(|error| words(&error))?;
    let mut left = most;
    loop {
        match block_on(entry.read(block)) {
            Ok(0) => return Ok(()),
            Ok(read) => {
                hasher.update(&block[..read]);
                let more = || "holds more than it says".to_owned();
                left = left.checked_sub(read as u64).ok_or_else(more)?;
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// Strict, and bounded by what a file of `length` bytes with so many entries can hold.
fn options(length: u64, entries: usize) -> ZipOptions {
    let entries = entries as u64;
    ZipOptions {
        // Nothing is kept of an entry, and it is stopped when it gives more than it says.
        max_uncompressed_size_per_file: u64::MAX,
        max_compressed_size_per_file: length,
        max_cd_num_files: entries,
        max_cd_num_files_load: entries,
        max_cd_size_in_bytes: length,
        ..ZipOptions::untrusted()
    }
}

fn gave_up(panic: &(dyn Any + Send)) -> Damage {
    let words = panic.downcast_ref::<String>().map(String::as_str);
    let words = words.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a word");
    Damage::archive("the archive", format!("makes its reader give up: {words}"))
}

/// An error in one line: the parser's own words are a coloured picture of the parser's source.
fn words(error: &ZipError) -> String {
    match error {
        ZipError::BinaryParseError(_) => "a header cannot be read".to_owned(),
        other => other.to_string(),
    }
}
