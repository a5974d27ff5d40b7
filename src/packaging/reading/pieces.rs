//! An entry's bytes by the index: from anywhere, without reading what comes before.

use std::sync::Arc;

use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder, Operation};
use zstd::zstd_safe::{InBuffer, OutBuffer};

use super::Damage;
use super::frames::{decoder, fault};
use super::input::ReadAt;
use crate::packaging::index::{Coding, Index, Piece, Place};

/// Packed bytes read at a time.
const BLOCK: usize = 32 << 10;
/// Bytes that are not wanted, unpacked at a time.
const ASIDE: usize = 128 << 10;

/// Unpacks from some byte of an entry on, piece after piece.
pub struct PieceReader {
    bytes: Arc<dyn ReadAt>,
    index: Arc<Index>,
    place: Place,
    run: Option<Run>,
}

/// Unpacking under way.
struct Run {
    /// The piece, by number.
    piece: usize,
    undo: Undo,
    /// Bytes of the piece that were unpacked from, and to.
    taken: u64,
    given: u64,
    /// Unpacked bytes that come before those that are wanted.
    unwanted: u64,
    /// Packed bytes that were read ahead.
    block: Vec<u8>,
    used: usize,
}

enum Undo {
    Plain,
    Deflate(Box<Decompress>),
    Zstd(Box<Decoder<'static>>),
}

impl PieceReader {
    /// The bytes of the entry whose place is `place`, by `index`.
    pub fn new(bytes: Arc<dyn ReadAt>, index: Arc<Index>, place: Place) -> Self {
        Self { bytes, index, place, run: None }
    }

    /// Whether what it has under way takes more memory than starting again takes time.
    pub fn is_heavy(&self) -> bool {
        matches!(self.run, Some(Run { undo: Undo::Zstd(_), .. }))
    }

    /// Forgets where it was; the next read begins with [`PieceReader::go_to`].
    pub fn forget(&mut self) {
        self.run = None;
    }

    /// Whether it is somewhere.
    pub fn is_on_its_way(&self) -> bool {
        self.run.is_some()
    }

    /// Goes on at byte `at` of the entry, which has one there: from the last piece at or before
    /// it that can be unpacked by itself.
    ///
    /// # Errors
    /// [`Damage`] when the index has no such byte.
    pub fn go_to(&mut self, at: u64) -> Result<(), Damage> {
        const NOWHERE: &str = "leads nowhere";
        let pieces = &self.index.pieces;
        let mut piece = self.place.piece as usize;
        let mut unwanted = self.place.skip.checked_add(at).ok_or_else(|| Damage::index(NOWHERE))?;
        while let Some(passed) = pieces.get(piece).map(|piece| piece.raw).filter(|raw| unwanted >= *raw) {
            unwanted -= passed;
            piece += 1;
        }
        while !pieces.get(piece).ok_or_else(|| Damage::index(NOWHERE))?.is_fresh {
            piece = piece.checked_sub(1).ok_or_else(|| Damage::index(NOWHERE))?;
            unwanted = unwanted.checked_add(pieces[piece].raw).ok_or_else(|| Damage::index(NOWHERE))?;
        }
        self.check(&pieces[piece])?;
        self.run = Some(Run::begin(piece, &pieces[piece], unwanted)?);
        Ok(())
    }

    /// Whether a piece is still as it was sealed: whoever wants some bytes of an entry has no
    /// digest to hold them against.
    fn check(&self, piece: &Piece) -> Result<(), Damage> {
        let Some(sum) = piece.sum else { return Ok(()) };
        let (mut hasher, mut block, mut done) = (crc32fast::Hasher::new(), vec![0; BLOCK], 0);
        while done < piece.packed {
            let part = usize::try_from(piece.packed - done).map_or(BLOCK, |left| left.min(BLOCK));
            let got = super::input::fill_at(&*self.bytes, &mut block[..part], at(piece, done)?)?;
            if got < part {
                return Err(broken(piece, "the package ends in it"));
            }
            hasher.update(&block[..part]);
            done += part as u64;
        }
        if hasher.finalize() == sum { Ok(()) } else { Err(broken(piece, "is not what was sealed")) }
    }

    /// The next bytes, at most as many as `room` has; 0 when some were unpacked that are not
    /// wanted, and one has to ask again.
    ///
    /// # Errors
    /// [`Damage`].
    pub fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        let run = self.run.as_mut().expect("it was told where to go");
        let piece = self.index.pieces.get(run.piece).ok_or_else(|| Damage::index("ends too early"))?;
        if run.given == piece.raw {
            run.end(&*self.bytes, piece)?;
            let number = run.piece + 1;
            let next = self.index.pieces.get(number).ok_or_else(|| Damage::index("ends too early"))?;
            run.go_on(next)?;
            self.check(next)?;
            return Ok(0);
        }
        let left = usize::try_from(piece.raw - run.given).unwrap_or(usize::MAX);
        if run.unwanted == 0 {
            let most = left.min(room.len());
            let got = run.unpack(&*self.bytes, piece, &mut room[..most])?;
            run.given += got as u64;
            return Ok(got);
        }
        // Somebody who wants one byte has it in as few steps as another.
        let unwanted = usize::try_from(run.unwanted).unwrap_or(usize::MAX);
        let mut aside = vec![0; ASIDE.min(left).min(unwanted)];
        let got = run.unpack(&*self.bytes, piece, &mut aside)? as u64;
        (run.given, run.unwanted) = (run.given + got, run.unwanted - got);
        Ok(0)
    }
}

