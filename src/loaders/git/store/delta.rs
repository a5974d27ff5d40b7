//! Deltas: an object told as copies out of another, and what is new.
//!
//! Source: git's `Documentation/gitformat-pack.adoc`, "Deltified representation".

use super::ObjectError;

const TRUNCATED: ObjectError = ObjectError::Corrupt("a delta that breaks off");
const BEYOND: ObjectError = ObjectError::Corrupt("a delta that copies what is not there");
const NOT_AS_SAID: ObjectError = ObjectError::Corrupt("a delta that makes more or less than it says");

/// How many bytes `delta` is made from and how many it makes: told at its beginning, in at most
/// 20 bytes.
pub fn sizes(delta: &[u8]) -> Result<(u64, u64, &[u8]), ObjectError> {
    let (base, rest) = size(delta)?;
    let (result, rest) = size(rest)?;
    Ok((base, result, rest))
}

/// What `delta` makes of `base`: `most` bytes at most.
pub fn apply(base: &[u8], delta: &[u8], most: u64) -> Result<Vec<u8>, ObjectError> {
    let (from, to, mut orders) = sizes(delta)?;
    if from != base.len() as u64 {
        return Err(NOT_AS_SAID);
    }
    if to > most {
        return Err(ObjectError::TooLarge);
    }
    let whole = usize::try_from(to).map_err(|_| ObjectError::TooLarge)?;
    // Room is made as it is needed: what a delta says of itself is only a promise.
    let mut made = Vec::with_capacity(whole.min(1 << 20));
    while let Some((&order, rest)) = orders.split_first() {
        let (bytes, rest) = match order {
            0 => return Err(ObjectError::Corrupt("a delta with an order that there is not")),
            copy if copy & 0x80 != 0 => {
                let (at, length, rest) = copied(copy, rest)?;
                (at.checked_add(length).and_then(|end| base.get(at..end)).ok_or(BEYOND)?, rest)
            }
            new => rest.split_at_checked(usize::from(new)).ok_or(TRUNCATED)?,
        };
        if made.len() + bytes.len() > whole {
            return Err(NOT_AS_SAID);
        }
        made.extend_from_slice(bytes);
        orders = rest;
    }
    if made.len() == whole { Ok(made) } else { Err(NOT_AS_SAID) }
}

/// A number in groups of seven bits, the lowest first.
fn size(bytes: &[u8]) -> Result<(u64, &[u8]), ObjectError> {
    let mut number = 0_u64;
    for (i, byte) in bytes.iter().take(9).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Ok((number, &bytes[i + 1..]));
        }
    }
    Err(TRUNCATED)
}

/// Where a copy begins and how long it is: of both, the order says which bytes follow.
fn copied(order: u8, mut rest: &[u8]) -> Result<(usize, usize, &[u8]), ObjectError> {
    let mut number = |bits: std::ops::Range<u8>| {
        let mut number = 0_usize;
        for (i, bit) in bits.enumerate() {
            if order & (1 << bit) != 0 {
                let (byte, left) = rest.split_first().ok_or(TRUNCATED)?;
                number |= usize::from(*byte) << (8 * i);
                rest = left;
            }
        }
        Ok::<_, ObjectError>(number)
    };
    let (at, length) = (number(0..4)?, number(4..7)?);
    Ok((at, if length == 0 { 0x1_0000 } else { length }, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_copies_and_adds() {
        // From 5 bytes 7: three from the second on, then four new ones.
        let delta = [&[5, 7, 0x91, 1, 3, 4][..], b"new!"].concat();
        assert_eq!(apply(b"abcde", &delta, 7).expect("a delta"), b"bcdnew!");
        assert!(matches!(apply(b"abcde", &delta, 6), Err(ObjectError::TooLarge)));
        assert!(matches!(apply(b"abcdef", &delta, 7), Err(ObjectError::Corrupt(_))));
    }

    #[test]
    fn what_a_delta_cannot_be_is_refused() {
        for delta in [
            &[][..],
            &[0xff; 30],
            &[1, 1],
            &[1, 1, 0],
            &[1, 2, 0x90, 1],
            &[1, 1, 0x91, 1, 1],
            &[1, 9, 0x90],
            &[1, 1, 2, b'a'],
            &[1, 1, 2, b'a', b'b'],
            &[1, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x8f, 0xff, 0xff, 0xff, 0xff],
        ] {
            assert!(apply(b"x", delta, 100).is_err(), "{delta:?}");
        }
    }
}
