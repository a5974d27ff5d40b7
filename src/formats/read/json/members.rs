//! An object that is a row.

use crate::formats::read::input::Input;
use crate::formats::read::row::Row;
use crate::formats::read::{Fault, ReadError};

use super::scanner::{expect, missing, skip_blanks, string, value};

/// Reads an object, which begins here but for blanks. `name` is room for its members' names.
pub fn members(input: &mut Input, name: &mut Vec<u8>, row: &mut Row) -> Result<(), ReadError> {
    row.clear();
    expect(input, b'{', "an object")?;
    if skip_blanks(input)? == Some(b'}') {
        input.advance(1);
        return Ok(());
    }
    loop {
        member(input, name, row)?;
        match skip_blanks(input)? {
            Some(b',') => input.advance(1),
            Some(b'}') => {
                input.advance(1);
                return Ok(());
            }
            _ => return Err(missing(input, "`,` or `}`")),
        }
    }
}

fn member(input: &mut Input, name: &mut Vec<u8>, row: &mut Row) -> Result<(), ReadError> {
    let place = named(input, name)?;
    let text = str::from_utf8(name).expect("what is read was checked to be UTF-8");
    let column = row.column(text).map_err(|why| Fault { place, why })?;
    skip_blanks(input)?;
    let (place, begin) = (input.place(), row.text.len());
    let raw = value(input, &mut row.text)?;
    row.add(column, raw, begin, place);
    Ok(())
}

/// Reads a member's name and its colon; tells where the name is.
pub fn named(input: &mut Input, name: &mut Vec<u8>) -> Result<super::super::Place, ReadError> {
    if skip_blanks(input)? != Some(b'"') {
        return Err(missing(input, "a name in quotes"));
    }
    let place = input.place();
    name.clear();
    string(input, name)?;
    expect(input, b':', "`:`")?;
    Ok(place)
}
