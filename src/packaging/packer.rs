//! The packer: the whole way from a source to a sealed package.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::domain::{Phase, Sha256, Warning, WarningCode};
use crate::storage::Output;
use crate::telemetry::Metrics;

use super::body::{Body, Finished};
use super::chunk::Chunk;
use super::dropped::{Dropped, Why};
use super::estimate::{self, Estimate};
use super::index::Index;
use super::large::Large;
use super::manifest::{Excluded, Manifest, PackageDigest, Provenance, Totals, Withheld};
use super::packed::Packed;
use super::pipeline::{Pipeline, Step};
use super::pool::Pool;
use super::press::{Press, Shape};
use super::previous::Previous;
use super::seal::Seal;
use super::source::{Entry, EntryKind, Scan, Source};
use super::unit;
use super::{Config, Control, Limits, PackError};

/// Warnings that go with an export; the manifest names every entry that was left out.
const MOST_WARNINGS: usize = 200;
/// A package whose sources are smaller than this is no bomb, however well it compresses.
const TOO_SMALL_FOR_A_BOMB: u64 = 1 << 20;

/// A finished package: its facts and what is to be said of it.
#[derive(Debug)]
pub struct Sealed {
    /// Bytes.
    pub size: u64,
    /// Files in it.
    pub file_count: u64,
    /// Of all its bytes.
    pub checksum: Sha256,
    /// Bytes read from the source.
    pub source_bytes: u64,
    /// Rows in it, if it holds data.
    pub rows: Option<u64>,
    /// What it had to leave out or change.
    pub warnings: Vec<Warning>,
    /// What is in it.
    pub manifest: Manifest,
    /// Where in it.
    pub index: Index,
}

/// Packs, with the packing threads of its house. Cheap to clone; all clones share the threads.
#[derive(Debug, Clone)]
pub struct Packer {
    pool: Arc<Pool>,
    level: u32,
    limits: Limits,
    metrics: Metrics,
}

impl Packer {
    /// A packer with threads of its own.
    pub fn new(config: &Config, limits: Limits, metrics: Metrics) -> Self {
        Self { pool: Arc::new(Pool::new(config.threads)), level: config.level, limits, metrics }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn press(&self, shape: Shape) -> Press {
        Press::new(shape, self.level)
    }

    /// Packs `source` into `out`, in `shape`: a format, or that with a profile. Waits for threads
    /// and disks: call it where waiting hurts nobody.
    ///
    /// # Errors
    /// [`PackError`]; what `out` has by then is worthless.
    pub fn pack(
        &self,
        source: Box<dyn Source>,
        shape: impl Into<Shape>,
        out: &mut dyn Output,
        control: &Control,
    ) -> Result<Sealed, PackError> {
        self.pack_after(None, source, shape, out, control)
    }

    /// The same, but what is unchanged since `previous` was made is taken over from there. The
    /// bytes are those that packing everything would give.
    ///
    /// # Errors
    /// As [`Packer::pack`].
    pub fn pack_after(
        &self,
        previous: Option<Previous>,
        mut source: Box<dyn Source>,
        shape: impl Into<Shape>,
        out: &mut dyn Output,
        control: &Control,
    ) -> Result<Sealed, PackError> {
        control.tell(|progress| progress.phase = Phase::Scanning);
        let scan = source.scan(&self.limits, control)?;
        control.tell(|progress| {
            progress.phase = Phase::Compressing;
            progress.files_total =
                Some(scan.entries.iter().filter(|entry| entry.kind == EntryKind::File).count() as u64);
            progress.bytes_total = Some(scan.entries.iter().map(|entry| entry.size).sum());
        });
        let press = Press::new(shape.into(), self.level);
        let previous = previous.filter(|previous| previous.is_made_by(&press.recipe()));
        let outcome = if previous.is_some() { "hit" } else { "miss" };
        self.metrics.cache_requests.with_label_values(&["previous_packages", outcome]).inc();
        let sealed = Packing::new(scan, press, previous, control).run(self, source.into(), out)?;
        for excluded in &sealed.manifest.excluded {
            self.metrics.excluded_entries.with_label_values(&[excluded.reason.as_str()]).inc();
        }
        Ok(sealed)
    }

    /// What there is in `source`.
    ///
    /// # Errors
    /// As the scan of [`Packer::pack`].
    pub fn scan(&self, source: &mut dyn Source, control: &Control) -> Result<Scan, PackError> {
        source.scan(&self.limits, control)
    }

    /// What packing `source` in `shape` would give, and how long it would take. Reads a sample.
    ///
    /// # Errors
    /// As the scan of [`Packer::pack`].
    pub fn estimate(
        &self,
        source: Box<dyn Source>,
        shape: impl Into<Shape>,
        control: &Control,
    ) -> Result<Estimate, PackError> {
        let press = Press::new(shape.into(), self.level);
        estimate::estimate(source, press, &self.pool, &self.limits, control)
    }
}

/// One package in the making.
struct Packing<'a> {
    entries: Arc<Vec<Entry>>,
    press: Press,
    previous: Option<Arc<Previous>>,
    excluded: Vec<Excluded>,
    secrets: Vec<Withheld>,
    deleted: Vec<String>,
    provenance: Option<Provenance>,
    rows: Option<u64>,
    is_data: bool,
    warnings: Vec<Warning>,
    control: &'a Control,
}

