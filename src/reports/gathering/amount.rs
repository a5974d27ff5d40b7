//! Numbers that are added up exactly for as long as that is possible.

use crate::records::Value;

/// A sum. Whole numbers and decimals are added without loss; from the first binary64 number on, or when
/// 38 digits are not enough, as binary64 with what rounding has lost carried along.
///
/// Source: A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sum {
    /// So many units, each of which is a one with `scale` digits after the point.
    Exact {
        /// How many.
        units: i128,
        /// Digits after the point.
        scale: u32,
    },
    /// About so much.
    About {
        /// The sum.
        sum: f64,
        /// What was lost.
        lost: f64,
    },
}

impl Default for Sum {
    fn default() -> Self {
        Self::Exact { units: 0, scale: 0 }
    }
}

impl Sum {
    /// A cell as a sum of itself; `None` if it is no number.
    pub fn of(value: Value<'_>) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(Self::Exact { units: number.into(), scale: 0 }),
            Value::Number(number) => Some(Self::About { sum: number, lost: 0.0 }),
            Value::Decimal(digits) => {
                exact(digits).or_else(|| Some(Self::About { sum: digits.parse().ok()?, lost: 0.0 }))
            }
            _ => None,
        }
    }

    /// This and `other`.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        if let (Self::Exact { units: a, scale: x }, Self::Exact { units: b, scale: y }) = (self, other) {
            let scale = x.max(y);
            let sum = at_scale(a, x, scale).zip(at_scale(b, y, scale)).and_then(|(a, b)| a.checked_add(b));
            if let Some(units) = sum {
                return Self::Exact { units, scale };
            }
        }
        let ((a, lost), (b, more)) = (self.parts(), other.parts());
        let sum = a + b;
        let lost_now = if a.abs() >= b.abs() { (a - sum) + b } else { (b - sum) + a };
        Self::About { sum, lost: lost + more + lost_now }
    }

    /// As binary64: the nearest there is.
    pub fn number(self) -> f64 {
        let (sum, lost) = self.parts();
        sum + lost
    }

    /// The whole number that it is, if it is one.
    pub fn whole(self) -> Option<i64> {
        match self {
            Self::Exact { units, scale: 0 } => i64::try_from(units).ok(),
            _ => None,
        }
    }

    fn parts(self) -> (f64, f64) {
        match self {
            Self::Exact { units, scale } => (nearest(units, scale), 0.0),
            Self::About { sum, lost } => (sum, lost),
        }
    }
}

fn at_scale(units: i128, from: u32, to: u32) -> Option<i128> {
    units.checked_mul(10_i128.checked_pow(to - from)?)
}

/// Reading a number is what the standard library rounds rightly; dividing would round twice.
fn nearest(units: i128, scale: u32) -> f64 {
    format!("{units}e-{scale}").parse().expect("digits and an exponent are a number")
}

/// An optional `-`, digits, and perhaps a point and digits.
fn exact(digits: &str) -> Option<Sum> {
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let units = format!("{whole}{fraction}").parse().ok()?;
    Some(Sum::Exact { units, scale: u32::try_from(fraction.len()).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum<'v>(values: impl IntoIterator<Item = Value<'v>>) -> Sum {
        values.into_iter().filter_map(Sum::of).fold(Sum::default(), Sum::plus)
    }

    #[test]
    fn money_is_added_up_to_the_cent() {
        let tenths = sum((0..1_000_000).map(|_| Value::Decimal("0.10")));
        assert_eq!(
            (tenths, tenths.number().to_bits()),
            (Sum::Exact { units: 10_000_000, scale: 2 }, 100_000_f64.to_bits())
        );
        let mixed = sum([Value::Decimal("-1.005"), Value::Integer(3), Value::Decimal("0.5"), Value::Null]);
        assert_eq!(mixed, Sum::Exact { units: 2_495, scale: 3 });
        assert_eq!(sum([Value::Integer(i64::MAX), Value::Integer(1)]).whole(), None, "and does not wrap");
    }

    #[test]
    fn what_is_too_long_for_exactness_is_added_about_and_loses_little() {
        let long = "123456789012345678901234567890123456789012345.5";
        assert!((sum([Value::Decimal(long)]).number() / 1.234_567_890_123_456_8e44 - 1.0).abs() < 1e-15);
        let cancelling = sum([1.0, 1e100, 1.0, -1e100].map(Value::Number));
        assert_eq!(cancelling.number().to_bits(), 2_f64.to_bits());
    }
}
