//! From numbers to places along an axis.

use crate::formats::cell::write_number;

/// Larger numbers are drawn as if they were this large: their differences are numbers too.
const LARGEST: f64 = 1e300;
/// About how many marks an axis has.
const MARKS: f64 = 5.0;

/// Where numbers lie between the ends of an axis, and its marks.
#[derive(Debug, PartialEq)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    step: f64,
}

impl Scale {
    /// A scale that has all of `numbers` on it, and zero.
    pub(super) fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for number in numbers {
            low = low.min(number.max(-LARGEST));
            high = high.max(number.min(LARGEST));
        }
        if high - low < f64::MIN_POSITIVE * 1e10 {
            high = low + 1.0;
        }
        let step = round_step((high - low) / MARKS);
        Self { low: (low / step).floor() * step, high: (high / step).ceil() * step, step }
    }

    /// How far along the axis a number is, from 0 to 1.
    pub(super) fn place(&self, number: f64) -> f32 {
        let along = (number.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        // It is between 0 and 1.
        #[expect(clippy::cast_possible_truncation, reason = "of a place only so much can be seen")]
        let along = along as f32;
        along
    }

    /// Its marks, from the lowest up: where they are and what they say.
    pub(super) fn marks(&self) -> impl Iterator<Item = (f32, String)> + '_ {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a handful of steps")]
        let steps = ((self.high - self.low) / self.step).round().clamp(1.0, 20.0) as u32;
        (0..=steps).map(move |mark| {
            let number = (self.low / self.step).round() + f64::from(mark);
            (self.place(number * self.step), in_short(number * self.step))
        })
    }
}

/// The next of 1, 2, 5, 10, 20, 50, … at or above `step`.
fn round_step(step: f64) -> f64 {
    let power = 10_f64.powf(step.log10().floor());
    let of_power = step / power;
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| of_power <= round * (1.0 + 1e-9));
    round.unwrap_or(10.0) * power
}

/// A number as a mark says it: `1.5M` rather than `1500000`.
pub(super) fn in_short(number: f64) -> String {
    let size = number.abs();
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e4, "k")];
    let unit = units.into_iter().find(|(from, _)| size >= *from && size < 1e15);
    let (number, letter) = match unit {
        Some((_, "k")) => (number / 1e3, "k"),
        Some((from, letter)) => (number / from, letter),
        None => (number, ""),
    };
    let mut text = String::new();
    // Not the last digits of what adding up made of it.
    let rounded = format!("{number:.10e}").parse().unwrap_or(number);
    write_number(if rounded == 0.0 { 0.0 } else { rounded }, &mut text);
    text + letter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(numbers: &[f64]) -> Vec<String> {
        Scale::of(numbers.iter().copied()).marks().map(|(_, text)| text).collect()
    }

    #[test]
    fn marks_are_round_numbers() {
        assert_eq!(marks(&[3.0, 17.0]), ["0", "5", "10", "15", "20"]);
        assert_eq!(marks(&[-0.3, 0.1]), ["-0.3", "-0.2", "-0.1", "0", "0.1"]);
        assert_eq!(marks(&[2_300_000.0]), ["0", "500k", "1M", "1.5M", "2M", "2.5M"]);
        assert_eq!(marks(&[]), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
    }

    #[test]
    fn numbers_of_any_size_have_a_place() {
        let hostile = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, 5e-324, -0.0, 1e-300, 1e300];
        for one in hostile {
            for other in hostile {
                let scale = Scale::of([one, other].into_iter());
                for number in [one, other, 0.0] {
                    let place = scale.place(number);
                    assert!((0.0..=1.0).contains(&place), "{number} of {scale:?}: {place}");
                }
                let marks = scale.marks().count();
                assert!((2..=21).contains(&marks), "{scale:?} has {marks} marks");
            }
        }
    }
}
