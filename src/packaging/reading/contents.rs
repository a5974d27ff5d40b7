//! What is in a package, kept ready to be listed and opened.

use std::sync::Arc;

use super::directory::Directory;
use super::shape::shape_of;
use super::{Damage, EntryReader, ReadAt};
use crate::domain::{Archive, Compression, Format, Sha256};
use crate::packaging::archive::gzip;
use crate::packaging::index::{Coding, Index, Piece, Place};
use crate::packaging::manifest::{Excluded, Manifest, ManifestEntry, PackageDigest};

/// Bytes beside the entries' own that an archive may unpack to, for each entry and at all.
const FRAMING: u64 = 8 << 10;

/// A page of a listing.
#[derive(Debug)]
pub struct Shelf<'a> {
    /// The entries on it.
    pub entries: Vec<&'a ManifestEntry>,
    /// Whether there are more behind them.
    pub has_more: bool,
}

/// What is in one package, and where.
#[derive(Debug)]
pub struct Contents {
    entries: Vec<ManifestEntry>,
    excluded: Vec<Excluded>,
    /// The entries by number, in ascending order of their paths' bytes.
    sorted: Vec<u32>,
    index: Option<Arc<Index>>,
    shape: Shape,
}

/// What a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Archive(Archive),
    Document(Format),
}

impl Contents {
    /// What `manifest` says is in `package`. The places are those of the index, if it is whole
    /// and this package's; a zip's directory stands in for it.
    ///
    /// # Errors
    /// [`Damage`] when the package is none, or cannot be read at all.
    pub fn new(manifest: Manifest, index: Option<Index>, package: Arc<dyn ReadAt>) -> Result<Self, Damage> {
        let format = manifest.document();
        let document = format.map(|_| manifest.recipe.compression);
        let Manifest { package: sealed, entries, excluded, .. } = manifest;
        let shape = match format {
            Some(format) => Shape::Document(format),
            None => Shape::Archive(
                shape_of(&*package)?.ok_or_else(|| Damage::archive("byte 0", "is no package of ours"))?,
            ),
        };
        let fits = |index: &Index| fits(index, sealed.sha256, entries.len(), sealed.size);
        let index = match (index.filter(fits), document) {
            (None, Some(compression)) => Some(of_document(compression, &entries, &sealed)?),
            (None, None) if shape == Shape::Archive(Archive::Zip) => {
                Some(by_directory(package, &entries, sealed.sha256)?)
            }
            (index, _) => index,
        };
        let mut sorted: Vec<u32> = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
        sorted.sort_unstable_by(|a, b| entries[*a as usize].path.cmp(&entries[*b as usize].path));
        Ok(Self { entries, excluded, sorted, index: index.map(Arc::new), shape })
    }

    /// How much memory it takes, about.
    pub fn weight(&self) -> usize {
        let text: usize = self.entries.iter().map(|entry| entry.path.len() + entry.mode.len()).sum();
        let left_out: usize = self.excluded.iter().map(|excluded| excluded.path.len()).sum();
        let index = self.index.as_ref().map_or(0, |index| {
            index.pieces.len() * size_of::<Piece>() + index.places.len() * size_of::<Place>()
        });
        text + left_out
            + index
            + self.entries.len() * (size_of::<ManifestEntry>() + size_of::<u32>())
            + self.excluded.len() * size_of::<Excluded>()
    }

    /// What its one entry is, if the package is a document.
    pub fn document(&self) -> Option<Format> {
        match self.shape {
            Shape::Document(format) => Some(format),
            Shape::Archive(_) => None,
        }
    }

    /// Whether every entry can be opened without reading those before it.
    pub fn is_indexed(&self) -> bool {
        self.index.is_some()
    }

