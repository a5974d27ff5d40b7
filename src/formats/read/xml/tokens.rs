//! Elements and text, one after another.

use quick_xml::escape::resolve_predefined_entity;
use std::borrow::Cow;

use quick_xml::events::{BytesDecl, Event};
use quick_xml::reader::NsReader;

use crate::formats::read::input::{Input, LONGEST_ROW};
use crate::formats::read::{Fault, Place, ReadError};
use crate::formats::xml::is_char;

use super::element::Element;

/// What comes next in a document.
pub enum Token {
    /// An element begins.
    Begin(Element),
    /// The innermost element ends.
    End,
    /// Text: it has been added to what was given for it.
    Text,
    /// Nothing comes any more.
    Nothing,
}

/// Reads tokens.
pub struct Tokens {
    reader: NsReader<Input>,
    room: Vec<u8>,
    /// Where the last token begins.
    place: Place,
    is_first: bool,
    /// Elements that have no end yet.
    open: usize,
}

impl Tokens {
    /// From the first.
    pub fn new(input: Input) -> Self {
        let mut reader = NsReader::from_reader(input);
        let config = reader.config_mut();
        (config.expand_empty_elements, config.check_comments) = (true, true);
        Self { reader, room: Vec::new(), place: Place::BEGIN, is_first: true, open: 0 }
    }

    /// Where the last token begins.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Something is the matter with the last token.
    pub fn fault(&self, why: impl Into<String>) -> ReadError {
        Fault { place: self.place, why: why.into() }.into()
    }

    /// The next element or end between which there is no text.
    pub fn structure(&mut self) -> Result<Token, ReadError> {
        let mut text = Vec::new();
        loop {
            match self.next(&mut text)? {
                Token::Text if text.iter().all(|byte| b" \t\r\n".contains(byte)) => text.clear(),
                Token::Text => return Err(self.fault("no text should be here")),
                token => return Ok(token),
            }
        }
    }

    /// Adds the text of the element that has begun to `text`, up to its end.
    pub fn text(&mut self, text: &mut Vec<u8>) -> Result<(), ReadError> {
        loop {
            match self.next(text)? {
                Token::Text => {}
                Token::End => return Ok(()),
                Token::Begin(_) => return Err(self.fault("no element should be here")),
                Token::Nothing => return Err(self.fault("the document ends inside an element")),
            }
        }
    }

    /// The next token; text is added to `text`.
    pub fn next(&mut self, text: &mut Vec<u8>) -> Result<Token, ReadError> {
        loop {
            self.room.clear();
            let input = self.reader.get_mut();
            self.place = input.place();
            input.allow(LONGEST_ROW.saturating_sub(text.len()));
            let place = self.place;
            let fault = |why: String| ReadError::from(Fault { place, why });
            let event = match self.reader.read_event_into(&mut self.room) {
                Ok(event) => event,
                Err(error) => return Err(told(error, place)),
            };
            let is_first = std::mem::replace(&mut self.is_first, false);
            match event {
                Event::Start(start) => {
                    self.open += 1;
                    let element = Element::new(&start, self.reader.resolver()).map_err(fault)?;
                    return Ok(Token::Begin(element));
                }
                Event::End(_) => {
                    self.open -= 1;
                    return Ok(Token::End);
                }
                Event::Decl(declaration) if is_first => declared(&declaration).map_err(fault)?,
                Event::Decl(_) => return Err(fault("`<?xml` is for the beginning".to_owned())),
                Event::DocType(_) => return Err(fault("a document type is not taken".to_owned())),
                Event::Comment(_) | Event::PI(_) => {}
                Event::Eof if self.open > 0 => {
                    return Err(fault("the document ends inside an element".to_owned()));
                }
                Event::Eof => return Ok(Token::Nothing),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) | Event::Empty(_) => {
                    let words = words(&event).map_err(fault)?;
                    text.extend_from_slice(words.as_bytes());
                    return Ok(Token::Text);
                }
            }
        }
    }
}

/// What an event stands for that is text.
fn words<'a>(event: &'a Event<'_>) -> Result<Cow<'a, str>, String> {
    let words = match event {
        Event::Text(text) if text.contains("]]>") => {
            return Err("`]]>` in text has to be `]]&gt;`".to_owned());
        }
        Event::Text(text) => text.xml10_content(),
        Event::CData(text) => text.xml10_content(),
        Event::GeneralRef(reference) => {
            match reference.resolve_char_ref().map_err(|error| error.to_string())? {
                Some(c) => c.to_string().into(),
                None => {
                    let unknown = || format!("the entity `{}` is not known", &**reference);
                    resolve_predefined_entity(reference).ok_or_else(unknown)?.into()
                }
            }
        }
        _ => return Err("no text".to_owned()),
    };
    if words.chars().all(is_char) { Ok(words) } else { Err("a character that XML cannot hold".to_owned()) }
}

fn declared(declaration: &BytesDecl<'_>) -> Result<(), String> {
    let version = declaration.version().map_err(|error| error.to_string())?;
    if version != "1.0" {
        return Err(format!("XML {version}; only 1.0 is read"));
    }
    match declaration.encoding().transpose().map_err(|error| error.to_string())? {
        Some(encoding) if !encoding.eq_ignore_ascii_case("utf-8") => {
            Err(format!("encoded in {encoding}; only UTF-8 is read"))
        }
        _ => Ok(()),
    }
}

/// The parser's words, or those of the input below it.
fn told(error: quick_xml::Error, place: Place) -> ReadError {
    let quick_xml::Error::Io(error) = error else {
        return Fault { place, why: error.to_string() }.into();
    };
    match error.get_ref().and_then(|inner| inner.downcast_ref::<ReadError>()) {
        Some(ReadError::Fault(fault)) => fault.clone().into(),
        _ => std::io::Error::new(error.kind(), error.to_string()).into(),
    }
}
