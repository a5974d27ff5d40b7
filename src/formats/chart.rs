//! What a chart shows.

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