impl Run {
    fn begin(number: usize, piece: &Piece, unwanted: u64) -> Result<Self, Damage> {
        let undo = Undo::new(piece.coding)?;
        // What is stored need not be read to be passed over.
        let skipped = if piece.coding == Coding::Plain { unwanted.min(piece.raw) } else { 0 };
        let (taken, given, unwanted) = (skipped, skipped, unwanted - skipped);
        Ok(Self { piece: number, undo, taken, given, unwanted, block: Vec::new(), used: 0 })
    }

    /// On to the piece after this one.
    fn go_on(&mut self, next: &Piece) -> Result<(), Damage> {
        match (&self.undo, next.coding) {
            (Undo::Deflate(_), Coding::Deflate) if !next.is_fresh => {}
            _ if !next.is_fresh => return Err(Damage::index("has a piece that goes on where nothing began")),
            _ => self.undo = Undo::new(next.coding)?,
        }
        self.piece += 1;
        (self.taken, self.given, self.used) = (0, 0, 0);
        self.block.clear();
        Ok(())
    }

    /// Unpacks into `room`, which is not empty and has no more room than the piece has bytes left.
    fn unpack(&mut self, bytes: &dyn ReadAt, piece: &Piece, room: &mut [u8]) -> Result<usize, Damage> {
        if matches!(self.undo, Undo::Plain) {
            let got = bytes.read_at(room, at(piece, self.taken)?)?;
            self.taken += got as u64;
            return if got == 0 { Err(broken(piece, "the package ends in it")) } else { Ok(got) };
        }
        loop {
            self.refill(bytes, piece)?;
            let (taken, got) = self.step(piece, room)?;
            if got > 0 {
                return Ok(got);
            }
            // Also when there is more, but behind the end of what was compressed.
            if taken == 0 {
                return Err(broken(piece, "holds less than it should"));
            }
        }
    }

    /// The piece has given all it should: whatever of it is left must give nothing more.
    fn end(&mut self, bytes: &dyn ReadAt, piece: &Piece) -> Result<(), Damage> {
        while !matches!(self.undo, Undo::Plain) && self.refill(bytes, piece)? {
            let (taken, got) = self.step(piece, &mut [0])?;
            if got > 0 {
                return Err(broken(piece, "holds more than it should"));
            }
            if taken == 0 {
                return Err(broken(piece, "something is behind it"));
            }
        }
        if self.taken == piece.packed { Ok(()) } else { Err(broken(piece, "has another size")) }
    }

    /// Has packed bytes ready, unless the piece has no more.
    fn refill(&mut self, bytes: &dyn ReadAt, piece: &Piece) -> Result<bool, Damage> {
        if self.used < self.block.len() {
            return Ok(true);
        }
        let most = piece.packed.saturating_sub(self.taken).min(BLOCK as u64) as usize;
        self.block.resize(most, 0);
        self.used = 0;
        let got = super::input::fill_at(bytes, &mut self.block, at(piece, self.taken)?)?;
        if got < most {
            return Err(broken(piece, "the package ends in it"));
        }
        Ok(most > 0)
    }

    /// Undoes some of the block: how much was taken, and how much came out.
    fn step(&mut self, piece: &Piece, room: &mut [u8]) -> Result<(usize, usize), Damage> {
        let packed = &self.block[self.used..];
        let (taken, got) = match &mut self.undo {
            Undo::Plain => (0, 0),
            Undo::Deflate(inflater) => {
                inflate(inflater, packed, room).map_err(|fault| broken(piece, fault))?
            }
            Undo::Zstd(decoder) => {
                let (mut from, mut to) = (InBuffer::around(packed), OutBuffer::around(room));
                decoder.run(&mut from, &mut to).map_err(|error| broken(piece, &fault(&error)))?;
                (from.pos(), to.pos())
            }
        };
        self.used += taken;
        self.taken += taken as u64;
        Ok((taken, got))
    }
}

impl Undo {
    fn new(coding: Coding) -> Result<Self, Damage> {
        Ok(match coding {
            Coding::Plain => Self::Plain,
            Coding::Deflate => Self::Deflate(Box::new(Decompress::new(false))),
            Coding::Zstd => Self::Zstd(Box::new(decoder()?)),
        })
    }
}

fn inflate(
    inflater: &mut Decompress,
    packed: &[u8],
    room: &mut [u8],
) -> Result<(usize, usize), &'static str> {
    let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
    match inflater.decompress(packed, room, FlushDecompress::None) {
        Ok(Status::Ok | Status::BufError | Status::StreamEnd) => {
            let taken = inflater.total_in() - before_in;
            Ok((taken as usize, (inflater.total_out() - before_out) as usize))
        }
        Err(_) => Err("cannot be decompressed"),
    }
}

fn at(piece: &Piece, taken: u64) -> Result<u64, Damage> {
    piece.at.checked_add(taken).ok_or_else(|| Damage::index("leads nowhere"))
}

fn broken(piece: &Piece, fault: &str) -> Damage {
    Damage::coding(format!("piece at byte {}", piece.at), fault)
}
