//! The points of a chart.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use crate::records::{Batch, Value};
use crate::reports::language::{Cell, Moment};
use crate::reports::limits::MOST_GROUPS;

use super::{Room, order};

/// In which order points stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointsOrder {
    /// As they come.
    AsTheyCome,
    /// By what stands along the axis.
    ByLabel,
    /// By the numbers of this series.
    BySeries(usize),
}

/// Gathers the points of a chart.
#[derive(Debug)]
pub struct Points {
    label: Option<usize>,
    values: Vec<usize>,
    is_grouped: bool,
    order: PointsOrder,
    descending: bool,
    most: usize,
    points: Vec<Point>,
    places: HashMap<Arc<str>, usize>,
    /// What became of the points that are not held: numbers together, and how many.
    rest: Vec<f64>,
    left_out: u64,
    rows: u64,
}

#[derive(Debug, Clone)]
struct Point {
    label: Cell,
    values: Vec<f64>,
}

/// What a chart is drawn from.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// What stands along the axis.
    pub labels: Vec<String>,
    /// Numbers, as many each as there are labels.
    pub series: Vec<Vec<f64>>,
    /// The numbers of what is left out, together.
    pub rest: Vec<f64>,
    /// How many points are left out.
    pub left_out: u64,
}

impl Points {
    /// No points yet. `label` is the column along the axis, else rows are numbered; `values` are columns
    /// of numbers, else rows are counted.
    pub fn new(label: Option<usize>, values: Vec<usize>, is_grouped: bool, most: usize) -> Self {
        let series = values.len().max(1);
        Self {
            label,
            values,
            is_grouped,
            order: PointsOrder::AsTheyCome,
            descending: false,
            most,
            points: Vec::new(),
            places: HashMap::new(),
            rest: vec![0.0; series],
            left_out: 0,
            rows: 0,
        }
    }

    /// The same in another order.
    #[must_use]
    pub fn ordered(self, order: PointsOrder, descending: bool) -> Self {
        Self { order, descending, ..self }
    }

    /// More rows; `false` when there is no room for the points it has to hold.
    #[must_use = "points for which there was no room are missing"]
    pub fn see(&mut self, batch: &Batch, room: &mut Room) -> bool {
        (0..batch.len()).all(|row| {
            self.rows += 1;
            let label = self.label_of(batch, row);
            let values = match &*self.values {
                [] => vec![1.0],
                columns => columns.iter().map(|column| number(batch.value(row, *column))).collect(),
            };
            let point = Point { label, values };
            if self.is_grouped { self.join(point, room) } else { self.hold(point, room) }
        })
    }

    /// Times of a day are one label where rows are grouped: a chart by the microsecond has no groups.
    fn label_of(&self, batch: &Batch, row: usize) -> Cell {
        let Some(column) = self.label else {
            return Cell::Integer(i64::try_from(self.rows).unwrap_or(i64::MAX));
        };
        match Cell::of(batch.value(row, column)) {
            Cell::Moment(Moment::Instant(micros)) if self.is_grouped => {
                let days = micros.div_euclid(86_400_000_000);
                Cell::Moment(Moment::Day(i32::try_from(days).unwrap_or(i32::MAX)))
            }
            label => label,
        }
    }

    fn join(&mut self, point: Point, room: &mut Room) -> bool {
        let label: Arc<str> = point.label.to_string().into();
        if let Some(place) = self.places.get(&label) {
            add(&mut self.points[*place].values, &point.values);
            return true;
        }
        let size = 2 * label.len() + point.size();
        if self.points.len() >= MOST_GROUPS || !room.take(size) {
            self.left_out += 1;
            add(&mut self.rest, &point.values);
            return true;
        }
        self.places.insert(label, self.points.len());
        self.points.push(point);
        true
    }

    fn hold(&mut self, point: Point, room: &mut Room) -> bool {
        if self.order == PointsOrder::AsTheyCome && self.points.len() >= self.most {
            self.left_out += 1;
            add(&mut self.rest, &point.values);
            return true;
        }
        if !room.take(point.size()) {
            return false;
        }
        self.points.push(point);
        if self.points.len() >= 2 * self.most {
            room.give(self.prune());
        }
        true
    }

    /// Keeps only the first of them; tells how many bytes are free for it.
    fn prune(&mut self) -> usize {
        let (by, descending) = (self.order, self.descending);
        self.points.sort_by(|one, other| match by {
            PointsOrder::AsTheyCome => Ordering::Equal,
            PointsOrder::ByLabel => order(&one.label, &other.label, descending),
            PointsOrder::BySeries(series) => {
                let among = one.values[series].total_cmp(&other.values[series]);
                if descending { among.reverse() } else { among }
            }
        });
        let mut size = 0;
        for point in self.points.drain(self.points.len().min(self.most)..) {
            size += point.size();
            self.left_out += 1;
            add(&mut self.rest, &point.values);
        }
        size
    }

    /// What the chart is drawn from.
    pub fn drawn(&mut self) -> Drawn {
        self.prune();
        let series =
            (0..self.rest.len()).map(|series| self.points.iter().map(|point| point.values[series]).collect());
        Drawn {
            labels: self.points.iter().map(|point| point.label.to_string()).collect(),
            series: series.collect(),
            rest: self.rest.clone(),
            left_out: self.left_out,
        }
    }
}

impl Point {
    fn size(&self) -> usize {
        size_of::<Self>() + self.label.size() + self.values.len() * size_of::<f64>()
    }
}

/// A chart has no place for nothing.
fn number(value: Value<'_>) -> f64 {
    Cell::of(value).number().filter(|number| number.is_finite()).unwrap_or(0.0)
}

/// Sums stay what a chart can show.
fn add(to: &mut [f64], values: &[f64]) {
    for (sum, value) in to.iter_mut().zip(values) {
        *sum = (*sum + value).clamp(f64::MIN, f64::MAX);
    }
}
