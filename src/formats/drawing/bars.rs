//! Bars side by side.

use super::axes::Plot;
use super::{Chart, Drawing, Ink, Shape, WIDTH, drawn, legend, look};

/// The part of a label's room that its bars take.
const BARS: f32 = 0.8;
/// The widest that a bar gets.
const WIDEST: f32 = 60.0;

/// Draws a bar for each number, up or down from zero.
pub(super) fn draw(chart: &Chart, drawing: &mut Drawing) {
    let plot = Plot::draw(chart, drawing);
    #[expect(clippy::cast_precision_loss, reason = "series are few")]
    let series = chart.series.len().max(1) as f32;
    let width = (plot.room * BARS / series).min(WIDEST);
    let zero = plot.y(0.0);
    for (nth, series_of) in chart.series.iter().enumerate() {
        #[expect(clippy::cast_precision_loss, reason = "series are few")]
        let aside = (nth as f32 - series / 2.0) * width;
        for (place, number) in drawn(chart, &series_of.values) {
            let y = plot.y(number);
            // What is not zero can be seen.
            let height = (y - zero).abs().max(if number == 0.0 { 0.0 } else { 1.0 });
            let top = if number < 0.0 { zero } else { zero - height };
            let at = [plot.x(place) + aside, top, (width * 0.95).max(0.2), height];
            drawing.shapes.push(Shape::Box { at, ink: look(nth) });
        }
    }
    let points = vec![[plot.x(0) - plot.room / 2.0, zero], [WIDTH - 8.0, zero]];
    drawing.shapes.push(Shape::Line { points, ink: Ink::Words, width: 1.0, dashes: &[] });
    legend::draw(chart, drawing);
}
