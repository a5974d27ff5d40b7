//! The body of a package as it grows: pieces in order, and the index of where they lie.

use crate::domain::Sha256;

use super::archive::{FILE_MODE, FOLDER_MODE, Frame, Head};
use super::index::{Coding, Index, Piece, Place, Unit};
use super::manifest::ManifestEntry;
use super::packed::{Facts, Packed};
use super::press::Press;
use super::previous::Taken;
use super::seal::Seal;
use super::source::{Entry, EntryKind};
use super::{Control, PackError};

/// A package's body. Whatever goes into a package goes through here.
pub struct Body<'a> {
    seal: Seal<'a>,
    press: Press,
    frame: Frame,
    pieces: Vec<Piece>,
    places: Vec<Place>,
    units: Vec<Unit>,
    listed: Vec<ManifestEntry>,
}

/// A body that is whole.
pub struct Finished {
    /// Bytes of the package.
    pub size: u64,
    /// Of all of them.
    pub checksum: Sha256,
    /// What is in it.
    pub listed: Vec<ManifestEntry>,
    /// Where in it.
    pub index: Index,
}

impl<'a> Body<'a> {
    /// The body of a package that goes to `seal`.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn new(mut seal: Seal<'a>, press: Press) -> Result<Self, PackError> {
        let frame = Frame::begin(press.format, &mut seal)?;
        let (pieces, places, units) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { seal, press, frame, pieces, places, units, listed: Vec::new() })
    }

    /// Adds entries that became one piece.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn add(&mut self, packed: &Packed, entries: &[Entry]) -> Result<(), PackError> {
        if let (Frame::Zip(directory), [only]) = (&mut self.frame, &packed.entries[..]) {
            let entry = &entries[only.index];
            directory.begin(&mut self.seal, &entry.path, entry.kind, &only.facts)?;
        }
        let (first, pressed) = (self.pieces.len(), &packed.piece);
        self.piece((pressed.raw, pressed.crc, pressed.coding, true), |seal| seal.write(&pressed.data))?;
        for done in &packed.entries {
            self.list(&entries[done.index], &done.facts, done.has_changed, (first, done.skip));
        }
        self.unit(packed.entries.len(), first);
        Ok(())
    }

    /// Adds an entry that has pieces for itself alone, which `write` writes one by one.
    ///
    /// # Errors
    /// As [`Seal::write`], and those of `write`.
    pub fn add_alone(
        &mut self,
        entry: &Entry,
        mut facts: Facts,
        has_changed: bool,
        write: impl FnOnce(&mut Self) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        let first = self.pieces.len();
        if let Head::Packed(head) = self.frame.head(&mut self.seal, entry, &facts)? {
            facts.packed_size += self.press_alone(&head)?;
        }
        self.list(entry, &facts, has_changed, (self.pieces.len(), 0));
        write(self)?;
        self.unit(1, first);
        Ok(())
    }

    /// Adds a large entry as it was in the package before.
    ///
    /// # Errors
    /// As [`Taken::pass_on`].
    pub fn add_taken(
        &mut self,
        taken: &Taken<'_>,
        entry: &Entry,
        control: &Control,
    ) -> Result<(), PackError> {
        if let Frame::Zip(directory) = &mut self.frame {
            directory.begin(&mut self.seal, &entry.path, entry.kind, &taken.facts)?;
        }
        let first = self.pieces.len();
        for piece in taken.pieces {
            let facts = (piece.raw, piece.crc, piece.coding, piece.is_fresh);
            self.piece(facts, |seal| taken.pass_on(piece, seal, control))?;
        }
        self.list(entry, &taken.facts, false, (first + taken.before, taken.skip));
        self.unit(1, first);
        Ok(())
    }

    /// Adds a piece of so many bytes unpacked, of that CRC-32 and coding, fresh or not, which
    /// `write` writes.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn piece(
        &mut self,
        (raw, crc, coding, is_fresh): (u64, u32, Coding, bool),
        write: impl FnOnce(&mut Seal<'a>) -> Result<(), PackError>,
    ) -> Result<(), PackError> {
        let at = self.seal.position();
        self.seal.cut();
        write(&mut self.seal)?;
        let (packed, sum) = (self.seal.position() - at, Some(self.seal.cut()));
        let piece = Piece { at, packed, raw, crc, sum, coding, is_fresh };
        self.frame.note(&piece);
        self.pieces.push(piece);
        Ok(())
    }

    /// Ends the package.
    ///
    /// # Errors
    /// As [`Seal::write`].
    pub fn finish(mut self) -> Result<Finished, PackError> {
        let last = self.frame.last_piece();
        if !last.is_empty() {
            self.press_alone(last)?;
        }
        self.frame.finish(&mut self.seal, &self.pieces)?;
        let (size, checksum, crc) = self.seal.finish()?;
        let (pieces, places, units) = (self.pieces, self.places, self.units);
        let index = Index { package: checksum, crc, pieces, places, units };
        Ok(Finished { size, checksum, listed: self.listed, index })
    }

    /// Presses a few bytes into a piece of their own, and tells how many they became.
    fn press_alone(&mut self, raw: &[u8]) -> Result<u64, PackError> {
        let pressed = self.press.press(raw, &[], &mut Vec::new());
        self.piece((pressed.raw, pressed.crc, pressed.coding, true), |seal| seal.write(&pressed.data))?;
        Ok(pressed.data.len() as u64)
    }

    fn list(&mut self, entry: &Entry, facts: &Facts, has_changed: bool, (piece, skip): (usize, u64)) {
        // What changed while it was read is not what its identity stands for.
        let identity = entry.identity.filter(|_| !has_changed);
        self.places.push(Place { piece: number(piece), skip, crc: facts.crc, identity });
        let mode = match entry.kind {
            EntryKind::File => FILE_MODE,
            EntryKind::EmptyFolder => FOLDER_MODE,
        };
        self.listed.push(ManifestEntry {
            path: entry.path.clone(),
            size: facts.size,
            compressed_size: facts.packed_size,
            sha256: facts.sha256,
            mode: format!("{mode:04o}"),
        });
    }

    /// Takes note of a unit whose first piece was `first`.
    fn unit(&mut self, entries: usize, first: usize) {
        self.units.push(Unit { entries: number(entries), pieces: number(self.pieces.len() - first) });
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).expect("four thousand million of them do not fit into memory")
}
