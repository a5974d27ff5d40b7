//! The package before: what is unchanged since is taken over from it, byte for byte.
//!
//! A unit's pieces depend on nothing but its entries and the recipe, so those that were made of
//! the same entries are those that would be made of them now. Whatever is missing, damaged or
//! made otherwise is simply packed again.

use std::collections::HashMap;
use std::fs::File;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

use crate::domain::Sha256;

use super::index::{Index, Piece};
use super::manifest::{Manifest, ManifestEntry, Recipe};
use super::noise;
use super::packed::{Done, Facts, Packed};
use super::press::Pressed;
use super::seal::Seal;
use super::source::Entry;
use super::{Control, PackError};

/// Bytes looked at, at a time.
const BLOCK: usize = 256 << 10;

/// A package of an earlier state of the same source, with its manifest and its index.
#[derive(Debug)]
pub struct Previous {
    file: File,
    manifest: Manifest,
    index: Index,
    /// Where each unit begins: its first entry and its first piece.
    starts: Vec<(usize, usize)>,
    /// Units of one entry and one piece by their content, made when first asked for.
    by_content: OnceLock<HashMap<Sha256, usize>>,
}

/// A unit of the package before: its entries and its pieces, by their numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Entries of its manifest.
    pub entries: Range<usize>,
    /// Pieces of its index.
    pub pieces: Range<usize>,
}

/// A large entry that is taken over.
pub struct Taken<'a> {
    previous: &'a Previous,
    /// Its pieces, its head among them.
    pub pieces: &'a [Piece],
    /// What is to be said of it.
    pub facts: Facts,
    /// Pieces before that in which it begins.
    pub before: usize,
    /// Bytes of that piece, unpacked, that come before.
    pub skip: u64,
}

impl Taken<'_> {
    /// Hands the packed bytes of `piece` on to `seal`.
    ///
    /// # Errors
    /// As [`Seal::write`], and [`PackError::Output`] when they cannot be read any more.
    pub fn pass_on(&self, piece: &Piece, seal: &mut Seal<'_>, control: &Control) -> Result<(), PackError> {
        let mut block = [0; 64 << 10];
        let (mut at, end) = (piece.at, piece.at + piece.packed);
        while at < end {
            control.check()?;
            let part = usize::try_from(end - at).map_or(block.len(), |left| left.min(block.len()));
            self.previous.file.read_exact_at(&mut block[..part], at).map_err(PackError::output)?;
            seal.write(&block[..part])?;
            at += part as u64;
        }
        Ok(())
    }
}

impl Previous {
    /// The package in `file`, whose manifest and index are these bytes; `None` when the three do
    /// not belong together.
    pub fn open(file: File, manifest: &[u8], index: &[u8]) -> Option<Self> {
        let index = Index::beside(manifest, index)?;
        let manifest: Manifest = serde_json::from_slice(manifest).ok()?;
        let starts = starts(&index)?;
        let belongs = index.package == manifest.package.sha256
            && file.metadata().ok()?.len() == manifest.package.size
            && index.places.len() == manifest.entries.len();
        belongs.then_some(Self { file, manifest, index, starts, by_content: OnceLock::new() })
    }

    /// Its file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Whether its bytes were made as `recipe` says.
    pub fn is_made_by(&self, recipe: &Recipe) -> bool {
        self.manifest.recipe == *recipe
    }

    /// What is in it and where, if that is `entries`, unchanged, and nothing else, and none of its
    /// bytes is damaged.
    pub fn holds_just(&self, entries: &[Entry]) -> Option<(&Manifest, &Index)> {
        let is_the_same = entries.len() == self.manifest.entries.len()
            && entries.iter().enumerate().all(|(number, entry)| self.is_unchanged(number, entry))
            && self.crc() == Some(self.index.crc);
        is_the_same.then_some((&self.manifest, &self.index))
    }

    /// The unit that was made of just these entries, if their bytes are surely the same.
    pub fn unchanged(&self, entries: &[Entry]) -> Option<Known> {
        self.unit_of(entries).filter(|known| {
            known.entries.clone().zip(entries).all(|(number, entry)| self.is_unchanged(number, entry))
        })
    }

    /// The unit that was made of entries of these names and contents.
    pub fn same_contents(&self, entries: &[(&str, Sha256)]) -> Option<Known> {
        let known = self.unit_starting_with(entries.first()?.0, entries.len())?;
        let is_same = |(old, (path, content)): (&ManifestEntry, &(&str, Sha256))| {
            old.path == *path && old.sha256 == *content
        };
        self.manifest.entries[known.entries.clone()].iter().zip(entries).all(is_same).then_some(known)
    }

    /// A unit of one entry and one piece with the content of `path`, wherever it was then, but
    /// for names that hint at other bytes: they are pressed otherwise.
    pub fn same_content(&self, path: &str, content: Sha256) -> Option<Known> {
        let known = self.by_content.get_or_init(|| {
            let single = |unit: &usize| {
                let unit = &self.index.units[*unit];
                (unit.entries, unit.pieces) == (1, 1)
            };
            let content = |unit: usize| (self.manifest.entries[self.starts[unit].0].sha256, unit);
            (0..self.starts.len()).filter(single).map(content).collect()
        });
        let known = self.known(*known.get(&content)?);
        let old = &self.manifest.entries[known.entries.start].path;
        (noise::is_hinted(old) == noise::is_hinted(path)).then_some(known)
    }

