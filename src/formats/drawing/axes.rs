//! What bars and lines stand on.

use super::scale::Scale;
use super::{Anchor, Chart, Drawing, HEIGHT, Ink, LETTERS, Shape, WIDTH, clipped, drawn, width_of};

/// Characters of a label under the axis.
const LABEL: usize = 16;

/// The plain between the axes.
pub(super) struct Plot {
    left: f32,
    top: f32,
    height: f32,
    /// Room for each label.
    pub(super) room: f32,
    scale: Scale,
}

impl Plot {
    /// Draws axes for a chart's numbers, with what they say.
    pub(super) fn draw(chart: &Chart, drawing: &mut Drawing) -> Self {
        let numbers = chart.series.iter().flat_map(|series| drawn(chart, &series.values));
        let scale = Scale::of(numbers.map(|(_, number)| number));
        let marks: Vec<_> = scale.marks().collect();
        let margin = marks.iter().map(|(_, text)| width_of(text)).fold(0.0, f32::max) + 8.0;
        let (left, top) = (margin, LETTERS);
        let (width, height) = (WIDTH - margin - 8.0, HEIGHT - 3.0 * LETTERS);
        let plot = Self { left, top, height, room: width / count(chart), scale };
        for (place, text) in marks {
            let y = top + height * (1.0 - place);
            let points = vec![[left, y], [left + width, y]];
            drawing.shapes.push(Shape::Line { points, ink: Ink::Grid, width: 1.0, dashes: &[] });
            drawing.words([left - 6.0, y + LETTERS * 0.35], Anchor::Right, text, true);
        }
        plot.label(chart, drawing);
        drawing.height = HEIGHT;
        plot
    }

    /// As many labels as have room.
    fn label(&self, chart: &Chart, drawing: &mut Drawing) {
        let labels: Vec<_> = chart.labels.iter().map(|label| clipped(label, LABEL)).collect();
        let widest = labels.iter().map(|label| width_of(label)).fold(0.0, f32::max) + 8.0;
        let mut free = f32::MIN;
        for (place, label) in labels.into_iter().enumerate() {
            let x = self.x(place);
            if x - widest / 2.0 >= free {
                free = x + widest / 2.0;
                let (at, anchor) = self.within(x, width_of(&label));
                drawing.words([at, HEIGHT - LETTERS * 0.8], anchor, label, true);
            }
        }
    }

    /// Where to write a label so that it stays in the drawing.
    fn within(&self, x: f32, width: f32) -> (f32, Anchor) {
        if x - width / 2.0 < 0.0 {
            return (0.0, Anchor::Left);
        }
        if x + width / 2.0 > WIDTH { (WIDTH, Anchor::Right) } else { (x, Anchor::Middle) }
    }

    /// The middle of the room of the label at `place`.
    pub(super) fn x(&self, place: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "labels are few")]
        let place = place as f32;
        self.left + self.room * (place + 0.5)
    }

    /// How high a number is.
    pub(super) fn y(&self, number: f64) -> f32 {
        self.top + self.height * (1.0 - self.scale.place(number))
    }
}

fn count(chart: &Chart) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "labels are few")]
    let count = chart.labels.len().max(1) as f32;
    count
}
