//! What a reading would be like, from the query's count and a sample.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::share::Share;
use super::{Order, Reading, begin};
use crate::datasets::DataSet;
use crate::datasets::mask::MaskKey;
use crate::records::{Batch, Column, DataError, DataFault, Rows, Section};

/// Rows of each section that are read for a forecast.
const SAMPLE: u64 = 1_000;
/// What a row costs at the least, from a source to a file.
const ROW: Duration = Duration::from_micros(1);

/// What an export of some rows would be like, about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Forecast {
    /// Rows: as many as there are now.
    pub rows: u64,
    /// Rows that a limit leaves out.
    pub left_out: u64,
    /// Bytes of their cells, before they are written in any format.
    pub bytes: u64,
    /// How long it takes to read them.
    pub duration: Duration,
    /// What its sections would be: their rows, and those that are left out.
    pub sections: Vec<Section>,
}

/// Counts what `order` asks for, and reads a little of it.
pub(in crate::datasets) async fn forecast(
    data_set: &Arc<DataSet>,
    mut order: Order,
    key: &Arc<MaskKey>,
) -> Result<Forecast, DataError> {
    let wanted = order.most_rows;
    let queries = data_set.queries.iter().filter(|query| order.wants(&query.name)).collect::<Vec<_>>();
    order.most_rows = Some(wanted.map_or(SAMPLE, |most| most.min(SAMPLE)));
    let begun = Instant::now();
    let mut reading = begin(data_set, order, key).await?;
    let counting = begun.elapsed();
    let mut forecast = Forecast { duration: counting, ..Forecast::default() };
    for (place, query) in queries.into_iter().enumerate() {
        let mut section = reading.sections()[place].clone();
        let sampled = section.rows;
        let share = Share::again(query, wanted, sampled, &section.left_out);
        (section.rows, section.left_out) = (share.wanted, share.left_out);
        let rows = section.rows;
        let sample = sample(&mut reading, data_set).await?;
        forecast.rows += rows;
        forecast.left_out += section.rows_left_out();
        forecast.bytes += scaled(sample.bytes, rows, sampled);
        let each = per_row(sample.took.saturating_sub(counting), sampled).max(ROW);
        forecast.duration +=
            sample.took + each.saturating_mul(u32::try_from(rows - sampled).unwrap_or(u32::MAX));
        forecast.sections.push(section);
    }
    Ok(forecast)
}

struct Sample {
    bytes: u64,
    took: Duration,
}

async fn sample(reading: &mut Reading, data_set: &DataSet) -> Result<Sample, DataError> {
    let stopped =
        || DataError { data_set: data_set.name().to_owned(), section: None, fault: DataFault::Stopped };
    let rows = reading.next_section().ok_or_else(stopped)?;
    let read = tokio::task::spawn_blocking(move || read(rows));
    read.await.map_err(|_| stopped())?
}

fn read(mut rows: Box<dyn Rows>) -> Result<Sample, DataError> {
    let begun = Instant::now();
    let mut bytes = 0;
    let mut room = Batch::new(rows.schema());
    while let Some(batch) = rows.next(room)? {
        bytes += batch.columns().iter().map(Column::bytes).sum::<usize>() as u64;
        room = batch;
    }
    Ok(Sample { bytes, took: begun.elapsed() })
}

fn scaled(sum: u64, rows: u64, of: u64) -> u64 {
    let scaled = u128::from(sum) * u128::from(rows) / u128::from(of.max(1));
    u64::try_from(scaled).unwrap_or(u64::MAX)
}

fn per_row(took: Duration, rows: u64) -> Duration {
    took / u32::try_from(rows.max(1)).unwrap_or(u32::MAX)
}
