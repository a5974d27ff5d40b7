//! A drawing as SVG, inside html: its colours are the document's, for light and dark.

use std::fmt::Write;

use super::{Anchor, Drawing, Ink, LETTERS, Shape, WIDTH};

/// Adds a drawing as SVG. `title` and `description` are escaped by then; `escaped` does that for its
/// words. `id` is unlike every other of the document.
pub(in crate::formats) fn write_svg(
    drawing: &Drawing,
    [id, title, description]: [&str; 3],
    mut escaped: impl FnMut(&str, &mut String),
    out: &mut String,
) {
    let height = drawing.height;
    put(out, format_args!("<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height:.0}\""));
    put(out, format_args!(" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title>"));
    put(out, format_args!("<desc id=\"{id}-d\">{description}</desc>\n"));
    for shape in &drawing.shapes {
        match shape {
            Shape::Box { at: [x, y, width, height], ink } => put(
                out,
                format_args!(
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" class=\"{}\"/>",
                    fill(*ink)
                ),
            ),
            Shape::Line { points, ink, width, dashes } => write_line(points, *ink, *width, dashes, out),
            Shape::Slice { centre, radius, from, to, ink } => {
                write_slice(*centre, *radius, [*from, *to], *ink, out);
            }
            Shape::Words { at: [x, y], anchor, text, faint } => {
                let class = if *faint { "faint" } else { "words" };
                let anchor = match anchor {
                    Anchor::Left => "start",
                    Anchor::Middle => "middle",
                    Anchor::Right => "end",
                };
                put(out, format_args!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{LETTERS}\""));
                put(out, format_args!(" text-anchor=\"{anchor}\" class=\"{class}\">"));
                escaped(text, out);
                out.push_str("</text>");
            }
        }
        out.push('\n');
    }
    out.push_str("</svg>\n");
}

fn write_line(points: &[[f32; 2]], ink: Ink, width: f32, dashes: &[f32], out: &mut String) {
    out.push_str("<polyline points=\"");
    for [x, y] in points {
        put(out, format_args!("{x:.1},{y:.1} "));
    }
    put(out, format_args!("\" stroke-width=\"{width}\" class=\"{}\"", stroke(ink)));
    if !dashes.is_empty() {
        let dashes: Vec<_> = dashes.iter().map(f32::to_string).collect();
        put(out, format_args!(" stroke-dasharray=\"{}\"", dashes.join(" ")));
    }
    out.push_str("/>");
}

fn write_slice([x, y]: [f32; 2], radius: f32, [from, to]: [f32; 2], ink: Ink, out: &mut String) {
    let class = fill(ink);
    if to - from > 0.9999 {
        // An arc that ends where it begins is none.
        put(out, format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\" class=\"{class}\"/>"));
        return;
    }
    let at = |turn: f32| {
        let (sine, cosine) = (turn * std::f32::consts::TAU).sin_cos();
        (x + radius * sine, y - radius * cosine)
    };
    let ((x1, y1), (x2, y2)) = (at(from), at(to));
    let large = u8::from(to - from > 0.5);
    put(out, format_args!("<path class=\"{class}\" d=\"M{x:.2} {y:.2}L{x1:.2} {y1:.2}"));
    put(out, format_args!("A{radius:.2} {radius:.2} 0 {large} 1 {x2:.2} {y2:.2}Z\"/>"));
}

fn fill(ink: Ink) -> String {
    match ink {
        Ink::Words => "fw".to_owned(),
        Ink::Grid => "fg".to_owned(),
        Ink::Look(look) => format!("f{look}"),
    }
}

fn stroke(ink: Ink) -> String {
    match ink {
        Ink::Words => "sw".to_owned(),
        Ink::Grid => "sg".to_owned(),
        Ink::Look(look) => format!("s{look}"),
    }
}

fn put(out: &mut String, words: std::fmt::Arguments<'_>) {
    out.write_fmt(words).expect("a string takes everything");
}
