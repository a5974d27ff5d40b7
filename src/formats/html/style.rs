//! What a document looks like.

use std::fmt::Write;

use crate::formats::drawing::{DARK, LIGHT};

/// Everything but the colours of charts.
const STYLE: &str = include_str!("style.css");

/// Adds the document's one style sheet.
pub(super) fn write_style(out: &mut String) {
    write_colours(&LIGHT, out);
    out.push_str("@media screen and (prefers-color-scheme: dark) { ");
    write_colours(&DARK, out);
    out.push_str("}\n");
    for look in 0..LIGHT.len() {
        let words =
            format_args!(".f{look} {{ fill: var(--c{look}); }} .s{look} {{ stroke: var(--c{look}); }}\n");
        out.write_fmt(words).expect("a string takes everything");
    }
    out.push_str(STYLE);
}

fn write_colours(colours: &[[u8; 3]], out: &mut String) {
    out.push_str(":root {");
    for (look, [red, green, blue]) in colours.iter().enumerate() {
        let words = format_args!(" --c{look}: #{red:02x}{green:02x}{blue:02x};");
        out.write_fmt(words).expect("a string takes everything");
    }
    out.push_str(" }\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Contrast of two colours (WCAG 2.2, definition of contrast ratio).
    fn contrast(one: [u8; 3], other: [u8; 3]) -> f64 {
        let luminance = |colour: [u8; 3]| {
            let [red, green, blue] = colour.map(|part| {
                let part = f64::from(part) / 255.0;
                if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            });
            0.2126 * red + 0.7152 * green + 0.0722 * blue
        };
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The nth colour of that name in the style sheet: light first, then dark.
    fn colour(name: &str, nth: usize) -> [u8; 3] {
        let after = STYLE.split(&format!("--{name}: #")).nth(nth + 1).expect("it is there");
        let digits = after.split(';').next().expect("it ends");
        let full = if digits.len() == 3 { digits.repeat(2) } else { digits.to_owned() };
        let part = |at: usize| u8::from_str_radix(&full[at..at + 2], 16).expect("hexadecimal");
        [part(0), part(2), part(4)]
    }

    #[test]
    fn words_and_charts_can_be_seen_by_day_and_night() {
        for (nth, looks) in [LIGHT, DARK].iter().enumerate() {
            let (paper, tint) = (colour("paper", nth), colour("tint", nth));
            for words in ["ink", "faint"] {
                assert!(contrast(colour(words, nth), paper) >= 4.5, "{words}");
                assert!(contrast(colour(words, nth), tint) >= 4.5, "{words}");
            }
            for look in looks {
                assert!(contrast(*look, paper) >= 3.0, "{look:?}");
            }
        }
    }
}
