//! One XML document of ours.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::formats::read::ReadError;
use crate::formats::read::input::Input;
use crate::formats::read::row::{MOST_COLUMNS, Opening, Parser, Raw, Row, Told};
use crate::records::{Field, Schema, Type};

use super::element::Element;
use super::tokens::{Token, Tokens};

/// Reads an XML document.
pub struct Document {
    tokens: Tokens,
    at: At,
    told: Told,
    /// Sections that have begun.
    begun: Vec<String>,
    /// Of the current section, by their places.
    kinds: Vec<Type>,
}

/// How far the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    Sections,
    Rows,
    End,
}

impl Document {
    /// From the first token.
    pub fn new(input: Input) -> Self {
        let (told, begun, kinds) = (Told::default(), Vec::new(), Vec::new());
        Self { tokens: Tokens::new(input), at: At::Begin, told, begun, kinds }
    }

    fn begin(&mut self) -> Result<(), ReadError> {
        let export = self.element("export")?;
        self.told.title = export.title.unwrap_or_default();
        self.at = At::Sections;
        Ok(())
    }

    /// The next element, which must be `tag`.
    fn element(&mut self, tag: &str) -> Result<Element, ReadError> {
        match self.tokens.structure()? {
            Token::Begin(element) if element.tag == tag => Ok(element),
            Token::Begin(other) => {
                Err(self.tokens.fault(format!("<{}>, where <{tag}> should be", other.tag)))
            }
            _ => Err(self.tokens.fault(format!("<{tag}> should be here"))),
        }
    }

    /// The next `tag`, unless the element around it ends.
    fn element_or_end(&mut self, tag: &str) -> Result<Option<Element>, ReadError> {
        match self.tokens.structure()? {
            Token::End => Ok(None),
            Token::Begin(element) if element.tag == tag => Ok(Some(element)),
            Token::Begin(other) => {
                Err(self.tokens.fault(format!("<{}>, where <{tag}> should be", other.tag)))
            }
            _ => Err(self.tokens.fault(format!("<{tag}> should be here"))),
        }
    }

    fn metadata(&mut self) -> Result<(), ReadError> {
        while let Some(fact) = self.element_or_end("fact")? {
            let (name, mut text) = (self.name_of(&fact)?, Vec::new());
            self.content(fact.is_encoded, &mut text)?;
            let text = String::from_utf8(text).expect("what is read was checked to be UTF-8");
            self.told.metadata.push((name, text));
        }
        Ok(())
    }

    fn name_of(&self, element: &Element) -> Result<String, ReadError> {
        let missing = || self.tokens.fault(format!("<{}> has no name", element.tag));
        element.name.clone().ok_or_else(missing)
    }

    /// Adds the text of the element that has begun, decoded if it `is_encoded`.
    fn content(&mut self, is_encoded: bool, out: &mut Vec<u8>) -> Result<(), ReadError> {
        if !is_encoded {
            return self.tokens.text(out);
        }
        let (place, mut base64) = (self.tokens.place(), Vec::new());
        self.tokens.text(&mut base64)?;
        let text = STANDARD.decode(&base64).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let why = "this is no base64 of a text";
        let text = text.ok_or_else(|| super::super::Fault { place, why: why.to_owned() })?;
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn opening(&mut self, section: Element) -> Result<Opening, ReadError> {
        let name = self.name_of(&section)?;
        if self.begun.contains(&name) {
            return Err(self.tokens.fault(format!("the section `{name}` is there twice")));
        }
        self.begun.push(name.clone());
        let title = section.title.unwrap_or_else(|| name.clone());
        self.element("columns")?;
        let mut schema = Schema::default();
        let mut known = std::collections::HashSet::new();
        while let Some(column) = self.element_or_end("column")? {
            let name = self.name_of(&column)?;
            let untyped = || self.tokens.fault(format!("the column `{name}` has no type"));
            let kind = column.kind.ok_or_else(untyped)?;
            if !known.insert(name.clone()) {
                return Err(self.tokens.fault(format!("the column `{name}` is there twice")));
            }
            if known.len() > MOST_COLUMNS {
                return Err(self.tokens.fault(format!("there are more than {MOST_COLUMNS} columns")));
            }
            schema.fields.push(Field {
                title: column.title.unwrap_or_else(|| name.clone()),
                name,
                kind,
                masked: false,
            });
            self.tokens.text(&mut Vec::new())?;
        }
        self.kinds = schema.fields.iter().map(|field| field.kind).collect();
        let names = schema.fields.iter().map(|field| field.name.clone()).collect();
        Ok(Opening { name, title, schema: Some(schema.into()), names: Some(names) })
    }

    fn field(&mut self, field: &Element, row: &mut Row) -> Result<(), ReadError> {
        let name = self.name_of(field)?;
        let place = self.tokens.place();
        let column = row.column(&name).map_err(|why| self.tokens.fault(why))?;
        let Some(kind) = self.kinds.get(column) else {
            return Err(self.tokens.fault(format!("`{name}` is none of the columns")));
        };
        let begin = row.text.len();
        self.content(field.is_encoded && *kind != Type::Bytes, &mut row.text)?;
        if field.is_nil && row.text.len() > begin {
            return Err(super::super::Fault { place, why: "what is nil has no text".to_owned() }.into());
        }
        row.add(column, if field.is_nil { Raw::Null } else { Raw::Word }, begin, place);
        Ok(())
    }
}

impl Parser for Document {
    fn section(&mut self) -> Result<Option<Opening>, ReadError> {
        if self.at == At::Begin {
            self.begin()?;
        }
        while self.at == At::Sections {
            match self.tokens.structure()? {
                Token::Begin(element) if element.tag == "metadata" => self.metadata()?,
                Token::Begin(element) if element.tag == "section" => {
                    self.at = At::Rows;
                    return self.opening(element).map(Some);
                }
                Token::Begin(other) => {
                    return Err(self.tokens.fault(format!("<{}>, where <section> should be", other.tag)));
                }
                Token::End => self.at = At::End,
                Token::Text | Token::Nothing => return Err(self.tokens.fault("<section> should be here")),
            }
        }
        if self.at == At::End {
            let Token::Nothing = self.tokens.structure()? else {
                return Err(self.tokens.fault("an element behind the end of the document"));
            };
        }
        Ok(None)
    }

    fn row(&mut self, row: &mut Row) -> Result<bool, ReadError> {
        if self.at != At::Rows {
            return Ok(false);
        }
        row.clear();
        if self.element_or_end("row")?.is_none() {
            self.at = At::Sections;
            return Ok(false);
        }
        while let Some(field) = self.element_or_end("field")? {
            self.field(&field, row)?;
        }
        Ok(true)
    }

    fn told(&self) -> &Told {
        &self.told
    }
}