    /// Up to `most` entries, ascending by path, whose paths begin with `prefix` and come after
    /// `after`.
    pub fn shelf(&self, prefix: &str, after: Option<&str>, most: usize) -> Shelf<'_> {
        let path = |number: &u32| self.entries[*number as usize].path.as_str();
        let from = self.sorted.partition_point(|number| {
            path(number) < prefix || after.is_some_and(|after| path(number) <= after)
        });
        let mut within = self.sorted[from..].iter().take_while(|number| path(number).starts_with(prefix));
        let entries = within.by_ref().take(most).map(|number| &self.entries[*number as usize]).collect();
        Shelf { entries, has_more: within.next().is_some() }
    }

    /// The entry of that path.
    pub fn entry(&self, path: &str) -> Option<&ManifestEntry> {
        self.number(path).map(|number| &self.entries[number])
    }

    /// Why there is no entry `path`, where something can be said.
    pub fn why_not(&self, path: &str) -> Option<String> {
        let folder = format!("{}/", path.trim_end_matches('/'));
        if !self.shelf(&folder, None, 1).entries.is_empty() {
            return Some("it is a folder; list it with `?prefix=`".to_owned());
        }
        let within = |excluded: &&Excluded| {
            excluded.path == path || (excluded.path.ends_with('/') && path.starts_with(&excluded.path))
        };
        let excluded = self.excluded.iter().find(within)?;
        Some(format!("it was left out of the package: {}", excluded.reason.as_str()))
    }

    /// A reader of the entry `path` of `package`.
    pub fn open(&self, package: Arc<dyn ReadAt>, path: &str) -> Option<EntryReader> {
        let number = self.number(path)?;
        let entry = &self.entries[number];
        let facts = (entry.path.clone(), entry.size, entry.sha256);
        match (&self.index, self.shape) {
            (Some(index), _) => {
                Some(EntryReader::by_index(package, Arc::clone(index), index.places[number], facts))
            }
            (None, Shape::Archive(archive)) => {
                Some(EntryReader::by_scan(package, archive, most_unpacked(&self.entries), facts))
            }
            // It always has one.
            (None, Shape::Document(_)) => None,
        }
    }

    fn number(&self, path: &str) -> Option<usize> {
        let by_path = |number: &u32| self.entries[*number as usize].path.as_str().cmp(path);
        let found = self.sorted.binary_search_by(by_path).ok()?;
        Some(self.sorted[found] as usize)
    }
}

/// What an archive of `entries` unpacks to at most.
pub fn most_unpacked(entries: &[ManifestEntry]) -> u64 {
    let framing = |entry: &ManifestEntry| FRAMING + 2 * entry.path.len() as u64;
    let sizes = entries.iter().map(|entry| entry.size.saturating_add(framing(entry)));
    sizes.fold(64 * FRAMING, u64::saturating_add)
}

/// Whether `index` can be that of the package: what was damaged, or is another's, is not used.
fn fits(index: &Index, package: Sha256, entries: usize, size: u64) -> bool {
    let is_within = |piece: &Piece| piece.at.checked_add(piece.packed).is_some_and(|end| end <= size);
    index.package == package
        && index.places.len() == entries
        && index.pieces.iter().all(is_within)
        && index.places.iter().all(|place| (place.piece as usize) <= index.pieces.len())
}

/// The index of a document: it is one piece between what its compression begins and ends with.
fn of_document(
    compression: Compression,
    entries: &[ManifestEntry],
    sealed: &PackageDigest,
) -> Result<Index, Damage> {
    let [entry] = entries else { return Err(Damage::archive("the manifest", "has not one entry")) };
    let (at, behind, coding) = match compression {
        Compression::None => (0, 0, Coding::Plain),
        Compression::Gzip => (gzip::HEAD.len() as u64, gzip::SUMS, Coding::Deflate),
        Compression::Zstd => (0, 0, Coding::Zstd),
    };
    let packed = sealed.size.checked_sub(at + behind);
    let packed = packed.ok_or_else(|| Damage::archive("the package", "is shorter than its compression"))?;
    // It serves for reading alone: what only taking over asks for is not known here.
    let piece = Piece { at, packed, raw: entry.size, crc: 0, sum: None, coding, is_fresh: true };
    let place = Place { piece: 0, skip: 0, crc: 0, identity: None };
    let (package, pieces, places) = (sealed.sha256, vec![piece], vec![place]);
    Ok(Index { package, crc: 0, pieces, places, units: Vec::new() })
}

/// The index that a zip's own directory amounts to.
fn by_directory(
    package: Arc<dyn ReadAt>,
    entries: &[ManifestEntry],
    sha256: Sha256,
) -> Result<Index, Damage> {
    let directory = Directory::read(package, entries.len())?;
    if directory.records.len() != entries.len() {
        return Err(Damage::archive("central directory", "has other entries than the manifest"));
    }
    // It serves for reading alone: what only taking over asks for is not known here.
    let (pieces, places, units) = (Vec::new(), Vec::new(), Vec::new());
    let mut index = Index { package: sha256, crc: 0, pieces, places, units };
    for (number, (record, entry)) in (0..).zip(directory.records.iter().zip(entries)) {
        if (record.name.as_str(), record.size) != (entry.path.as_str(), entry.size) {
            return Err(Damage::archive("central directory", "has other entries than the manifest"));
        }
        let (at, _) = directory.content_of(record)?;
        let coding = match record.method {
            0 => Coding::Plain,
            8 => Coding::Deflate,
            _ => return Err(Damage::archive(&record.name, "is packed in an unknown way")),
        };
        let (packed, raw, crc) = (record.packed, record.size, record.crc);
        index.pieces.push(Piece { at, packed, raw, crc, sum: None, coding, is_fresh: true });
        index.places.push(Place { piece: number, skip: 0, crc: record.crc, identity: None });
    }
    Ok(index)
}