    /// What `known`, a unit of one piece, would become now as the entries `indices`; `None` when its
    /// bytes are damaged.
    pub fn take(&self, known: &Known, indices: impl Iterator<Item = usize>) -> Option<Packed> {
        let [piece] = &self.index.pieces[known.pieces.clone()] else { return None };
        let data = self.packed(piece)?;
        let done = |(index, number): (usize, usize)| Done {
            index,
            facts: self.facts(number, piece),
            skip: self.index.places[number].skip,
            has_changed: false,
        };
        let entries = indices.zip(known.entries.clone()).map(done).collect();
        Some(Packed {
            entries,
            piece: Pressed { data, raw: piece.raw, crc: piece.crc, coding: piece.coding },
        })
    }

    /// Whether none of the bytes of `known`, a unit of one large entry, is damaged.
    pub fn is_sound(&self, known: &Known) -> bool {
        let is_sound =
            |piece: &Piece| piece.sum.is_some() && self.crc_of(piece.at, piece.packed) == piece.sum;
        self.large(known).is_some_and(|taken| taken.pieces.iter().all(is_sound))
    }

    /// The large entry that `known`, a unit of one entry, was made of.
    pub fn large(&self, known: &Known) -> Option<Taken<'_>> {
        let (number, pieces) = (known.entries.start, &self.index.pieces[known.pieces.clone()]);
        let place = &self.index.places[number];
        let before = (place.piece as usize).checked_sub(known.pieces.start)?;
        let facts = self.facts(number, pieces.last()?);
        Some(Taken { previous: self, pieces, facts, before, skip: place.skip })
    }

    fn facts(&self, number: usize, piece: &Piece) -> Facts {
        let entry = &self.manifest.entries[number];
        Facts {
            coding: piece.coding,
            crc: self.index.places[number].crc,
            size: entry.size,
            packed_size: entry.compressed_size,
            sha256: entry.sha256,
        }
    }

    fn packed(&self, piece: &Piece) -> Option<Vec<u8>> {
        // The numbers come from a file: no more is asked for than the package has.
        if piece.at.checked_add(piece.packed)? > self.manifest.package.size {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(piece.packed).ok()?];
        self.file.read_exact_at(&mut bytes, piece.at).ok()?;
        (Some(crc32fast::hash(&bytes)) == piece.sum).then_some(bytes)
    }

    /// The unit that begins with the first of `entries` and has as many.
    fn unit_of(&self, entries: &[Entry]) -> Option<Known> {
        self.unit_starting_with(&entries.first()?.path, entries.len())
    }

    fn unit_starting_with(&self, path: &str, entries: usize) -> Option<Known> {
        // Entries are in the order of their names, but for a few escaped ones, which are not found.
        let number = self.manifest.entries.binary_search_by(|old| old.path.as_str().cmp(path)).ok()?;
        let unit = self.starts.binary_search_by(|(first, _)| first.cmp(&number)).ok()?;
        Some(self.known(unit)).filter(|known| known.entries.len() == entries)
    }

    fn known(&self, unit: usize) -> Known {
        let ((entry, piece), size) = (self.starts[unit], &self.index.units[unit]);
        Known { entries: entry..entry + size.entries as usize, pieces: piece..piece + size.pieces as usize }
    }

    fn is_unchanged(&self, number: usize, entry: &Entry) -> bool {
        let old = &self.manifest.entries[number];
        entry.identity.is_some()
            && self.index.places[number].identity == entry.identity
            && old.path == entry.path
            && old.size == entry.size
    }

    fn crc(&self) -> Option<u32> {
        self.crc_of(0, self.manifest.package.size)
    }

    fn crc_of(&self, mut at: u64, length: u64) -> Option<u32> {
        let end = at.checked_add(length)?;
        let (mut hasher, mut block) = (crc32fast::Hasher::new(), vec![0; BLOCK]);
        while at < end {
            let part = usize::try_from(end - at).map_or(BLOCK, |left| left.min(BLOCK));
            self.file.read_exact_at(&mut block[..part], at).ok()?;
            hasher.update(&block[..part]);
            at += part as u64;
        }
        Some(hasher.finalize())
    }
}

/// Where each unit begins; `None` when they do not add up to the entries, or go beyond the pieces.
fn starts(index: &Index) -> Option<Vec<(usize, usize)>> {
    let (mut entry, mut piece) = (0, 0);
    let mut starts = Vec::with_capacity(index.units.len());
    for unit in &index.units {
        starts.push((entry, piece));
        entry += unit.entries as usize;
        piece += unit.pieces as usize;
    }
    (entry == index.places.len() && piece <= index.pieces.len()).then_some(starts)
}
