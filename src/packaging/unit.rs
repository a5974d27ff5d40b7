//! A unit of packing: some small files, read and compressed on one thread.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use sha2::{Digest, Sha256 as Hasher};

use crate::domain::{Archive, Sha256};

use super::archive::tar;
use super::codec::deflate;
use super::dropped::{Dropped, Why};
use super::index::Coding;
use super::noise;
use super::packed::{Done, Facts, Packed};
use super::press::{Press, Pressed};
use super::previous::Previous;
use super::room;
use super::source::{Entry, Source, fill};
use super::{Control, secrets};

/// What a file may have grown by, from the scan to the reading, to be packed whole all the same.
const GROWTH: u64 = 4096;

/// What became of a batch.
#[derive(Default)]
pub struct Batch {
    /// What goes into the package, in order.
    pub units: Vec<Packed>,
    /// What does not.
    pub dropped: Vec<Dropped>,
}

/// All that packing a batch takes. Cheap to clone.
#[derive(Clone)]
pub struct Packing {
    /// Where the entries' bytes are.
    pub source: Arc<dyn Source>,
    /// All entries.
    pub entries: Arc<Vec<Entry>>,
    /// How they are pressed.
    pub press: Press,
    /// From where what is unchanged is taken over.
    pub previous: Option<Arc<Previous>>,
    /// No file is read beyond so many bytes.
    pub longest: u64,
    /// Whether the entries hold data, which are packed whatever they look like.
    pub is_data: bool,
    /// Whether to go on.
    pub control: Control,
}

impl Packing {
    /// Packs the entries of one batch; stops early when told to.
    pub fn pack(&self, indices: Range<usize>) -> Batch {
        if self.press.format != Archive::Zip
            && let Some(taken) = self.unchanged(indices.clone())
        {
            return Batch { units: vec![taken], dropped: Vec::new() };
        }
        let indices = indices.take_while(|_| !self.control.cancel.is_cancelled());
        room::lent(|raw, room| match self.press.format {
            Archive::Zip => self.pack_singly(indices, raw),
            Archive::TarGz | Archive::TarZst => self.pack_together(indices, raw, room),
        })
    }

    /// Every entry becomes a piece.
    fn pack_singly(&self, indices: impl Iterator<Item = usize>, raw: &mut Vec<u8>) -> Batch {
        let mut batch = Batch::default();
        for index in indices {
            if let Some(taken) = self.unchanged(index..index + 1) {
                batch.units.push(taken);
                continue;
            }
            let entry = &self.entries[index];
            raw.clear();
            match self.read(entry, raw) {
                Ok(has_changed) => batch.units.push(self.single(index, raw, has_changed)),
                Err(why) => batch.dropped.push(Dropped { index, why }),
            }
        }
        batch
    }

    /// What these entries became the last time, if nothing about them has changed.
    fn unchanged(&self, indices: Range<usize>) -> Option<Packed> {
        let previous = self.previous.as_ref()?;
        previous.take(&previous.unchanged(&self.entries[indices.clone()])?, indices)
    }

    /// What these entries became the last time, if their bytes are still what they were.
    fn same_contents(&self, entries: &[(Done, u64)]) -> Option<Packed> {
        let previous = self.previous.as_ref()?;
        let content = |(done, _): &(Done, u64)| (self.entries[done.index].path.as_str(), done.facts.sha256);
        let known = previous.same_contents(&entries.iter().map(content).collect::<Vec<_>>())?;
        let mut taken = previous.take(&known, entries.iter().map(|(done, _)| done.index))?;
        for (now, (done, _)) in taken.entries.iter_mut().zip(entries) {
            now.has_changed = done.has_changed;
        }
        Some(taken)
    }

    fn single(&self, index: usize, raw: &[u8], has_changed: bool) -> Packed {
        let (path, facts) = (&self.entries[index].path, facts(raw));
        if let Some(taken) = self.same_content(index, &facts, has_changed) {
            return taken;
        }
        let (coding, data) = match deflate::whole(raw, noise::is_hinted(path), self.press.level) {
            Some(data) => (Coding::Deflate, data),
            None => (Coding::Plain, raw.to_vec()),
        };
        let facts = Facts { coding, packed_size: data.len() as u64, ..facts };
        let piece = Pressed { data, raw: facts.size, crc: facts.crc, coding };
        Packed { entries: vec![Done { index, facts, skip: 0, has_changed }], piece }
    }

    /// What any entry of this content became the last time.
    fn same_content(&self, index: usize, facts: &Facts, has_changed: bool) -> Option<Packed> {
        let previous = self.previous.as_ref()?;
        let known = previous.same_content(&self.entries[index].path, facts.sha256)?;
        let mut taken = previous.take(&known, std::iter::once(index))?;
        taken.entries[0].has_changed = has_changed;
        Some(taken)
    }

