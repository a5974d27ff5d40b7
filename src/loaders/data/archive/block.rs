//! One block: some sections read at one moment, and the part files they became.

use std::io::{self, BufWriter, Read, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256 as Hasher};
use zstd::stream::{read::Decoder, write::Encoder};

use crate::datasets::Reading;
use crate::domain::{Format, Sha256, Timestamp};
use crate::formats::{FormatOptions, formatter};
use crate::packaging::{Control, PackError};
use crate::records::{Batch, Field, Head, LeftOut, Section, Type};
use crate::storage::{Bench, StorageError};

use super::super::document::{next_of, told};
use super::listing::{Listing, Span, Statistics, USERS};

/// How hard parts are compressed that are soon unpacked again.
const LEVEL: i32 = 1;
/// Bytes of finished parts that are written at once.
const BLOCK: usize = 256 << 10;

/// A finished block.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Block {
    /// Of which moment it is; nothing when nothing was read.
    pub snapshot_at: Option<Timestamp>,
    /// Its part files.
    pub parts: Vec<Part>,
    /// Rows that a limit left out, by section.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<(String, LeftOut)>,
    /// What formats could not hold as it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// The users that were listed: the first and the last of every so many, and how many.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<Span>,
    /// How many rows there are of each section, as the data set itself tells it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<(String, u64)>,
}

/// One file that will be in the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Its name in the archive.
    pub path: String,
    /// The section whose rows it holds.
    pub section: String,
    /// Names of its columns.
    pub columns: Vec<String>,
    /// Their types.
    pub types: Vec<Type>,
    /// Names of those that are masked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub masked: Vec<String>,
    /// How many rows.
    pub rows: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Of all of them.
    pub sha256: Sha256,
    /// What it is called on the bench.
    pub kept_as: String,
}

/// Where a block's parts go.
pub struct Press<'a> {
    /// The bench.
    pub bench: &'a Bench,
    /// What is the same about all documents.
    pub options: &'a FormatOptions,
    /// Says stop, and hears of rows.
    pub control: &'a Control,
    /// What each section becomes.
    pub formats: &'a [Format],
    /// The block's number.
    pub number: usize,
    /// The path in the archive of a section in a format.
    pub path: &'a dyn Fn(&str, Format) -> String,
    /// Users in one span; none are listed where this is nothing.
    pub span: Option<u64>,
}

impl Press<'_> {
    /// Makes the block's parts of what `reading` gives; sections without rows make none.
    ///
    /// # Errors
    /// [`PackError`]; parts that were finished by then are made again.
    pub fn block(&self, reading: &mut Reading) -> Result<Block, PackError> {
        let sections = reading.sections().to_vec();
        let of = |section: &Section| {
            section.left_out.iter().map(|one| (section.name.clone(), *one)).collect::<Vec<_>>()
        };
        let left_out = sections.iter().flat_map(of).collect();
        let snapshot_at = Some(reading.snapshot_at());
        let mut block = Block { snapshot_at, left_out, ..Block::default() };
        for section in &sections {
            self.section(reading, section, &mut block)?;
        }
        let marker = serde_json::to_vec(&block).expect("a block has only text keys");
        let mut part = self.bench.begin(&marker_name(self.number)).map_err(failed)?;
        part.write_all(&marker).map_err(full)?;
        part.finish().map_err(failed)?;
        Ok(block)
    }

    fn section(&self, reading: &mut Reading, section: &Section, block: &mut Block) -> Result<(), PackError> {
        let mut rows = next_of(reading, section)?;
        let mut files: Vec<_> =
            self.formats.iter().map(|format| self.file(section, *format)).collect::<Result<_, _>>()?;
        let mut writers = files.iter_mut().map(|(file, format)| {
            formatter(*format, file, self.options).ok_or_else(|| PackError::Format(format.to_string()))
        });
        let mut writers = writers.by_ref().collect::<Result<Vec<_>, _>>()?;
        let head =
            Head { title: section.title.clone(), metadata: Vec::new(), sections: vec![section.clone()] };
        let set = |error| told(error, section.name.clone(), Some(section.name.clone()));
        for writer in &mut writers {
            writer.begin(&head).map_err(set)?;
            writer.section(section).map_err(set)?;
        }
        let mut listing = Listing::new(section, self.span.filter(|_| section.name == USERS));
        let mut statistics = Statistics::new(section, self.span);
        let mut room = Batch::new(&section.schema);
        while let Some(batch) = rows.next(room)? {
            self.control.check()?;
            writers.iter_mut().try_for_each(|writer| writer.rows(&batch)).map_err(set)?;
            listing.add(&batch);
            statistics.add(&batch);
            self.control.tell(|progress| progress.rows_done += batch.len() as u64);
            room = batch;
            room.clear();
        }
        block.users.extend(listing.spans);
        block.told.extend(statistics.told);
        for mut writer in writers {
            writer.end_section().map_err(set)?;
            for message in writer.finish().map_err(set)? {
                if !block.changed.contains(&message) {
                    block.changed.push(message);
                }
            }
        }
        for (file, format) in files {
            let kept_as = kept_as(self.number, &section.name, format);
            let (bytes, sha256) = file.finish()?;
            let fields = section.schema.fields.iter();
            let columns = fields.clone().map(|Field { name, .. }| name.clone()).collect();
            let types = fields.map(|field| field.kind).collect();
            let masked = section.masked().map(|field| field.name.clone()).collect();
            let (path, section, rows) =
                ((self.path)(&section.name, format), section.name.clone(), section.rows);
            block.parts.push(Part { path, section, columns, types, masked, rows, bytes, sha256, kept_as });
        }
        Ok(())
    }

    fn file(&self, section: &Section, format: Format) -> Result<(PartFile, Format), PackError> {
        let part = self.bench.begin(&kept_as(self.number, &section.name, format)).map_err(failed)?;
        Ok((PartFile::new(part)?, format))
    }
}

