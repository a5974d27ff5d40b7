//! The tokens of JSON.

use crate::formats::read::input::{Input, LONGEST_ROW, too_long};
use crate::formats::read::row::Raw;
use crate::formats::read::{Fault, ReadError};
use crate::formats::scan::Wanted;

use super::nested::nested;

/// What does not stand for itself in a string.
const SPECIAL: Wanted<2> = Wanted::one_of(*b"\"\\").or_control();

/// Passes over what may stand between tokens.
pub fn skip_blanks(input: &mut Input) -> Result<Option<u8>, ReadError> {
    loop {
        match input.peek()? {
            Some(b' ' | b'\t' | b'\n' | b'\r') => input.advance(1),
            next => return Ok(next),
        }
    }
}

/// Passes over `byte`, which must come next but for blanks.
pub fn expect(input: &mut Input, byte: u8, what: &str) -> Result<(), ReadError> {
    if skip_blanks(input)? != Some(byte) {
        return Err(missing(input, what));
    }
    input.advance(1);
    Ok(())
}

/// `what` is not there where it should be.
pub fn missing(input: &mut Input, what: &str) -> ReadError {
    match input.peek() {
        Ok(None) => input.fault(format!("the end, where {what} should be")),
        Ok(Some(_)) => input.fault(format!("{what} should be here")),
        Err(error) => error,
    }
}

/// Reads any value and adds it to `out`: a string without quotes and escapes, everything else as it is,
/// but for blanks.
pub fn value(input: &mut Input, out: &mut Vec<u8>) -> Result<Raw, ReadError> {
    match skip_blanks(input)? {
        Some(b'"') => string(input, out).map(|()| Raw::Text),
        Some(b'{' | b'[') => nested(input, out).map(|()| Raw::Json),
        Some(b't') => word(input, "true", out).map(|()| Raw::Boolean),
        Some(b'f') => word(input, "false", out).map(|()| Raw::Boolean),
        Some(b'n') => word(input, "null", &mut Vec::new()).map(|()| Raw::Null),
        Some(b'-' | b'0'..=b'9') => number(input, out).map(|()| Raw::Number),
        _ => Err(missing(input, "a value")),
    }
}

/// Reads a string, which begins here.
pub fn string(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    input.advance(1);
    while let Some(special) = plain(input, out)? {
        input.advance(1);
        match special {
            b'"' => return Ok(()),
            _ => escape(input, out)?,
        }
    }
    Err(missing(input, "the end of a string"))
}

/// Adds what stands for itself in a string, and tells what comes behind it.
pub fn plain(input: &mut Input, out: &mut Vec<u8>) -> Result<Option<u8>, ReadError> {
    loop {
        let bytes = input.buffered()?;
        let end = SPECIAL.find(bytes);
        let (count, is_end) = (end.unwrap_or(bytes.len()), bytes.is_empty());
        let special = end.map(|at| bytes[at]);
        out.extend_from_slice(&bytes[..count]);
        input.advance(count);
        if out.len() > LONGEST_ROW {
            return Err(input.fault(too_long()));
        }
        match special {
            Some(0..b' ') => return Err(input.fault("a control character in a string has to be escaped")),
            None if !is_end => {}
            special => return Ok(special),
        }
    }
}

/// Reads what follows a backslash.
fn escape(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    let Some(byte) = input.peek()? else { return Err(missing(input, "the end of a string")) };
    let plain = match byte {
        b'"' | b'\\' | b'/' => byte,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'u' => {
            let c = escaped(input)?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(());
        }
        _ => return Err(input.fault("no such escape")),
    };
    out.push(plain);
    input.advance(1);
    Ok(())
}

/// Reads `uXXXX`, or both halves of a surrogate pair.
fn escaped(input: &mut Input) -> Result<char, ReadError> {
    let place = input.place();
    let half = || Fault { place, why: "half of a surrogate pair is no character".to_owned() };
    let first = unit(input)?;
    if !(0xd800..0xdc00).contains(&first) {
        return Ok(char::from_u32(first).ok_or_else(half)?);
    }
    if input.peek()? != Some(b'\\') {
        return Err(half().into());
    }
    input.advance(1);
    if input.peek()? != Some(b'u') {
        return Err(half().into());
    }
    let second = unit(input)?;
    if !(0xdc00..0xe000).contains(&second) {
        return Err(half().into());
    }
    Ok(char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or_else(half)?)
}

/// Reads `uXXXX`.
pub fn unit(input: &mut Input) -> Result<u32, ReadError> {
    input.advance(1);
    let mut code = 0;
    for _ in 0..4 {
        let digit = input.peek()?.and_then(|byte| (byte as char).to_digit(16));
        let Some(digit) = digit else { return Err(missing(input, "a hexadecimal digit")) };
        code = code * 16 + digit;
        input.advance(1);
    }
    Ok(code)
}

/// Reads `word`.
pub fn word(input: &mut Input, word: &str, out: &mut Vec<u8>) -> Result<(), ReadError> {
    for byte in word.bytes() {
        if input.peek()? != Some(byte) {
            return Err(missing(input, &format!("`{word}`")));
        }
        input.advance(1);
    }
    out.extend_from_slice(word.as_bytes());
    Ok(())
}

/// Reads a number as RFC 8259 §6 has it.
pub fn number(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    take(input, out, b"-")?;
    if !take(input, out, b"0")? {
        digits(input, out)?;
    }
    if take(input, out, b".")? {
        digits(input, out)?;
    }
    if take(input, out, b"eE")? {
        take(input, out, b"+-")?;
        digits(input, out)?;
    }
    Ok(())
}

fn take(input: &mut Input, out: &mut Vec<u8>, of: &[u8]) -> Result<bool, ReadError> {
    let next = input.peek()?.filter(|byte| of.contains(byte));
    out.extend(next);
    input.advance(usize::from(next.is_some()));
    Ok(next.is_some())
}

fn digits(input: &mut Input, out: &mut Vec<u8>) -> Result<(), ReadError> {
    let begin = out.len();
    while take(input, out, b"0123456789")? {
        if out.len() > LONGEST_ROW {
            return Err(input.fault(too_long()));
        }
    }
    if out.len() == begin { Err(missing(input, "a digit")) } else { Ok(()) }
}
