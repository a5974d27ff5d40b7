//! What an export would be like: by a scan, and a sample of what it found.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::domain::Warning;

use super::chunk::{Chunk, LargeReader};
use super::plan::Plan;
use super::pool::Pool;
use super::press::Press;
use super::source::{Entry, EntryKind, Source};
use super::unit::Packing;
use super::{Control, Limits, PackError};

/// Small files that are packed to see how long that takes.
const SAMPLED: usize = 48;
/// Large files of which one chunk is: the largest, as they decide.
const SAMPLED_LARGE: usize = 8;
/// No more time than this is spent on samples.
const PATIENCE: Duration = Duration::from_millis(100);
/// What a thread beside those that compress hashes and writes in a second.
const SEALED_PER_SECOND: f64 = 800e6;

/// What a package would hold, and how long making it would take.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Estimate {
    /// Files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows, if it would hold data.
    pub rows: Option<u64>,
    /// Entries left out; a folder counts once.
    pub excluded: u64,
    /// What it would have to leave out or change.
    pub warnings: Vec<Warning>,
    /// About how long packing it would take, once it has a slot and the threads to itself.
    pub duration: Duration,
}

/// Scans `source` and packs a sample of it.
pub(super) fn estimate(
    mut source: Box<dyn Source>,
    press: Press,
    pool: &Pool,
    limits: &Limits,
    control: &Control,
) -> Result<Estimate, PackError> {
    let began = Instant::now();
    let scan = source.scan(limits, control)?;
    let scanning = began.elapsed();
    let files = scan.entries.iter().filter(|entry| entry.kind == EntryKind::File);
    let mut estimate = Estimate {
        files: files.clone().count() as u64,
        bytes: files.map(|entry| entry.size).sum(),
        rows: scan.rows,
        excluded: scan.excluded.len() as u64,
        warnings: scan.warnings,
        duration: scanning,
    };
    let packing = Packing {
        source: source.into(),
        entries: Arc::new(scan.entries),
        press,
        previous: None,
        longest: limits.max_file,
        is_data: scan.is_data,
        control: control.clone(),
    };
    // On a packing thread, which has the compressors and is as fast as those that will do it.
    let work = pool.submit(move || Sample::of(&packing).work()).recv().map_err(|_| PackError::Panicked)?;
    let threads = pool.threads().min(std::thread::available_parallelism().map_or(1, usize::from));
    estimate.duration += Duration::from_secs_f64(work.pressing / threads as f64 + work.sealing);
    Ok(estimate)
}

/// Seconds that something takes.
struct Work {
    /// On one packing thread.
    pressing: f64,
    /// Beside them.
    sealing: f64,
}

/// Entries, of which some are tried.
struct Sample<'a> {
    packing: &'a Packing,
    small: Vec<usize>,
    /// Largest first.
    large: Vec<usize>,
    began: Instant,
}

impl<'a> Sample<'a> {
    fn of(packing: &'a Packing) -> Self {
        let plan = Plan::new(packing.press.format);
        let (mut large, small): (Vec<_>, Vec<_>) =
            (0..packing.entries.len()).partition(|index| plan.is_large(&packing.entries[*index]));
        large.sort_by_key(|index| std::cmp::Reverse(packing.entries[*index].size));
        Self { packing, small, large, began: Instant::now() }
    }

    /// What packing all of them takes, by what packing some took.
    fn work(&self) -> Work {
        let small = self.small();
        let large = self.large();
        Work { pressing: small.pressing + large.pressing, sealing: small.sealing.max(large.sealing) }
    }

