//! PostgreSQL's `numeric` in its binary format: digits to the base of 10,000 (`numeric_send`).

/// No format but PostgreSQL's own has a word for it.
pub(super) const NAN: &str = "is NaN; leave such rows out in the query, or cast the column to text there";
/// Neither for this.
pub(super) const INFINITE: &str =
    "is infinite; leave such rows out in the query, or cast the column to text there";

/// Decimal digits of one of its digits.
const WIDTH: usize = 4;

/// Writes the number as the database shows it, with all digits of its scale.
///
/// # Errors
/// What it is that is no number.
pub(super) fn write(bytes: &[u8], out: &mut String) -> Result<(), &'static str> {
    out.clear();
    let (head, digits) = bytes.split_at_checked(8).ok_or("is cut short")?;
    let word = |place: usize| u16::from_be_bytes([head[place], head[place + 1]]);
    let (count, weight, sign, scale) =
        (usize::from(word(0)), i16::from_be_bytes([head[2], head[3]]), word(4), usize::from(word(6)));
    match sign {
        0x0000 => {}
        0x4000 => out.push('-'),
        0xC000 => return Err(NAN),
        _ => return Err(INFINITE),
    }
    if digits.len() != count * 2 {
        return Err("is cut short");
    }
    let digit = |place: i32| match usize::try_from(place) {
        Ok(place) if place < count => u16::from_be_bytes([digits[place * 2], digits[place * 2 + 1]]),
        _ => 0,
    };
    let weight = i32::from(weight);
    write_whole(weight, digit, out);
    if scale > 0 {
        out.push('.');
        write_fraction(weight, scale, digit, out);
    }
    Ok(())
}

/// Before the point: without leading zeros, and `0` when there is nothing.
fn write_whole(weight: i32, digit: impl Fn(i32) -> u16, out: &mut String) {
    if weight < 0 {
        return out.push('0');
    }
    out.push_str(itoa::Buffer::new().format(digit(0)));
    for place in 1..=weight {
        push(digit(place), WIDTH, out);
    }
}

/// After the point: exactly `scale` decimal digits.
fn write_fraction(weight: i32, scale: usize, digit: impl Fn(i32) -> u16, out: &mut String) {
    let mut left = scale;
    let mut place = weight + 1;
    while left > 0 {
        let width = left.min(WIDTH);
        push(digit(place), width, out);
        left -= width;
        place += 1;
    }
}

/// The first `width` of the four decimal digits.
fn push(digit: u16, width: usize, out: &mut String) {
    let decimal = |by: u16| char::from(b'0' + (digit / by % 10) as u8);
    for by in [1_000, 100, 10, 1].into_iter().take(width) {
        out.push(decimal(by));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(weight: i16, sign: u16, scale: u16, digits: &[u16]) -> Vec<u8> {
        let count = u16::try_from(digits.len()).expect("few");
        let head = [count, weight.cast_unsigned(), sign, scale];
        head.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect()
    }

    #[test]
    fn a_number_is_written_with_every_digit_of_its_scale() {
        for (bytes, shown) in [
            (sent(0, 0, 0, &[]), "0"),
            (sent(0, 0, 2, &[]), "0.00"),
            (sent(0, 0, 0, &[12]), "12"),
            (sent(1, 0x4000, 0, &[1, 2345]), "-12345"),
            (sent(2, 0, 0, &[1]), "100000000"),
            (sent(0, 0, 2, &[12, 5000]), "12.50"),
            (sent(-1, 0, 4, &[1]), "0.0001"),
            (sent(-2, 0, 7, &[1230]), "0.0000123"),
            (sent(0, 0, 6, &[1, 2, 3400]), "1.000234"),
        ] {
            let mut text = String::new();
            assert_eq!(write(&bytes, &mut text).map(|()| text.as_str()), Ok(shown));
        }
        let mut text = String::new();
        assert_eq!(write(&sent(0, 0xC000, 0, &[]), &mut text), Err(NAN));
        assert_eq!(write(&sent(0, 0xD000, 0, &[]), &mut text), Err(INFINITE));
        assert_eq!(write(&[0; 7], &mut text), Err("is cut short"));
        assert_eq!(write(&[0, 2, 0, 0, 0, 0, 0, 0, 0, 1], &mut text), Err("is cut short"));
    }
}
