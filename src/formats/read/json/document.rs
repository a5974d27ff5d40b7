//! One JSON document: an array of objects, or what we write.

use crate::formats::read::input::Input;
use crate::formats::read::row::{Opening, Parser, Raw, Row, Told};
use crate::formats::read::{Fault, ReadError};

use super::members::{members, named};
use super::metadata::{Declared, metadata};
use super::scanner::{expect, missing, skip_blanks, value};

/// Reads a JSON document.
pub struct Document {
    input: Input,
    at: At,
    told: Told,
    declared: Vec<Declared>,
    /// Sections that have begun.
    begun: Vec<String>,
    /// Room for a name.
    name: Vec<u8>,
}

/// How far the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    /// Behind the bracket or the last row of an array that is a section, or the whole document.
    Rows {
        is_whole: bool,
        is_first: bool,
    },
    /// Behind a section, or the brace before the first.
    Sections,
    End,
}

impl Document {
    /// From the first token.
    pub fn new(input: Input) -> Self {
        let (told, name) = (Told::default(), Vec::new());
        Self { input, at: At::Begin, told, declared: Vec::new(), begun: Vec::new(), name }
    }

    /// Reads up to the first section of our document.
    fn begin(&mut self) -> Result<(), ReadError> {
        let what = "an array of objects, or `{\"data\": …}`,";
        expect(&mut self.input, b'{', what)?;
        loop {
            let place = named(&mut self.input, &mut self.name)?;
            match self.name.as_slice() {
                b"data" => break,
                b"metadata" => self.metadata()?,
                _ => {
                    let why = "only `metadata`, and `data` behind it, are members of an exportd document";
                    return Err(Fault { place, why: why.to_owned() }.into());
                }
            }
            expect(&mut self.input, b',', "`,` and `data`")?;
        }
        expect(&mut self.input, b'{', "an object with an array for each section")?;
        self.at = At::Sections;
        Ok(())
    }

    fn metadata(&mut self) -> Result<(), ReadError> {
        skip_blanks(&mut self.input)?;
        let (place, mut json) = (self.input.place(), Vec::new());
        if value(&mut self.input, &mut json)? != Raw::Json {
            return Err(Fault { place, why: "the metadata should be an object".to_owned() }.into());
        }
        let read = metadata(&json).map_err(|error| Fault { place, why: format!("the metadata: {error}") })?;
        (self.told, self.declared) = read;
        Ok(())
    }

    /// Reads up to the next section's first row.
    fn next_section(&mut self) -> Result<Option<Opening>, ReadError> {
        if skip_blanks(&mut self.input)? == Some(b'}') {
            self.input.advance(1);
            expect(&mut self.input, b'}', "the brace that ends the document")?;
            return self.end().map(|()| None);
        }
        if !self.begun.is_empty() {
            expect(&mut self.input, b',', "`,` or `}`")?;
        }
        let place = named(&mut self.input, &mut self.name)?;
        let name = str::from_utf8(&self.name).expect("what is read was checked to be UTF-8").to_owned();
        if self.begun.contains(&name) {
            return Err(Fault { place, why: format!("the section `{name}` is there twice") }.into());
        }
        expect(&mut self.input, b'[', "an array of objects")?;
        self.at = At::Rows { is_whole: false, is_first: true };
        self.begun.push(name.clone());
        let declared = self.declared.iter().find(|declared| declared.name == name);
        let title = declared.and_then(|declared| declared.title.clone()).unwrap_or_else(|| name.clone());
        Ok(Some(Opening { name, title, schema: declared.map(Declared::schema), names: None }))
    }

    fn end(&mut self) -> Result<(), ReadError> {
        self.at = At::End;
        match skip_blanks(&mut self.input)? {
            None => Ok(()),
            Some(_) => Err(missing(&mut self.input, "the end of the document")),
        }
    }
}

impl Parser for Document {
    fn section(&mut self) -> Result<Option<Opening>, ReadError> {
        if self.at == At::Begin {
            if skip_blanks(&mut self.input)? == Some(b'[') {
                self.input.advance(1);
                self.at = At::Rows { is_whole: true, is_first: true };
                return Ok(Some(Opening::only(None)));
            }
            self.begin()?;
        }
        match self.at {
            At::Sections => self.next_section(),
            _ => Ok(None),
        }
    }

    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        let At::Rows { is_whole, is_first } = self.at else { return Ok(false) };
        match skip_blanks(&mut self.input)? {
            Some(b']') => {
                self.input.advance(1);
                self.at = At::Sections;
                if is_whole {
                    self.end()?;
                }
                return Ok(false);
            }
            Some(b',') if !is_first => self.input.advance(1),
            _ if is_first => {}
            _ => return Err(missing(&mut self.input, "`,` or `]`")),
        }
        members(&mut self.input, &mut self.name, row)?;
        self.at = At::Rows { is_whole, is_first: false };
        Ok(true)
    }

    fn told(&self) -> &Told {
        &self.told
    }
}
