//! Where formatters put their bytes before they are passed on.

use std::io::{self, Write};

/// As many bytes as are passed on at a time: few calls, and no more than a cache holds.
const FULL: usize = 256 << 10;

/// Bytes on their way out: gathered, and passed on by the quarter of a mebibyte.
pub struct Sink<'a> {
    out: &'a mut (dyn Write + Send),
    bytes: Vec<u8>,
}

impl<'a> Sink<'a> {
    /// On the way to `out`.
    pub fn new(out: &'a mut (dyn Write + Send)) -> Self {
        Self { out, bytes: Vec::with_capacity(FULL + (FULL >> 2)) }
    }

    /// Where to add more; [`settle`](Self::settle) after every row.
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Adds `bytes`.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Passes on what is there, if it is enough.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn settle(&mut self) -> io::Result<()> {
        if self.bytes.len() < FULL { Ok(()) } else { self.pass_on() }
    }

    /// Passes on whatever is there.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn pass_on(&mut self) -> io::Result<()> {
        self.out.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }
}
