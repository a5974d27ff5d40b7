//! Slices of one whole.

use super::{Anchor, Chart, Drawing, HEIGHT, LETTERS, Shape, WIDTH, clipped, drawn, look};

/// Slices that have a look of their own; what is smaller is one slice together.
const SLICES: usize = 8;
/// Characters of a slice's label.
const LABEL: usize = 40;

/// Draws a slice for each number above zero, the largest first, and what each is beside them.
pub(super) fn draw(chart: &Chart, drawing: &mut Drawing) {
    drawing.height = HEIGHT;
    let slices = slices(chart);
    let radius = HEIGHT / 2.0 - 8.0;
    let centre = [radius + 8.0, HEIGHT / 2.0];
    if slices.is_empty() {
        drawing.words([WIDTH / 2.0, HEIGHT / 2.0], Anchor::Middle, "Nothing above zero", true);
    }
    let mut from = 0.0;
    let line = LETTERS * 1.8;
    #[expect(clippy::cast_precision_loss, reason = "slices are few")]
    let mut y = HEIGHT / 2.0 - line * (slices.len() as f32 - 1.0) / 2.0;
    for (nth, (label, part)) in slices.into_iter().enumerate() {
        let to = from + part;
        drawing.shapes.push(Shape::Slice { centre, radius, from, to, ink: look(nth) });
        let x = 2.0 * radius + LETTERS * 4.0;
        let sample = [x, y - LETTERS * 0.4, LETTERS * 0.8, LETTERS * 0.8];
        drawing.shapes.push(Shape::Box { at: sample, ink: look(nth) });
        let words = format!("{} · {:.1} %", clipped(&label, LABEL), part * 100.0);
        drawing.words([x + LETTERS * 1.4, y + LETTERS * 0.35], Anchor::Left, words, false);
        (from, y) = (to, y + line);
    }
}

/// Labels and their parts of the whole, the largest first. Numbers that are not above zero have none.
fn slices(chart: &Chart) -> Vec<(String, f32)> {
    let Some(series) = chart.series.first() else { return Vec::new() };
    let mut numbers: Vec<_> = drawn(chart, &series.values).filter(|(_, number)| *number > 0.0).collect();
    numbers.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let largest = numbers.first().map_or(1.0, |(_, number)| *number);
    // Against the largest, so that their sum is a number too.
    let whole: f64 = numbers.iter().map(|(_, number)| number / largest).sum();
    #[expect(clippy::cast_possible_truncation, reason = "of a slice only so much can be seen")]
    let part = |number: f64| (number / largest / whole) as f32;
    let own = if numbers.len() > SLICES { SLICES - 1 } else { numbers.len() };
    let (own, rest) = numbers.split_at(own);
    let mut slices: Vec<_> =
        own.iter().map(|(place, number)| (chart.labels[*place].clone(), part(*number))).collect();
    if !rest.is_empty() {
        let together = rest.iter().map(|(_, number)| part(*number)).sum();
        slices.push((format!("{} others", rest.len()), together));
    }
    slices
}
