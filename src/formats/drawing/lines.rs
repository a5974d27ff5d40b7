//! Lines from point to point.

use super::axes::Plot;
use super::{Chart, Drawing, Shape, drawn, legend, look};

/// How lines of different series are broken, so that they can be told without colours.
pub(super) const DASHES: [&[f32]; 4] = [&[], &[6.0, 3.0], &[2.0, 3.0], &[10.0, 3.0, 2.0, 3.0]];
/// With fewer points, each has a dot: a line of one point could not be seen.
const DOTTED: usize = 40;
/// How wide a dot is.
const DOT: f32 = 5.0;

/// Draws a line for each series; it is broken where a number is missing.
pub(super) fn draw(chart: &Chart, drawing: &mut Drawing) {
    let plot = Plot::draw(chart, drawing);
    for (nth, series) in chart.series.iter().enumerate() {
        let (ink, dashes) = (look(nth), DASHES[nth % DASHES.len()]);
        let mut last = None;
        let mut points = Vec::new();
        for (place, number) in drawn(chart, &series.values) {
            if last.is_some_and(|last| last + 1 != place) {
                let points = std::mem::take(&mut points);
                drawing.shapes.push(Shape::Line { points, ink, width: 2.0, dashes });
            }
            last = Some(place);
            points.push([plot.x(place), plot.y(number)]);
        }
        if chart.labels.len() <= DOTTED {
            let dots = drawn(chart, &series.values);
            drawing.shapes.extend(dots.map(|(place, number)| {
                let (left, top) = (plot.x(place) - DOT / 2.0, plot.y(number) - DOT / 2.0);
                Shape::Box { at: [left, top, DOT, DOT], ink }
            }));
        }
        drawing.shapes.push(Shape::Line { points, ink, width: 2.0, dashes });
    }
    legend::draw(chart, drawing);
}
