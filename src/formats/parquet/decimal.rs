//! Decimal numbers of parquet, written out.

/// `unscaled` with a point before its last `scale` digits.
pub fn pointed(unscaled: i128, scale: u32) -> String {
    placed(unscaled < 0, &unscaled.unsigned_abs().to_string(), scale)
}

/// The same of a number of any length: big-endian, two's complement.
pub fn pointed_bytes(bytes: &[u8], scale: u32) -> String {
    let negative = bytes.first().is_some_and(|byte| *byte >= 0x80);
    let mut bytes = bytes.to_vec();
    if negative {
        negate(&mut bytes);
    }
    placed(negative, &digits(bytes), scale)
}

/// Two's complement: every bit turned, and one more.
fn negate(bytes: &mut [u8]) {
    let mut carry = true;
    for byte in bytes.iter_mut().rev() {
        (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
    }
}

/// Long division by 10^9, as at school.
fn digits(mut bytes: Vec<u8>) -> String {
    const PART: u64 = 1_000_000_000;
    let mut parts = Vec::new();
    while bytes.iter().any(|byte| *byte != 0) {
        let mut rest = 0;
        for byte in &mut bytes {
            let here = rest << 8 | u64::from(*byte);
            *byte = u8::try_from(here / PART).expect("the rest is smaller than the divisor");
            rest = here % PART;
        }
        parts.push(rest);
    }
    let mut parts = parts.into_iter().rev();
    let first = parts.next().unwrap_or_default().to_string();
    parts.fold(first, |digits, part| digits + &format!("{part:09}"))
}

fn placed(negative: bool, digits: &str, scale: u32) -> String {
    let scale = scale as usize;
    let sign = if negative { "-" } else { "" };
    let digits = format!("{digits:0>width$}", width = scale + 1);
    match digits.split_at(digits.len() - scale) {
        (whole, "") => format!("{sign}{whole}"),
        (whole, fraction) => format!("{sign}{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decimal_is_written_with_its_point_where_it_belongs() {
        for (unscaled, scale, text) in
            [(0, 0, "0"), (0, 2, "0.00"), (5, 3, "0.005"), (-5, 1, "-0.5"), (-1234, 2, "-12.34"), (7, 0, "7")]
        {
            assert_eq!(pointed(unscaled, scale), text);
            assert_eq!(pointed_bytes(&unscaled.to_be_bytes(), scale), text);
        }
        for number in [i128::MAX, i128::MIN, 999_999_999, 1_000_000_000, -1_000_000_001] {
            assert_eq!(pointed_bytes(&number.to_be_bytes(), 0), number.to_string());
        }
    }

    #[test]
    fn a_decimal_longer_than_any_integer_of_ours_loses_no_digit() {
        let mut bytes = [0xff_u8; 32];
        bytes[0] = 0x7f;
        let largest = "57896044618658097711785492504343953926634992332820282019728792003956564819967";
        assert_eq!(pointed_bytes(&bytes, 0), largest);
        assert_eq!(pointed_bytes(&[], 0), "0");
    }
}