impl<'a> Packing<'a> {
    fn new(scan: Scan, press: Press, previous: Option<Previous>, control: &'a Control) -> Self {
        Self {
            entries: Arc::new(scan.entries),
            press,
            previous: previous.map(Arc::new),
            excluded: scan.excluded,
            secrets: scan.secrets,
            deleted: scan.deleted,
            provenance: scan.provenance,
            rows: scan.rows,
            is_data: scan.is_data,
            warnings: scan.warnings,
            control,
        }
    }

    fn run(
        mut self,
        packer: &Packer,
        source: Arc<dyn Source>,
        out: &mut dyn Output,
    ) -> Result<Sealed, PackError> {
        if let Some(same) = self.adopted(packer, out) {
            return Ok(self.sealed(same, packer.limits.ratio_alert));
        }
        let scratch_maker = out.scratch_maker();
        let mut body = Body::new(Seal::new(out, packer.limits.max_package, self.control), self.press)?;
        let longest = if self.is_data { u64::MAX } else { packer.limits.max_file };
        let mut line = Pipeline::new(self.line_of(source, longest), &packer.pool);
        let mut large = None;
        while let Some(step) = line.step()? {
            if let Some(spent) = self.take(step, &mut large, &mut body, &*scratch_maker)? {
                line.reuse(spent);
            }
        }
        Ok(self.sealed(body.finish()?, packer.limits.ratio_alert))
    }

    /// The package before, if nothing at all has changed since and `out` can become it.
    fn adopted(&self, packer: &Packer, out: &mut dyn Output) -> Option<Finished> {
        let previous = self.previous.as_ref()?;
        let (manifest, index) = previous.holds_just(&self.entries)?;
        let PackageDigest { size, sha256: checksum } = manifest.package;
        if size > packer.limits.max_package || !out.adopt(previous.file()) {
            return None;
        }
        self.control.tell(|progress| {
            progress.files_done = manifest.totals.files;
            (progress.bytes_read, progress.bytes_written) = (manifest.totals.bytes, size);
        });
        Some(Finished { size, checksum, listed: manifest.entries.clone(), index: index.clone() })
    }

    fn line_of(&self, source: Arc<dyn Source>, longest: u64) -> unit::Packing {
        let (entries, previous, control) =
            (Arc::clone(&self.entries), self.previous.clone(), self.control.clone());
        let (press, is_data) = (self.press, self.is_data);
        unit::Packing { source, entries, press, previous, longest, is_data, control }
    }

    /// Takes a step; gives a chunk back when it is used up.
    fn take(
        &mut self,
        step: Step,
        large: &mut Option<Large>,
        body: &mut Body<'_>,
        scratch: &dyn Fn() -> io::Result<File>,
    ) -> Result<Option<Chunk>, PackError> {
        match step {
            Step::Batch(batch) => {
                batch.units.iter().try_for_each(|packed| self.add(packed, body))?;
                batch.dropped.iter().for_each(|dropped| self.drop_entry(dropped));
            }
            Step::Begin(index) => *large = Some(Large::new(index, self.press)),
            Step::Chunk(chunk) => {
                let large = large.as_mut().expect("a chunk comes after its beginning");
                self.control.tell(|progress| progress.bytes_read += chunk.content().len() as u64);
                large.add(&chunk, scratch)?;
                return Ok(Some(chunk));
            }
            Step::End(has_changed) => {
                let large = large.take().expect("an end comes after its beginning");
                self.add_large(large, has_changed, body)?;
            }
            Step::Taken(index, known) => {
                let previous = self.previous.as_ref().and_then(|previous| previous.large(&known));
                let taken = previous.expect("it was found there");
                body.add_taken(&taken, &self.entries[index], self.control)?;
                let size = taken.facts.size;
                self.tell(index, false, size);
            }
            Step::Dropped(dropped) => self.drop_entry(&dropped),
        }
        Ok(None)
    }

