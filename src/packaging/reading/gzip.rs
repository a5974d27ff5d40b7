//! One gzip member (RFC 1952), and nothing after it.

use flate2::{Decompress, FlushDecompress, Status};

use super::input::Input;
use super::tar::Decoded;
use super::{Damage, ReadAt};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// The longest extra field, name and comment together; ours has none.
const LONGEST_HEADER: usize = 64 << 10;
const HEADER_CRC: u8 = 2;
const EXTRA: u8 = 4;
const NAME: u8 = 8;
const COMMENT: u8 = 16;
const RESERVED: u8 = 0xe0;

/// What is in a gzip member, as it comes.
pub struct Gzip {
    input: Input,
    inflater: Box<Decompress>,
    crc: crc32fast::Hasher,
    unpacked: u64,
    at: At,
    oddities: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Header,
    Content,
    End,
}

impl Gzip {
    /// Reads the member that `input` begins with.
    pub fn new(input: Input) -> Self {
        let (inflater, crc) = (Box::new(Decompress::new(false)), crc32fast::Hasher::new());
        Self { input, inflater, crc, unpacked: 0, at: At::Header, oddities: Vec::new() }
    }

    /// Reads the member that `bytes` are.
    pub fn of(bytes: Arc<dyn ReadAt>) -> Self {
        Self::new(Input::new(bytes, CancellationToken::new()))
    }

    fn header(&mut self) -> Result<(), Damage> {
        const HERE: &str = "gzip header";
        let input = &mut self.input;
        let [a, b, method, flags, time @ .., _, _] = input.exactly::<10>(HERE)?;
        if [a, b, method] != [0x1f, 0x8b, 8] || flags & RESERVED != 0 {
            return Err(Damage::coding(HERE, "is none"));
        }
        if flags != 0 || time != [0; 4] {
            self.oddities.push("the gzip header has a time, or fields that packages do not have".to_owned());
        }
        let mut room = LONGEST_HEADER;
        if flags & EXTRA != 0 {
            let length = u16::from_le_bytes(input.exactly(HERE)?);
            for _ in 0..length {
                input.exactly::<1>(HERE)?;
            }
        }
        for field in [NAME, COMMENT] {
            while flags & field != 0 && input.exactly::<1>(HERE)? != [0] {
                room = room.checked_sub(1).ok_or_else(|| Damage::coding(HERE, "is too long"))?;
            }
        }
        if flags & HEADER_CRC != 0 {
            input.exactly::<2>(HERE)?;
        }
        Ok(())
    }

    fn inflate(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        loop {
            let begins = self.input.position();
            let packed = self.input.fill()?;
            let is_over = packed.is_empty();
            let (before_in, before_out) = (self.inflater.total_in(), self.inflater.total_out());
            let status = self.inflater.decompress(packed, room, FlushDecompress::None);
            let taken = (self.inflater.total_in() - before_in) as usize;
            let got = (self.inflater.total_out() - before_out) as usize;
            self.input.take(taken);
            let broken = |fault: &str| Damage::coding(format!("deflate stream near byte {begins}"), fault);
            match status {
                Err(_) => return Err(broken("cannot be decompressed")),
                Ok(Status::StreamEnd) => self.at = At::End,
                Ok(_) => {}
            }
            self.crc.update(&room[..got]);
            self.unpacked += got as u64;
            if got > 0 || self.at == At::End {
                return Ok(got);
            }
            if taken == 0 {
                return Err(broken(if is_over { "breaks off" } else { "cannot be decompressed" }));
            }
        }
    }

    fn trailer(&mut self) -> Result<(), Damage> {
        const HERE: &str = "gzip trailer";
        let crc = u32::from_le_bytes(self.input.exactly(HERE)?);
        let length = u32::from_le_bytes(self.input.exactly(HERE)?);
        if crc != self.crc.clone().finalize() {
            return Err(Damage::coding(HERE, "the CRC-32 of what was unpacked is another than it says"));
        }
        // RFC 1952 §2.3.1: the length modulo 2^32.
        if u64::from(length) != self.unpacked & u64::from(u32::MAX) {
            return Err(Damage::coding(HERE, "what was unpacked has another length than it says"));
        }
        let after = self.input.position();
        match self.input.fill()? {
            [] => Ok(()),
            [0x1f, 0x8b, ..] => Err(Damage::coding(format!("byte {after}"), "another gzip member follows")),
            _ => Err(Damage::coding(format!("byte {after}"), "something follows the gzip trailer")),
        }
    }
}

impl Decoded for Gzip {
    fn read(&mut self, room: &mut [u8]) -> Result<usize, Damage> {
        if self.at == At::Header {
            self.header()?;
            self.at = At::Content;
        }
        while self.at == At::Content {
            let got = self.inflate(room)?;
            if self.at == At::End {
                self.trailer()?;
            }
            if got > 0 {
                return Ok(got);
            }
        }
        Ok(0)
    }

    fn into_input(self: Box<Self>) -> Input {
        self.input
    }

    fn told(&self) -> String {
        "1 gzip member".to_owned()
    }

    fn oddities(&self) -> Vec<String> {
        self.oddities.clone()
    }
}
