//! Zstandard frames (RFC 8878), one after another, and the seek table at their end.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use zstd::stream::raw::{Decoder, Operation};
use zstd::zstd_safe::{DParameter, InBuffer, OutBuffer};

use super::input::Input;
use super::seek_table::{self, Seen};
use super::tar::Decoded;
use super::{Damage, ReadAt};

/// The largest window that is given memory, as a power of two: 8 MiB, what every decoder has to
/// support (RFC 8878 §3.1.1.1.2).
const LARGEST_WINDOW_LOG: u32 = 23;
const FRAME: u32 = 0xfd2f_b528;
const CHECKSUM_FLAG: u8 = 1 << 2;
const UNUSED_BIT: u8 = 1 << 4;

/// A decoder that takes no more memory than our frames need.
pub fn decoder() -> Result<Decoder<'static>, Damage> {
    let mut decoder = Decoder::new()?;
    decoder.set_parameter(DParameter::WindowLogMax(LARGEST_WINDOW_LOG))?;
    Ok(decoder)
}

/// What is in the frames, as it comes.
pub struct Frames {
    input: Input,
    decoder: Option<Decoder<'static>>,
    seen: Seen,
    at: At,
    oddities: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    /// Between frames.
    Gap,
    /// In the frame that began at this byte and has given so many so far.
    Frame { began: u64, raw: u64 },
    /// Behind everything.
    End,
}

impl Frames {
    /// Reads the frames of `input`.
    pub fn new(input: Input) -> Self {
        Self { input, decoder: None, seen: Seen::default(), at: At::Gap, oddities: Vec::new() }
    }

    /// Reads the frames that `bytes` are.
    pub fn of(bytes: Arc<dyn ReadAt>) -> Self {
        Self::new(Input::new(bytes, CancellationToken::new()))
    }

    fn place(&self, began: u64) -> String {
        format!("frame {} (from byte {began})", self.seen.count() + 1)
    }

    /// Begins the next frame, or ends with the seek table.
    fn begin(&mut self) -> Result<(), Damage> {
        let began = self.input.position();
        if self.input.fill()?.is_empty() {
            if self.seen.count() == 0 {
                return Err(Damage::coding("byte 0", "there is no Zstandard frame"));
            }
            self.note("there is no seek table");
            self.at = At::End;
            return Ok(());
        }
        let place = self.place(began);
        let magic = self.input.exactly::<4>(&place)?;
        match u32::from_le_bytes(magic) {
            FRAME => self.begin_frame(began, magic, &place),
            seek_table::MAGIC => {
                self.seen.compare(&mut self.input)?;
                let after = self.input.position();
                if !self.input.fill()?.is_empty() {
                    return Err(Damage::coding(format!("byte {after}"), "something follows the seek table"));
                }
                self.at = At::End;
                Ok(())
            }
            _ => Err(Damage::coding(place, "is no Zstandard frame")),
        }
    }

    fn begin_frame(&mut self, began: u64, magic: [u8; 4], place: &str) -> Result<(), Damage> {
        let descriptor = self.input.fill()?.first().copied().unwrap_or_default();
        if descriptor & UNUSED_BIT != 0 {
            self.note(&format!("the header of {place} has its unused bit set"));
        }
        if descriptor & CHECKSUM_FLAG == 0 {
            self.note(&format!("{place} has no checksum"));
        }
        let decoder = match &mut self.decoder {
            Some(decoder) => {
                decoder.reinit()?;
                decoder
            }
            none => none.insert(decoder()?),
        };
        let mut nothing: [u8; 0] = [];
        let mut begun = InBuffer::around(&magic);
        decoder
            .run(&mut begun, &mut OutBuffer::around(&mut nothing[..]))
            .map_err(|error| Damage::coding(place, error.to_string()))?;
        self.at = At::Frame { began, raw: 0 };
        Ok(())
    }

    fn decode(&mut self, began: u64, raw: u64, room: &mut [u8]) -> Result<usize, Damage> {
        loop {
            let place = self.place(began);
            let packed = self.input.fill()?;
            if packed.is_empty() {
                return Err(Damage::coding(place, "breaks off"));
            }
            let (mut from, mut to) = (InBuffer::around(packed), OutBuffer::around(&mut *room));
            let decoder = self.decoder.as_mut().expect("a frame has begun");
            let left = decoder.run(&mut from, &mut to);
            let (taken, got) = (from.pos(), to.pos());
            self.input.take(taken);
            let left = left.map_err(|error| Damage::coding(place, fault(&error)))?;
            let raw = raw + got as u64;
            if left == 0 {
                self.seen.add(self.input.position() - began, raw)?;
                self.at = At::Gap;
                return Ok(got);
            }
            self.at = At::Frame { began, raw };
            if got > 0 {
                return Ok(got);
            }
        }
    }

    fn note(&mut self, oddity: &str) {
        if self.oddities.len() < 5 {
            self.oddities.push(oddity.to_owned());
        }
    }
}

/// The decoder's words, with what it means where they do not say.
pub fn fault(error: &std::io::Error) -> String {
    let words = error.to_string();
    if words.contains("too much memory") {
        format!("wants more memory than {} MiB to be unpacked", (1 << LARGEST_WINDOW_LOG) >> 20)
    } else {
        words
    }
}

impl Decoded for Frames {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        loop {
            match self.at {
                At::Gap => self.begin()?,
                At::Frame { began, raw } => match self.decode(began, raw, room)? {
                    0 => {}
                    got => return Ok(got),
                },
                At::End => return Ok(0),
            }
        }
    }

    fn into_input(self: Box<Self>) -> Input {
        self.input
    }

    fn told(&self) -> String {
        format!("{} Zstandard frames", self.seen.count())
    }

    fn oddities(&self) -> Vec<String> {
        self.oddities.clone()
    }
}