    fn add(&mut self, packed: &Packed, body: &mut Body<'_>) -> Result<(), PackError> {
        body.add(packed, &self.entries)?;
        for done in &packed.entries {
            self.tell(done.index, done.has_changed, done.facts.size);
        }
        Ok(())
    }

    fn add_large(
        &mut self,
        mut large: Large,
        has_changed: bool,
        body: &mut Body<'_>,
    ) -> Result<(), PackError> {
        let index = large.index;
        if let Some(finding) = large.secret().filter(|_| !self.is_data) {
            self.drop_entry(&Dropped { index, why: Why::Secret(finding) });
            return Ok(());
        }
        let facts = large.facts();
        body.add_alone(&self.entries[index], facts, has_changed, |body| large.write_to(body, self.control))?;
        self.tell(index, has_changed, 0);
        Ok(())
    }

    /// Tells of an entry that is in the package, of which `read` bytes were not told of before.
    fn tell(&mut self, index: usize, has_changed: bool, read: u64) {
        let entry = &self.entries[index];
        self.control.tell(|progress| {
            progress.bytes_read += read;
            progress.files_done += u64::from(entry.kind == EntryKind::File);
            progress.current_file = Some(entry.path.clone());
        });
        if has_changed {
            let message = "changed while it was being packed; the package has it as it was read".to_owned();
            let path = Some(entry.path.clone());
            self.warnings.push(Warning { code: WarningCode::FileChanged, path, message });
        }
    }

    fn drop_entry(&mut self, dropped: &Dropped) {
        let told = dropped.told(&self.entries[dropped.index].path);
        self.excluded.push(told.excluded);
        self.secrets.extend(told.withheld);
        self.warnings.push(told.warning);
    }

    fn sealed(mut self, finished: Finished, ratio_alert: u64) -> Sealed {
        let Finished { size, checksum, listed, index } = finished;
        let file_count = listed.iter().filter(|entry| !entry.path.ends_with('/')).count() as u64;
        let source_bytes = listed.iter().map(|entry| entry.size).sum();
        let ratio = source_bytes / size.max(1);
        if source_bytes > TOO_SMALL_FOR_A_BOMB && ratio > ratio_alert {
            let message = format!("unpacks to {ratio} times its size; look before you unpack it");
            self.warnings.push(Warning { code: WarningCode::HighCompressionRatio, path: None, message });
        }
        self.excluded.sort_by(|a, b| a.path.cmp(&b.path));
        self.secrets.sort_by(|a, b| a.path.cmp(&b.path));
        let totals = Totals {
            files: file_count,
            bytes: source_bytes,
            compressed_bytes: listed.iter().map(|entry| entry.compressed_size).sum(),
            excluded: self.excluded.len() as u64,
        };
        let manifest = Manifest {
            package: PackageDigest { size, sha256: checksum },
            recipe: self.press.recipe(),
            source: self.provenance,
            entries: listed,
            deleted: self.deleted,
            excluded: self.excluded,
            secrets: self.secrets,
            totals,
            signature: None,
        };
        let warnings = bounded(self.warnings);
        Sealed { size, file_count, checksum, source_bytes, rows: self.rows, warnings, manifest, index }
    }
}

pub(super) fn bounded(mut warnings: Vec<Warning>) -> Vec<Warning> {
    if warnings.len() > MOST_WARNINGS {
        let more = warnings.len() - (MOST_WARNINGS - 1);
        warnings.truncate(MOST_WARNINGS - 1);
        let message = format!("{more} more warnings; the manifest names every entry that was left out");
        warnings.push(Warning { code: WarningCode::MoreWarnings, path: None, message });
    }
    warnings
}
