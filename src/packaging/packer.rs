//! The packer: the whole way from a source to a sealed package.

use std::fs::File;
use std::io;
use std::sync::Arc;

use crate::domain::{Format, Phase, Sha256, Warning, WarningCode};
use crate::storage::Output;
use crate::telemetry::Metrics;

use super::estimate::{self, Estimate};
use super::index::Index;
use super::large::{Chunk, Large};
use super::manifest::{
    Excluded, Manifest, ManifestEntry, PackageDigest, Provenance, Recipe, Totals, Withheld,
};
use super::pipeline::{Pipeline, Step};
use super::pool::Pool;
use super::seal::Seal;
use super::source::{Entry, EntryKind, Scan, Source};
use super::unit::{Dropped, Facts, Packed, told};
use super::zip::{FILE_MODE, FOLDER_MODE, ZipDirectory};
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

    /// Packs `source` into `out`. Waits for threads and disks: call it where waiting hurts nobody.
    ///
    /// # Errors
    /// [`PackError`]; what `out` has by then is worthless.
    pub fn pack(
        &self,
        mut source: Box<dyn Source>,
        format: Format,
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
        if format != Format::Zip {
            return Err(PackError::Panicked);
        }
        let packing = Packing::new(scan, control);
        let sealed = packing.run(self, source.into(), format, out)?;
        for excluded in &sealed.manifest.excluded {
            self.metrics.excluded_entries.with_label_values(&[excluded.reason.as_str()]).inc();
        }
        Ok(sealed)
    }

    /// What packing `source` would take. Reads no content.
    ///
    /// # Errors
    /// As the scan of [`Packer::pack`].
    pub fn estimate(&self, source: Box<dyn Source>, control: &Control) -> Result<Estimate, PackError> {
        estimate::estimate(source, &self.limits, control)
    }
}

/// One package in the making.
struct Packing<'a> {
    entries: Arc<Vec<Entry>>,
    excluded: Vec<Excluded>,
    secrets: Vec<Withheld>,
    deleted: Vec<String>,
    provenance: Option<Provenance>,
    warnings: Vec<Warning>,
    packed: Vec<ManifestEntry>,
    directory: ZipDirectory,
    control: &'a Control,
}

impl<'a> Packing<'a> {
    fn new(scan: Scan, control: &'a Control) -> Self {
        Self {
            entries: Arc::new(scan.entries),
            excluded: scan.excluded,
            secrets: scan.secrets,
            deleted: scan.deleted,
            provenance: scan.provenance,
            warnings: scan.warnings,
            packed: Vec::new(),
            directory: ZipDirectory::default(),
            control,
        }
    }

    fn run(
        mut self,
        packer: &Packer,
        source: Arc<dyn Source>,
        format: Format,
        out: &mut dyn Output,
    ) -> Result<Sealed, PackError> {
        let (control, limits) = (self.control, &packer.limits);
        let scratch_maker = out.scratch_maker();
        let mut seal = Seal::new(out, limits.max_package, control);
        let entries = Arc::clone(&self.entries);
        let mut line = Pipeline::new(source, entries, &packer.pool, limits.max_file, packer.level, control);
        let mut large = None;
        while let Some(step) = line.step()? {
            if let Some(spent) = self.take(step, &mut large, &mut seal, &*scratch_maker)? {
                line.reuse(spent);
            }
        }
        std::mem::take(&mut self.directory).finish(&mut seal)?;
        let (size, checksum) = seal.finish()?;
        Ok(self.sealed(size, checksum, format, packer))
    }

    /// Takes a step; gives a chunk back when it is used up.
    fn take(
        &mut self,
        step: Step,
        large: &mut Option<Large>,
        seal: &mut Seal<'_>,
        scratch: &dyn Fn() -> io::Result<File>,
    ) -> Result<Option<Chunk>, PackError> {
        match step {
            Step::Batch(batch) => {
                for entry in batch {
                    match entry {
                        Ok(packed) => self.add(packed, seal)?,
                        Err(dropped) => self.drop_entry(&dropped),
                    }
                }
            }
            Step::Begin(index) => *large = Some(Large::new(index)),
            Step::Chunk(chunk) => {
                let large = large.as_mut().expect("a chunk comes after its beginning");
                self.control.tell(|progress| progress.bytes_read += chunk.bytes().len() as u64);
                large.add(&chunk, scratch)?;
                return Ok(Some(chunk));
            }
            Step::End(has_changed) => {
                let large = large.take().expect("an end comes after its beginning");
                self.add_large(large, has_changed, seal)?;
            }
            Step::Dropped(dropped) => self.drop_entry(&dropped),
        }
        Ok(None)
    }

