//! A chart as shapes of the page.

use krilla::geom::PathBuilder;
use krilla::tagging::Tag;

use crate::formats::Chart;
use crate::formats::drawing::{self, Anchor, Drawing, Shape};
use crate::formats::text::Unshown;

use super::flow::Flow;
use super::ink::Ink;
use super::setter::{Style, clean};
use super::sheets::{Mark, Owner, SIDE, polyline};
use super::tags::ROOT;

/// How high its letters are, before it is scaled.
const LETTERS: f32 = 12.0;
/// How wide it is at most.
const WIDEST: f32 = 460.0;

/// Draws a chart where the page is filled to, all of it on one page.
pub(super) fn draw(chart: &Chart, flow: &mut Flow) {
    let drawing = Drawing::of(chart);
    let whole = flow.sheets.whole_room() * 0.9;
    let scale = (flow.width().min(WIDEST) / drawing::WIDTH).min(whole / drawing.height);
    flow.keep(drawing.height * scale + 4.0);
    let alternative = format!("{}: a chart; its numbers are in the table beneath", chart.title);
    let owner = flow.sheets.tags.part(ROOT, Tag::Figure(Some(alternative))).into();
    let top = flow.sheets.y;
    let at = |[x, y]: [f32; 2]| [SIDE + x * scale, top + y * scale];
    for shape in drawing.shapes {
        match shape {
            Shape::Box { at: [x, y, width, height], ink } => {
                let [x, y] = at([x, y]);
                flow.sheets.area(owner, [x, y, width * scale, height * scale], colour(ink));
            }
            Shape::Line { points, ink, width, dashes } => {
                let points: Vec<_> = points.into_iter().map(at).collect();
                if let Some(path) = polyline(&points) {
                    let (ink, width) = (colour(ink), width * scale);
                    flow.sheets.put(owner, Mark::Line { path, ink, width, dashes });
                }
            }
            Shape::Slice { centre, radius, from, to, ink } => {
                if let Some(path) = slice(at(centre), radius * scale, from, to) {
                    flow.sheets.put(owner, Mark::Area { path, ink: colour(ink) });
                }
            }
            Shape::Words { at: foot, anchor, text, faint } => {
                words(at(foot), anchor, &text, faint, scale, owner, flow);
            }
        }
    }
    flow.sheets.y = top + drawing.height * scale + 6.0;
}

fn words(
    [x, y]: [f32; 2],
    anchor: Anchor,
    text: &str,
    faint: bool,
    scale: f32,
    owner: Owner,
    flow: &mut Flow,
) {
    let size = LETTERS * scale;
    let style = if faint { Style::faint(size) } else { Style::plain(size) };
    // Told where the labels stand as numbers.
    let text = clean(text, &mut Unshown::default()).replace('\n', " ");
    let (_, width) = flow.setter.widths(&text, style);
    let x = match anchor {
        Anchor::Left => x,
        Anchor::Middle => x - width / 2.0,
        Anchor::Right => x - width,
    };
    // On one line, whatever its direction; a hair more, so that rounding does not break it.
    for line in flow.setter.set(&text, style, width + 0.5).into_iter().take(1) {
        for piece in line.pieces {
            let x = x + piece.x;
            flow.sheets.put(owner, Mark::Text { x, y, piece, ink: style.ink });
        }
    }
}

fn colour(ink: drawing::Ink) -> Ink {
    match ink {
        drawing::Ink::Words => Ink::Words,
        drawing::Ink::Grid => Ink::Rule,
        drawing::Ink::Look(look) => Ink::Look(look),
    }
}

/// A slice as a path: its arc is so many straight lines that nobody sees them.
fn slice([x, y]: [f32; 2], radius: f32, from: f32, to: f32) -> Option<krilla::geom::Path> {
    const STEP: f32 = 1.0 / 360.0;
    let rim = |turn: f32| {
        let (sine, cosine) = (turn * std::f32::consts::TAU).sin_cos();
        (x + radius * sine, y - radius * cosine)
    };
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    let mut turn = from;
    while turn < to {
        let (x, y) = rim(turn);
        path.line_to(x, y);
        turn += STEP;
    }
    let (x, y) = rim(to);
    path.line_to(x, y);
    path.close();
    path.finish()
}
