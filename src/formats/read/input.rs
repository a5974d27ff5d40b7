//! The bytes of a file, checked to be text, with the place that each is at.

use std::io::{self, BufRead, Read};

use super::{Fault, Place, ReadError};

/// Bytes that are looked at together.
const AT_ONCE: usize = 64 << 10;
/// The most text that one row may have: whoever reads holds no more of a file.
pub const LONGEST_ROW: usize = 64 << 20;

/// Text from front to back: whatever is handed out is UTF-8, in whole characters.
pub struct Input {
    from: Box<dyn BufRead + Send>,
    bytes: Vec<u8>,
    /// The next byte to hand out, the end of those that are whole characters, and of those read.
    next: usize,
    whole: usize,
    filled: usize,
    /// Where the byte at `counted` is in the text.
    place: Place,
    counted: usize,
    /// Bytes that may still be handed out, as a bound to who gathers them.
    allowance: usize,
}

impl Input {
    /// From the first byte of `from`; a byte order mark is passed over.
    pub fn new(from: Box<dyn BufRead + Send>) -> Result<Self, ReadError> {
        let (bytes, place) = (vec![0; AT_ONCE], Place::BEGIN);
        let mut input =
            Self { from, bytes, next: 0, whole: 0, filled: 0, place, counted: 0, allowance: usize::MAX };
        if input.buffered()?.starts_with("\u{feff}".as_bytes()) {
            (input.next, input.counted) = (3, 3);
        }
        Ok(input)
    }

    /// The next byte; `None` at the end.
    pub fn peek(&mut self) -> Result<Option<u8>, ReadError> {
        if self.next < self.whole {
            return Ok(Some(self.bytes[self.next]));
        }
        Ok(self.buffered()?.first().copied())
    }

    /// The next bytes; none at the end only.
    pub fn buffered(&mut self) -> Result<&[u8], ReadError> {
        if self.next == self.whole {
            self.fill()?;
        }
        Ok(&self.bytes[self.next..self.whole])
    }

    /// Passes over `count` of the next bytes.
    pub fn advance(&mut self, count: usize) {
        self.next += count;
    }

    /// Where the next byte is.
    pub fn place(&mut self) -> Place {
        self.place = self.place.after(&self.bytes[self.counted..self.next]);
        self.counted = self.next;
        self.place
    }

    /// Something is the matter with the next byte.
    pub fn fault(&mut self, why: impl Into<String>) -> ReadError {
        Fault { place: self.place(), why: why.into() }.into()
    }

    /// Lets no more than `count` further bytes be gathered through [`BufRead`].
    pub fn allow(&mut self, count: usize) {
        self.allowance = count;
    }

    /// Reads on. What is at the end of a character that is not all there waits for the rest of it.
    fn fill(&mut self) -> Result<(), ReadError> {
        self.place();
        self.bytes.copy_within(self.whole..self.filled, 0);
        self.filled -= self.whole;
        (self.next, self.counted, self.whole) = (0, 0, 0);
        loop {
            let read = read_some(&mut self.from, &mut self.bytes[self.filled..])?;
            self.filled += read;
            let text = str::from_utf8(&self.bytes[..self.filled]);
            self.whole = text.map_or_else(|error| error.valid_up_to(), str::len);
            let is_cut = text.is_err_and(|error| error.error_len().is_none());
            match (self.whole, self.filled) {
                (0, 0) => return Ok(()),
                (0, _) if is_cut && read > 0 => {}
                (0, _) => return Err(self.fault("this is no UTF-8")),
                _ => return Ok(()),
            }
        }
    }
}

fn read_some(from: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    loop {
        match from.read(into) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.allowance == 0 {
            return Err(io::Error::other(self.fault(too_long())));
        }
        let allowance = self.allowance;
        match self.buffered() {
            Ok(bytes) => Ok(&bytes[..bytes.len().min(allowance)]),
            Err(ReadError::Input(error)) => Err(error),
            Err(fault) => Err(io::Error::other(fault)),
        }
    }

    fn consume(&mut self, count: usize) {
        self.advance(count);
        self.allowance = self.allowance.saturating_sub(count);
    }
}

/// What is told of a row that is longer than [`LONGEST_ROW`].
pub fn too_long() -> String {
    format!("a row has more than {} MiB", LONGEST_ROW >> 20)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hands out one byte at a time.
    struct Slowly(&'static [u8]);

    impl Read for Slowly {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            into[..count].copy_from_slice(&self.0[..count]);
            self.0 = &self.0[count..];
            Ok(count)
        }
    }

    fn rest(input: &mut Input) -> Result<String, ReadError> {
        let mut text = String::new();
        loop {
            let bytes = input.buffered()?;
            if bytes.is_empty() {
                return Ok(text);
            }
            text.push_str(str::from_utf8(bytes).expect("whole characters"));
            let count = bytes.len();
            input.advance(count);
        }
    }

    fn slow(bytes: &'static [u8]) -> Result<Input, ReadError> {
        Input::new(Box::new(io::BufReader::new(Slowly(bytes))))
    }

    #[test]
    fn characters_come_whole_and_a_mark_is_passed_over() {
        let mut input = slow("\u{feff}größe\n日𐍈".as_bytes()).expect("text");
        assert_eq!(rest(&mut input).expect("text"), "größe\n日𐍈");
        assert_eq!(input.place(), Place { line: 2, column: 3 });
    }

    #[test]
    fn what_is_no_text_is_found_where_it_is() {
        for bytes in [&b"ab\n\xc3\xa9\xff"[..], b"ab\n\xc3\xa9\xed\xa0\x80", b"ab\n\xc3\xa9\xe6\x97"] {
            let place = Place { line: 2, column: 2 };
            for input in [slow(bytes), Input::new(Box::new(bytes))] {
                let error = input.and_then(|mut input| rest(&mut input)).expect_err("no text");
                assert!(matches!(&error, ReadError::Fault(fault) if fault.place == place), "{error}");
            }
        }
    }
}
