//! A zip archive, read by `async_zip` as if a stranger had sent it.

use std::fs::File;

use async_zip::base::read1::ZipOptions;
use async_zip::base::read1::seek::ZipArchiveReader;
use async_zip::error::ZipError;
use async_zip::spec::constructs::CDR;
use async_zip::spec::extra::EFD;
use futures_lite::future::block_on;
use futures_lite::io::AsyncReadExt;

use super::blocking::Blocking;

/// The shortest record of a central directory: no archive has more entries than its size allows.
const SHORTEST_RECORD: u64 = 46;

/// An archive whose central directory was read and makes sense.
pub struct Archive {
    reader: ZipArchiveReader<Blocking>,
    /// Its entries, in the order of the directory.
    pub entries: Vec<Listed>,
    block: Vec<u8>,
}

/// What the central directory says of an entry.
pub struct Listed {
    /// Its name.
    pub name: String,
    /// Its size, unpacked.
    pub size: u64,
}

impl Archive {
    /// Reads the central directory of `file`; what is wrong with it, in words, if that fails.
    pub fn open(file: &File) -> Result<Self, String> {
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let again = file.try_clone().and_then(Blocking::new).map_err(|error| error.to_string())?;
        let opened = block_on(ZipArchiveReader::open_with_options(again, options(length)));
        let reader = opened.map_err(|error| words(&error))?;
        let entries = reader.cdrs().iter().map(listed).collect::<Result<_, _>>()?;
        Ok(Self { reader, entries, block: vec![0; 128 << 10] })
    }

    /// Reads the entry at `index` to its end, handing its bytes to `take`. Header, size and CRC
    /// are checked on the way; what is wrong with them, in words, is the error.
    pub fn read(&mut self, index: usize, take: &mut dyn FnMut(&[u8])) -> Result<(), String> {
        let mut entry = block_on(self.reader.file(index)).map_err(|error| words(&error))?;
        loop {
            match block_on(entry.read(&mut self.block)) {
                Ok(0) => return Ok(()),
                Ok(read) => take(&self.block[..read]),
                Err(error) => return Err(error.to_string()),
            }
        }
    }
}

/// Strict, and bounded by what a file of `length` bytes can hold.
fn options(length: u64) -> ZipOptions {
    let entries = length / SHORTEST_RECORD;
    ZipOptions {
        // Nothing is kept of an entry, so its size is no danger.
        max_uncompressed_size_per_file: u64::MAX,
        max_compressed_size_per_file: length,
        max_cd_num_files: entries,
        max_cd_num_files_load: entries,
        max_cd_size_in_bytes: length,
        ..ZipOptions::untrusted()
    }
}

fn listed(record: &CDR) -> Result<Listed, String> {
    // The reader would panic on a record that promises its offset elsewhere and does not keep it.
    let keeps_offset = record.cdrh.lfh_offset != u32::MAX
        || record
            .efs
            .iter()
            .any(|field| matches!(&field.efd, EFD::EI64(numbers) if numbers.relative_offset.is_some()));
    if !keeps_offset {
        return Err("an entry of the central directory has no offset".to_owned());
    }
    let size = record.uncompressed_size().map_err(|error| words(&error))?;
    Ok(Listed { name: String::from_utf8_lossy(record.insecure_file_name.as_bytes()).into_owned(), size })
}

/// An error in one line: the parser's own words are a coloured picture of the parser's source.
fn words(error: &ZipError) -> String {
    match error {
        ZipError::BinaryParseError(_) => "a header cannot be read".to_owned(),
        other => other.to_string(),
    }
}