    /// Small files take their time for being files, and for their bytes.
    fn small(&self) -> Work {
        let step = self.small.len().div_ceil(SAMPLED).max(1);
        let (mut tried, mut raw, mut packed) = (Vec::new(), 0, 0);
        for index in self.small.iter().step_by(step).take_while(|_| self.has_time()) {
            let began = Instant::now();
            let batch = self.packing.pack(*index..*index + 1);
            tried.push((self.entry(*index).size as f64, began.elapsed().as_secs_f64()));
            raw += batch.units.iter().map(|unit| unit.piece.raw).sum::<u64>();
            packed += batch.units.iter().map(|unit| unit.piece.data.len() as u64).sum::<u64>();
        }
        let bytes: f64 = self.small.iter().map(|index| self.entry(*index).size as f64).sum();
        let (each, per_byte) = line_through(&tried);
        Work {
            pressing: each * self.small.len() as f64 + per_byte * bytes,
            sealing: bytes * packed as f64 / raw.max(1) as f64 / SEALED_PER_SECOND,
        }
    }

    /// Large files take their time for their bytes, each kind of bytes its own.
    fn large(&self) -> Work {
        let (mut work, mut tried) = (Work { pressing: 0.0, sealing: 0.0 }, 0.0);
        let chosen = self.large.iter().take(SAMPLED_LARGE).take_while(|_| self.has_time());
        for (index, chunk) in chosen.filter_map(|index| Some((index, self.chunk(*index)?))) {
            let (size, read) = (self.entry(*index).size as f64, chunk.1.content().len().max(1) as f64);
            let packed = chunk.1.packed().map_or(read, |packed| packed.len() as f64);
            work.pressing += chunk.0 * size / read;
            work.sealing += packed / read * size / SEALED_PER_SECOND;
            tried += size;
        }
        let bytes: f64 = self.large.iter().map(|index| self.entry(*index).size as f64).sum();
        let all = if tried > 0.0 { bytes / tried } else { 0.0 };
        Work { pressing: work.pressing * all, sealing: work.sealing * all }
    }

    /// The first chunk of a large file, packed, and how many seconds that took.
    fn chunk(&self, index: usize) -> Option<(f64, Chunk)> {
        let (entry, began) = (self.entry(index), Instant::now());
        let content = self.packing.source.open(entry).ok()?;
        let mut reader = LargeReader::new(content, entry, self.packing.longest, self.packing.press);
        let chunk = reader.chunk(Chunk::default())?.pack(self.packing.press);
        Some((began.elapsed().as_secs_f64(), chunk))
    }

    fn entry(&self, index: usize) -> &Entry {
        &self.packing.entries[index]
    }

    fn has_time(&self) -> bool {
        self.began.elapsed() < PATIENCE && !self.packing.control.cancel.is_cancelled()
    }
}

/// The line `y = each + slope × x` nearest to these points (least squares); neither is negative.
fn line_through(points: &[(f64, f64)]) -> (f64, f64) {
    let count = points.len().max(1) as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let spread: f64 = points.iter().map(|point| (point.0 - x).powi(2)).sum();
    let along: f64 = points.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let slope = if spread > 0.0 { (along / spread).max(0.0) } else { 0.0 };
    if slope * x > y { (0.0, y / x) } else { (y - slope * x, slope) }
}

#[cfg(test)]
mod tests {
    use super::line_through;

    #[test]
    fn a_line_is_found_again_and_never_falls_below_nothing() {
        let near = |found: (f64, f64), right: (f64, f64)| {
            (found.0 - right.0).abs() < 1e-9 && (found.1 - right.1).abs() < 1e-9
        };
        assert!(near(line_through(&[(0.0, 3.0), (10.0, 8.0), (20.0, 13.0)]), (3.0, 0.5)));
        assert!(near(line_through(&[(10.0, 2.0), (10.0, 4.0)]), (3.0, 0.0)), "all of one size");
        assert!(near(line_through(&[(1.0, 9.0), (9.0, 1.0)]), (5.0, 0.0)), "smaller ones took longer");
        assert!(near(line_through(&[(10.0, 1.0), (20.0, 5.0)]), (0.0, 0.2)), "steeper than from nothing");
        assert!(near(line_through(&[]), (0.0, 0.0)));
    }
}
