use super::*;
use crate::formats::Series;

const SHAPES: [ChartShape; 3] = [ChartShape::Bar, ChartShape::Line, ChartShape::Pie];

fn chart(shape: ChartShape, labels: Vec<String>, series: Vec<Vec<f64>>) -> Chart {
    let name = |nth| format!("series {nth}");
    let series = series.into_iter().enumerate();
    let series = series.map(|(nth, values)| Series { name: name(nth), values }).collect();
    Chart { shape, title: "T".to_owned(), labels, series }
}

fn labels(count: usize) -> Vec<String> {
    (0..count).map(|nth| format!("label {nth}")).collect()
}

/// Every number of a drawing, and whether all of it is inside.
fn assert_inside(drawing: &Drawing, what: &str) {
    assert!((HEIGHT..20_000.0).contains(&drawing.height), "{what}: {} high", drawing.height);
    let inside = |[x, y]: [f32; 2]| {
        let (wide, high) = (-1.0..=WIDTH + 1.0, -1.0..=drawing.height + 1.0);
        assert!(wide.contains(&x) && high.contains(&y), "{what}: {x} {y}");
    };
    for shape in &drawing.shapes {
        match shape {
            Shape::Box { at: [x, y, width, height], .. } => {
                inside([*x, *y]);
                inside([x + width, y + height]);
                assert!(*width > 0.0 && *height >= 0.0, "{what}: {width} {height}");
            }
            Shape::Line { points, .. } => points.iter().copied().for_each(inside),
            Shape::Slice { from, to, .. } => {
                assert!((0.0..=1.001).contains(from) && from <= to && *to <= 1.001, "{what}: {from} {to}");
            }
            Shape::Words { at, text, .. } => {
                inside(*at);
                assert!(text.chars().count() <= 60, "{what}: {text}");
            }
        }
    }
}

#[test]
fn hostile_numbers_and_labels_stay_inside() {
    let hostile = [f64::NAN, f64::INFINITY, f64::MAX, f64::MIN, 5e-324, -0.0, 0.0, -3.0, 1e9];
    let long = vec!["x".repeat(10_000), "\u{202e}\u{0}\n".repeat(50), String::new()];
    for shape in SHAPES {
        let cases = [
            ("nothing", chart(shape, vec![], vec![])),
            ("no series", chart(shape, labels(3), vec![])),
            ("no labels", chart(shape, vec![], vec![vec![1.0, 2.0]])),
            ("zeros", chart(shape, labels(3), vec![vec![0.0; 3]])),
            ("one", chart(shape, labels(1), vec![vec![7.0]])),
            ("too few numbers", chart(shape, labels(5), vec![vec![1.0]])),
            ("hostile", chart(shape, labels(9), vec![hostile.to_vec()])),
            ("many", chart(shape, labels(500), vec![(0..500).map(f64::from).collect(); 3])),
            ("many series", chart(shape, labels(2), vec![vec![1.0, -1.0]; 60])),
            ("long labels", chart(shape, long.clone(), vec![vec![1.0, 2.0, 3.0]])),
        ];
        for (what, chart) in cases {
            assert_inside(&Drawing::of(&chart), &format!("{shape:?} {what}"));
        }
    }
}

#[test]
fn what_is_not_zero_is_seen() {
    let drawing = Drawing::of(&chart(ChartShape::Bar, labels(3), vec![vec![1e9, 1.0, -1.0]]));
    let bars = drawing.shapes.iter().filter_map(|shape| match shape {
        Shape::Box { at: [.., height], .. } => Some(*height),
        _ => None,
    });
    assert!(bars.clone().count() == 3 && bars.clone().all(|height| height >= 1.0), "{drawing:?}");
}

#[test]
fn small_slices_are_one_together_and_the_whole_is_whole() {
    let drawing = Drawing::of(&chart(ChartShape::Pie, labels(30), vec![vec![1.0; 30]]));
    let ends = drawing.shapes.iter().filter_map(|shape| match shape {
        Shape::Slice { to, .. } => Some(*to),
        _ => None,
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends.len(), 8);
    assert!((ends[7] - 1.0).abs() < 1e-4, "{ends:?}");
    let words = |shape: &Shape| matches!(shape, Shape::Words { text, .. } if text.starts_with("23 others"));
    assert!(drawing.shapes.iter().any(words), "{drawing:?}");
}

#[test]
fn few_labels_are_written_where_all_have_no_room() {
    let drawing = Drawing::of(&chart(ChartShape::Line, labels(500), vec![vec![1.0; 500]]));
    let words = drawing.shapes.iter().filter(|shape| matches!(shape, Shape::Words { .. })).count();
    assert!((3..30).contains(&words), "{words}");
}
