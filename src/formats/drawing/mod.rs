//! A chart as a plain drawing: what is where, once, for whatever shows it.
//!
//! ```text
//! Chart ─► Drawing (lines, areas, words; y grows downwards) ─► SVG in html │ shapes in pdf
//! ```

mod axes;
mod bars;
mod legend;
mod lines;
mod pie;
mod scale;
mod svg;

pub(super) use svg::write_svg;

use super::{Chart, ChartShape};

/// How wide every drawing is; its reader scales it.
pub(super) const WIDTH: f32 = 640.0;
/// How high the part is that has the bars, lines or slices.
const HEIGHT: f32 = 280.0;
/// How high letters are.
const LETTERS: f32 = 12.0;
/// Series that have a look of their own; more begin again with the first.
pub(super) const LOOKS: usize = 8;
/// Their colours on white paper.
pub(super) const LIGHT: [[u8; 3]; LOOKS] = [
    [0x0b, 0x62, 0xa4],
    [0xb8, 0x50, 0x0c],
    [0x1b, 0x7f, 0x3b],
    [0x8a, 0x3f, 0xfc],
    [0xc2, 0x18, 0x5b],
    [0x00, 0x75, 0x7f],
    [0x7a, 0x5c, 0x00],
    [0x5f, 0x6b, 0x7a],
];
/// Their colours by night.
pub(super) const DARK: [[u8; 3]; LOOKS] = [
    [0x6c, 0xb6, 0xff],
    [0xf0, 0xa0, 0x5a],
    [0x63, 0xc9, 0x7f],
    [0xc3, 0x9b, 0xff],
    [0xff, 0x85, 0xb3],
    [0x4f, 0xd0, 0xd8],
    [0xd9, 0xb8, 0x4a],
    [0xa9, 0xb4, 0xc2],
];

/// What is drawn, from back to front.
#[derive(Debug, Default)]
pub(super) struct Drawing {
    /// How high it is; it is [`WIDTH`] wide.
    pub(super) height: f32,
    /// What is in it.
    pub(super) shapes: Vec<Shape>,
}

/// Something drawn.
#[derive(Debug, PartialEq)]
pub(super) enum Shape {
    /// A bar: left, top, width, height.
    Box { at: [f32; 4], ink: Ink },
    /// A line from point to point; of each series another pattern, so that nobody needs colours.
    Line { points: Vec<[f32; 2]>, ink: Ink, width: f32, dashes: &'static [f32] },
    /// A slice of a circle, from one angle to another; angles in turns, clockwise from the top.
    Slice { centre: [f32; 2], radius: f32, from: f32, to: f32, ink: Ink },
    /// Words on one line: where their foot is.
    Words { at: [f32; 2], anchor: Anchor, text: String, faint: bool },
}

/// What something is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ink {
    /// The colour of words.
    Words,
    /// Lines that help the eye.
    Grid,
    /// What belongs to a series, by its look.
    Look(usize),
}

/// Which part of words is where they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// Their left end.
    Left,
    /// Their middle.
    Middle,
    /// Their right end.
    Right,
}

impl Drawing {
    /// What a chart looks like. Numbers that are none, labels without numbers and numbers without
    /// labels are left out.
    pub(super) fn of(chart: &Chart) -> Self {
        let mut drawing = Self::default();
        match chart.shape {
            ChartShape::Bar => bars::draw(chart, &mut drawing),
            ChartShape::Line => lines::draw(chart, &mut drawing),
            ChartShape::Pie => pie::draw(chart, &mut drawing),
        }
        drawing
    }

    fn words(&mut self, at: [f32; 2], anchor: Anchor, text: impl Into<String>, faint: bool) {
        self.shapes.push(Shape::Words { at, anchor, text: text.into(), faint });
    }
}

/// The look of the series at `place`.
const fn look(place: usize) -> Ink {
    Ink::Look(place % LOOKS)
}

/// The numbers that a chart draws of a series.
fn drawn<'a>(chart: &'a Chart, values: &'a [f64]) -> impl Iterator<Item = (usize, f64)> + 'a {
    let numbers = values.iter().copied().take(chart.labels.len()).enumerate();
    numbers.filter(|(_, number)| number.is_finite())
}

/// `text` on one line with at most `most` characters, an ellipsis for the rest.
fn clipped(text: &str, most: usize) -> String {
    let mut characters = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut clipped: String = characters.by_ref().take(most).collect();
    if characters.next().is_some() {
        clipped.pop();
        clipped.push('…');
    }
    clipped
}

/// How wide words are, about: nobody knows the reader's letters.
fn width_of(text: &str) -> f32 {
    let wide = |c: char| if c >= '\u{1100}' { LETTERS } else { LETTERS * 0.58 };
    text.chars().map(wide).sum()
}

#[cfg(test)]
mod tests;
