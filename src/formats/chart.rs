//! What a chart shows.

use crate::records::{Batch, Field, Schema, Type, Value};

/// A chart: numbers under labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// How they are drawn.
    pub shape: ChartShape,
    /// What people call it.
    pub title: String,
    /// What stands along the axis, or beside the slices.
    pub labels: Vec<String>,
    /// Numbers under these, as many each as there are labels; one series alone for a pie.
    pub series: Vec<Series>,
}

/// Numbers that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What people call it.
    pub name: String,
    /// They; finite.
    pub values: Vec<f64>,
}

/// How a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartShape {
    /// Bars side by side.
    Bar,
    /// Lines from point to point.
    Line,
    /// Slices of one whole.
    Pie,
}

/// The numbers of a chart as rows: a label, and a number of each series.
pub(super) fn numbers(chart: &Chart) -> Batch {
    let label = Field { name: "label".to_owned(), title: String::new(), kind: Type::Text, masked: false };
    let series = chart.series.iter().enumerate().map(|(place, series)| Field {
        name: format!("series_{place}"),
        title: series.name.clone(),
        kind: Type::Number,
        masked: false,
    });
    let schema = Schema::new(std::iter::once(label).chain(series).collect());
    let mut batch = Batch::new(&schema);
    for (row, label) in chart.labels.iter().enumerate() {
        let added = batch.column_mut(0).push(Value::Text(label));
        debug_assert!(added, "labels are text");
        for (place, series) in chart.series.iter().enumerate() {
            let number = series.values.get(row).copied().map_or(Value::Null, Value::Number);
            if !batch.column_mut(place + 1).push(number) {
                batch.column_mut(place + 1).push_null(); // no number (IEEE 754)
            }
        }
    }
    batch
}
