//! What is drawn with which colour, on white paper.

use krilla::color::rgb;
use krilla::paint::{Fill, LineCap, Stroke, StrokeDash};

use crate::formats::drawing::LIGHT;

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// Words.
    Words,
    /// Words that say less.
    Faint,
    /// Lines between rows.
    Rule,
    /// What lies behind the head of a table.
    Tint,
    /// What belongs to a series of a chart, by its look.
    Look(usize),
}

impl Ink {
    fn colour(self) -> rgb::Color {
        let [red, green, blue] = match self {
            Self::Words => [0x1a, 0x1d, 0x21],
            Self::Faint => [0x55, 0x5d, 0x66],
            Self::Rule => [0xd5, 0xda, 0xe0],
            Self::Tint => [0xf0, 0xf2, 0xf5],
            Self::Look(look) => LIGHT[look % LIGHT.len()],
        };
        rgb::Color::new(red, green, blue)
    }

    /// It, all over.
    pub(super) fn fill(self) -> Fill {
        Fill { paint: self.colour().into(), ..Fill::default() }
    }

    /// It, along a line.
    pub(super) fn stroke(self, width: f32, dashes: &[f32]) -> Stroke {
        let dash = (!dashes.is_empty()).then(|| StrokeDash { array: dashes.to_vec(), offset: 0.0 });
        Stroke { paint: self.colour().into(), width, line_cap: LineCap::Butt, dash, ..Stroke::default() }
    }
}
