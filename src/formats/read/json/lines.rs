//! JSON documents, one a line.

use crate::formats::read::ReadError;
use crate::formats::read::input::Input;
use crate::formats::read::row::{Opening, Parser, Row, Told};

use super::members::members;
use super::scanner::missing;

/// Reads JSON Lines: an object for each row. Empty lines are passed over.
pub struct Lines {
    input: Input,
    /// Room for a name.
    name: Vec<u8>,
    has_begun: bool,
    told: Told,
}

impl Lines {
    /// From the first line.
    pub fn new(input: Input) -> Self {
        Self { input, name: Vec::new(), has_begun: false, told: Told::default() }
    }
}

impl Parser for Lines {
    fn section(&mut self) -> Result<Option<Opening>, ReadError> {
        let has_begun = std::mem::replace(&mut self.has_begun, true);
        Ok((!has_begun).then(|| Opening::only(None)))
    }

    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.input.peek()? {
            self.input.advance(1);
        }
        if self.input.peek()?.is_none() {
            return Ok(false);
        }
        let line = self.input.place().line;
        members(&mut self.input, &mut self.name, row)?;
        if self.input.place().line != line {
            return Err(self
                .input
                .fault(format!("the object that begins on line {line} is not on one line")));
        }
        while let Some(b' ' | b'\t' | b'\r') = self.input.peek()? {
            self.input.advance(1);
        }
        match self.input.peek()? {
            None | Some(b'\n') => Ok(true),
            Some(_) => Err(missing(&mut self.input, "the end of the line")),
        }
    }

    fn told(&self) -> &Told {
        &self.told
    }
}