/// A part file in the making, compressed, counted and hashed.
struct PartFile {
    encoder: Encoder<'static, BufWriter<crate::storage::BenchPart>>,
    hasher: Hasher,
    bytes: u64,
}

impl PartFile {
    fn new(part: crate::storage::BenchPart) -> Result<Self, PackError> {
        let encoder = Encoder::new(BufWriter::with_capacity(BLOCK, part), LEVEL).map_err(full)?;
        Ok(Self { encoder, hasher: Hasher::new(), bytes: 0 })
    }

    fn finish(self) -> Result<(u64, Sha256), PackError> {
        let writer = self.encoder.finish().map_err(full)?;
        let part = writer.into_inner().map_err(|error| full(error.into_error()))?;
        part.finish().map_err(failed)?;
        Ok((self.bytes, Sha256(self.hasher.finalize().into())))
    }
}

impl Write for PartFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.encoder.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.encoder.flush()
    }
}

/// The finished block of that number, with all its parts; `None` where it is still to be made.
///
/// # Errors
/// When the bench cannot be read.
pub fn finished(bench: &Bench, number: usize) -> Result<Option<Block>, PackError> {
    let Some(mut marker) = bench.open(&marker_name(number)).map_err(failed)? else { return Ok(None) };
    let mut text = Vec::new();
    marker.read_to_end(&mut text).map_err(PackError::Source)?;
    let Ok(block) = serde_json::from_slice::<Block>(&text) else { return Ok(None) };
    for part in &block.parts {
        if bench.open(&part.kept_as).map_err(failed)?.is_none() {
            return Ok(None);
        }
    }
    Ok(Some(block))
}

/// The bytes of a part.
///
/// # Errors
/// When it is not there.
pub fn unpacked(bench: &Bench, kept_as: &str) -> io::Result<Box<dyn Read + Send>> {
    let file = bench.open(kept_as).map_err(io::Error::other)?;
    let file = file.ok_or(io::ErrorKind::NotFound)?;
    Ok(Box::new(Decoder::new(file)?))
}

fn kept_as(number: usize, section: &str, format: Format) -> String {
    format!("{number:06}.{section}.{}", format.extension())
}

fn marker_name(number: usize) -> String {
    format!("{number:06}.finished")
}

fn failed(error: StorageError) -> PackError {
    match error {
        StorageError::Full => PackError::Full,
        error => PackError::Output(io::Error::other(error)),
    }
}

fn full(error: io::Error) -> PackError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PackError::Full,
        _ => PackError::Output(error),
    }
}

impl Block {
    /// How many rows its parts hold; what is there in two formats counts once.
    pub fn rows(&self) -> u64 {
        let mut seen = Vec::new();
        let first = |part: &&Part| {
            let is_new = !seen.contains(&part.section);
            seen.push(part.section.clone());
            is_new
        };
        self.parts.iter().filter(first).map(|part| part.rows).sum()
    }
}
