//! Arrays and objects that are one cell.

use crate::formats::read::ReadError;
use crate::formats::read::input::{Input, LONGEST_ROW, too_long};

use super::scanner::{expect, missing, number, plain, skip_blanks, unit, word};

/// Arrays and objects inside each other that are followed.
const DEEPEST: usize = 128;

/// Reads an array or object, which begins here, as it is, but for blanks.
pub fn nested(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    // What closes each that is open.
    let mut open = Vec::new();
    loop {
        match skip_blanks(input)? {
            Some(byte @ (b'{' | b'[')) => {
                if open.len() == DEEPEST {
                    return Err(
                        input.fault(format!("more than {DEEPEST} arrays and objects inside each other"))
                    );
                }
                let close = if byte == b'{' { b'}' } else { b']' };
                push(input, out, byte)?;
                if skip_blanks(input)? != Some(close) {
                    open.push(close);
                    name_if(close, input, out)?;
                    continue;
                }
                push(input, out, close)?;
            }
            Some(b'"') => raw_string(input, out)?,
            Some(b't') => word(input, "true", out)?,
            Some(b'f') => word(input, "false", out)?,
            Some(b'n') => word(input, "null", out)?,
            Some(b'-' | b'0'..=b'9') => number(input, out)?,
            _ => return Err(missing(input, "a value")),
        }
        while let Some(close) = open.last().copied() {
            match skip_blanks(input)? {
                Some(b',') => {
                    push(input, out, b',')?;
                    name_if(close, input, out)?;
                    break;
                }
                Some(byte) if byte == close => {
                    push(input, out, close)?;
                    open.pop();
                }
                _ => return Err(missing(input, &format!("`,` or `{}`", close as char))),
            }
        }
        if open.is_empty() {
            return Ok(());
        }
    }
}

/// In an object, a name and a colon come next.
fn name_if(close: u8, input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    if close == b']' {
        return Ok(());
    }
    if skip_blanks(input)? != Some(b'"') {
        return Err(missing(input, "a name in quotes"));
    }
    raw_string(input, out)?;
    expect(input, b':', "`:`")?;
    out.push(b':');
    Ok(())
}

fn push(input: &mut Input, out: &mut Vec<u8>, byte: u8) -> Result<(), ReadError> {
    if out.len() > LONGEST_ROW {
        return Err(input.fault(too_long()));
    }
    out.push(byte);
    input.advance(1);
    Ok(())
}

/// Reads a string with its quotes and escapes.
fn raw_string(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    push(input, out, b'"')?;
    while let Some(special) = plain(input, out)? {
        push(input, out, special)?;
        if special == b'"' {
            return Ok(());
        }
        match input.peek()? {
            Some(b'u') => {
                let code = unit(input)?;
                out.extend_from_slice(format!("u{code:04x}").as_bytes());
            }
            Some(byte @ (b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't')) => push(input, out, byte)?,
            _ => return Err(missing(input, "an escape")),
        }
    }
    Err(missing(input, "the end of a string"))
}