    /// All entries become one piece: a stretch of a tar archive.
    fn pack_together(
        &self,
        indices: impl Iterator<Item = usize>,
        raw: &mut Vec<u8>,
        room: &mut Vec<u8>,
    ) -> Batch {
        raw.clear();
        let (mut entries, mut dropped, mut noisy) = (Vec::new(), Vec::new(), Vec::new());
        for index in indices {
            let (entry, start) = (&self.entries[index], raw.len());
            tar::head(raw, &entry.path, entry.kind, entry.size);
            let skip = raw.len();
            match self.read(entry, raw) {
                Ok(has_changed) => {
                    let facts = facts(&raw[skip..]);
                    if facts.size != entry.size {
                        correct(&mut raw[start..skip], entry, facts.size);
                    }
                    noise::find(&raw[skip..], skip, noise::is_hinted(&entry.path), &mut noisy);
                    raw.resize(raw.len() + tar::padding(facts.size), 0);
                    entries.push((Done { index, facts, skip: skip as u64, has_changed }, raw.len() as u64));
                }
                Err(why) => {
                    raw.truncate(start);
                    dropped.push(Dropped { index, why });
                }
            }
        }
        if entries.is_empty() {
            return Batch { units: Vec::new(), dropped };
        }
        if let Some(taken) = self.same_contents(&entries) {
            return Batch { units: vec![taken], dropped };
        }
        let piece = self.press.press(raw, &noisy, room);
        Batch { units: vec![Packed { entries: shared(entries, &piece), piece }], dropped }
    }

    /// Adds the bytes of `entry` to `raw`, and tells whether it is not what the scan saw. What holds
    /// a secret, or cannot be read, is not to be packed.
    fn read(&self, entry: &Entry, raw: &mut Vec<u8>) -> Result<bool, Why> {
        let start = raw.len();
        let has_changed = self.fill(entry, raw).map_err(Why::Unread)?;
        if self.is_data {
            return Ok(has_changed);
        }
        secrets::find(&raw[start..]).map_or(Ok(has_changed), |finding| Err(Why::Secret(finding)))
    }

    /// Adds the bytes of `entry` to `raw`, and tells whether it is not what the scan saw. Of a file
    /// that grew no more than twice what the scan saw and a little is read, so that a batch takes
    /// no more memory than it should.
    fn fill(&self, entry: &Entry, raw: &mut Vec<u8>) -> io::Result<bool> {
        let mut content = self.source.open(entry)?;
        let most = usize::try_from(self.longest.min(entry.size * 2 + GROWTH)).unwrap_or(usize::MAX);
        let expected = usize::try_from(entry.size + 1).unwrap_or(usize::MAX).min(most);
        let (start, mut filled) = (raw.len(), 0);
        // A byte more than expected tells whether there is more.
        for wanted in [expected, most] {
            raw.resize(start + wanted, 0);
            match fill(&mut *content, &mut raw[start + filled..]) {
                Ok(read) => filled += read,
                Err(error) => {
                    raw.truncate(start);
                    return Err(error);
                }
            }
            if filled < wanted {
                break;
            }
        }
        raw.truncate(start + filled);
        Ok(filled as u64 != entry.size || content.has_changed())
    }
}

/// What there is to say of `bytes` before they are packed.
fn facts(bytes: &[u8]) -> Facts {
    Facts {
        coding: Coding::Plain,
        crc: crc32fast::hash(bytes),
        size: bytes.len() as u64,
        packed_size: 0,
        sha256: Sha256(Hasher::digest(bytes).into()),
    }
}

/// Writes the head of `entry` anew, which turned out to have `size` bytes. Small files' heads are
/// as long whatever the size.
fn correct(head: &mut [u8], entry: &Entry, size: u64) {
    let mut right = Vec::with_capacity(head.len());
    tar::head(&mut right, &entry.path, entry.kind, size);
    head.copy_from_slice(&right);
}

/// The entries of `piece` with their shares of it, in proportion to the bytes that each takes up
/// with its head and its padding: which of the packed bytes are whose cannot be said, but they add
/// up. With each entry comes where it ends in the piece.
fn shared(entries: Vec<(Done, u64)>, piece: &Pressed) -> Vec<Done> {
    let packed_up_to = |end: u64| end * piece.data.len() as u64 / piece.raw.max(1);
    let mut before = 0;
    let share = |(mut done, end): (Done, u64)| {
        done.facts.coding = piece.coding;
        done.facts.packed_size = packed_up_to(end) - packed_up_to(before);
        before = end;
        done
    };
    entries.into_iter().map(share).collect()
}