    fn add(&mut self, packed: Packed, seal: &mut Seal<'_>) -> Result<(), PackError> {
        self.begin(packed.index, &packed.facts, packed.has_changed, seal)?;
        self.control.tell(|progress| progress.bytes_read += packed.facts.size);
        seal.write(&packed.data)
    }

    fn add_large(&mut self, large: Large, has_changed: bool, seal: &mut Seal<'_>) -> Result<(), PackError> {
        self.begin(large.index, &large.facts(), has_changed, seal)?;
        large.write_to(seal, self.control)
    }

    fn begin(
        &mut self,
        index: usize,
        facts: &Facts,
        has_changed: bool,
        seal: &mut Seal<'_>,
    ) -> Result<(), PackError> {
        let entry = &self.entries[index];
        self.directory.begin(seal, &entry.path, entry.kind, facts)?;
        if has_changed {
            let message = "changed while it was being packed; the package has it as it was read".to_owned();
            self.warnings.push(Warning {
                code: WarningCode::FileChanged,
                path: Some(entry.path.clone()),
                message,
            });
        }
        let mode = match entry.kind {
            EntryKind::File => FILE_MODE,
            EntryKind::EmptyFolder => FOLDER_MODE,
        };
        self.packed.push(ManifestEntry {
            path: entry.path.clone(),
            size: facts.size,
            compressed_size: facts.packed_size,
            sha256: facts.sha256,
            mode: format!("{mode:04o}"),
        });
        self.control.tell(|progress| {
            progress.files_done += u64::from(entry.kind == EntryKind::File);
            progress.current_file = Some(entry.path.clone());
        });
        Ok(())
    }

    fn drop_entry(&mut self, dropped: &Dropped) {
        let path = &self.entries[dropped.index].path;
        let (reason, warning) = told(path, &dropped.error);
        self.excluded.push(Excluded { path: path.clone(), reason, rule: None });
        self.warnings.push(warning);
    }

    fn sealed(mut self, size: u64, checksum: Sha256, format: Format, packer: &Packer) -> Sealed {
        let file_count = self.packed.iter().filter(|entry| !entry.path.ends_with('/')).count() as u64;
        let source_bytes = self.packed.iter().map(|entry| entry.size).sum();
        let ratio = source_bytes / size.max(1);
        if source_bytes > TOO_SMALL_FOR_A_BOMB && ratio > packer.limits.ratio_alert {
            let message = format!("unpacks to {ratio} times its size; look before you unpack it");
            self.warnings.push(Warning { code: WarningCode::HighCompressionRatio, path: None, message });
        }
        self.excluded.sort_by(|a, b| a.path.cmp(&b.path));
        let totals = Totals {
            files: file_count,
            bytes: source_bytes,
            compressed_bytes: self.packed.iter().map(|entry| entry.compressed_size).sum(),
            excluded: self.excluded.len() as u64,
        };
        let manifest = Manifest {
            package: PackageDigest { size, sha256: checksum },
            recipe: recipe(format, packer.level),
            source: self.provenance,
            entries: self.packed,
            deleted: self.deleted,
            excluded: self.excluded,
            secrets: self.secrets,
            totals,
            signature: None,
        };
        let index = Index { package: checksum, pieces: Vec::new(), places: Vec::new() };
        let warnings = bounded(self.warnings);
        Sealed { size, file_count, checksum, source_bytes, warnings, manifest, index }
    }
}

fn recipe(format: Format, level: u32) -> Recipe {
    Recipe {
        tool: concat!("exportd ", env!("CARGO_PKG_VERSION")).to_owned(),
        format: format.to_string(),
        codec: "deflate (libdeflate 1.26; zlib-rs 0.6 for chunks)".to_owned(),
        level,
        rules: 1,
    }
}

fn bounded(mut warnings: Vec<Warning>) -> Vec<Warning> {
    if warnings.len() > MOST_WARNINGS {
        let more = warnings.len() - (MOST_WARNINGS - 1);
        warnings.truncate(MOST_WARNINGS - 1);
        let message = format!("{more} more warnings; the manifest names every entry that was left out");
        warnings.push(Warning { code: WarningCode::MoreWarnings, path: None, message });
    }
    warnings
}
