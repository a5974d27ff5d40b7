//! What belongs to which look.

use super::lines::DASHES;
use super::{Anchor, Chart, ChartShape, Drawing, HEIGHT, LETTERS, Shape, WIDTH, clipped, look, width_of};

/// Characters of a series' name.
const NAME: usize = 40;
/// How high a line of names is.
const LINE: f32 = LETTERS * 1.6;

/// Writes the names of a chart's series beneath it, where there are several.
pub(super) fn draw(chart: &Chart, drawing: &mut Drawing) {
    if chart.series.len() < 2 {
        return;
    }
    let (mut x, mut y) = (0.0, HEIGHT + LINE * 0.7);
    for (nth, series) in chart.series.iter().enumerate() {
        let name = clipped(&series.name, NAME);
        let width = LETTERS * 2.0 + width_of(&name) + LETTERS;
        if x > 0.0 && x + width > WIDTH {
            (x, y) = (0.0, y + LINE);
        }
        drawing.shapes.push(sample(chart.shape, nth, [x, y - LETTERS * 0.75]));
        drawing.words([x + LETTERS * 1.8, y], Anchor::Left, name, false);
        x += width;
    }
    drawing.height = y + LINE * 0.5;
}

/// What the series at `nth` looks like.
fn sample(shape: ChartShape, nth: usize, [x, y]: [f32; 2]) -> Shape {
    let ink = look(nth);
    match shape {
        ChartShape::Line => {
            let points = vec![[x, y + LETTERS * 0.4], [x + LETTERS * 1.5, y + LETTERS * 0.4]];
            Shape::Line { points, ink, width: 2.0, dashes: DASHES[nth % DASHES.len()] }
        }
        ChartShape::Bar | ChartShape::Pie => {
            Shape::Box { at: [x + LETTERS * 0.5, y, LETTERS * 0.8, LETTERS * 0.8], ink }
        }
    }
}
