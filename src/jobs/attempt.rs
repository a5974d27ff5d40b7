//! One attempt: open the source, pack it, publish the package.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use crate::domain::{Export, Package, PackageKey, Phase, Progress, Timestamp};
use crate::otel::Span;
use crate::packaging::{
    Control, Document, DocumentShape, Material, Order, PackError, Previous, Sealed, Shape, Source,
};
use crate::storage::{Packages, Upload};
use crate::telemetry::Metrics;

use super::ending::{AttemptError, Made};
use super::works::{Works, WorksParts};

/// Makes the package of `export` and publishes it. Nothing is left behind unless it succeeds; a
/// panic on the way comes back as an error.
pub async fn attempt(
    works: Arc<Works>,
    export: Export,
    control: Control,
    traced: Span,
) -> Result<Made, AttemptError> {
    tokio::spawn(time_phases(control.progress.subscribe(), works.parts.metrics.clone(), traced));
    let loader = works.parts.registry.loader(export.selection.kind());
    let job = Arc::new(Job { works, export, control });
    let order = job.order();
    let material = tokio::select! {
        material = loader.open(&order) => material?,
        () = job.control.cancel.cancelled() => return Err(PackError::Cancelled.into()),
    };
    let draft = match material {
        Material::Tree(source) => {
            let previous = job.previous().await;
            Job::blocking(&job, move |job| job.pack(source, previous.as_ref())).await?
        }
        Material::Document(document) => Job::blocking(&job, move |job| job.write(document)).await?,
    };
    let twin = job.twin_of(&draft.sealed).await;
    Job::blocking(&job, move |job| job.publish(draft, twin)).await
}

/// What an attempt has in hand.
struct Job {
    works: Arc<Works>,
    export: Export,
    control: Control,
}

/// A package that nobody can see yet.
struct Draft {
    key: PackageKey,
    upload: Upload,
    sealed: Sealed,
    snapshot_at: Timestamp,
}

impl Job {
    /// Packing waits for the disk and for the packing threads: not on a thread that serves others.
    async fn blocking<T: Send + 'static>(
        job: &Arc<Self>,
        work: impl FnOnce(&Self) -> Result<T, AttemptError> + Send + 'static,
    ) -> Result<T, AttemptError> {
        let job = Arc::clone(job);
        let span = tracing::Span::current();
        tokio::task::spawn_blocking(move || span.in_scope(|| work(&job)))
            .await
            .unwrap_or(Err(AttemptError::Panicked))
    }

    /// The package that this one will be most like. Not knowing one is no failure: it only takes
    /// longer then.
    async fn previous(&self) -> Option<PackageKey> {
        let now = self.works.parts.clock.now();
        self.works.rows.previous(&self.export, now).await.ok().flatten()
    }

    fn order(&self) -> Order {
        let export = &self.export;
        Order {
            export: Some(export.id),
            owner: export.owner.clone(),
            selection: export.selection.clone(),
            pins: export.pins.clone(),
            format: export.format,
            options: export.options.clone(),
            bench: Some(self.works.parts.packages.bench(export.id)),
        }
    }

    fn pack(&self, source: Box<dyn Source>, previous: Option<&PackageKey>) -> Result<Draft, AttemptError> {
        let archive = self.export.format.archive().expect("entries come in archives alone");
        let shape = Shape { format: archive, profile: self.export.options.profile() };
        self.draft(|parts, upload| {
            let previous = previous.and_then(|key| previous_in(&parts.packages, key));
            parts.packer.pack_after(previous, source, shape, upload, &self.control)
        })
    }

    fn write(&self, mut document: Box<dyn Document>) -> Result<Draft, AttemptError> {
        let Export { format, options, .. } = &self.export;
        let (compression, profile) = (options.compression(), options.profile());
        let shape = DocumentShape { format: *format, compression, profile };
        self.draft(|parts, upload| parts.packer.write(&mut *document, shape, upload, &self.control))
    }

    fn draft(
        &self,
        make: impl FnOnce(&WorksParts, &mut Upload) -> Result<Sealed, PackError>,
    ) -> Result<Draft, AttemptError> {
        let parts = &self.works.parts;
        let key = PackageKey::new(self.export.id, self.export.lease, self.export.format);
        let snapshot_at = parts.clock.now();
        let mut upload = parts.packages.begin(&key)?;
        let sealed = make(parts, &mut upload)?;
        Ok(Draft { key, upload, sealed, snapshot_at })
    }

    /// A package of the same bytes. Not finding one is no failure.
    async fn twin_of(&self, sealed: &Sealed) -> Option<File> {
        let now = self.works.parts.clock.now();
        let key = self.works.rows.same_bytes(sealed.checksum, now).await.ok().flatten()?;
        self.works.parts.packages.open_file(&key).ok()
    }

    fn publish(&self, draft: Draft, twin: Option<File>) -> Result<Made, AttemptError> {
        self.control.tell(|progress| progress.phase = Phase::Finalizing);
        let Draft { key, mut upload, sealed, snapshot_at } = draft;
        if let Some(twin) = twin {
            upload.share_with(&twin);
        }
        let manifest = sealed.manifest.signed(&self.works.parts.signer).to_json();
        upload.publish(&manifest, &sealed.index.to_bytes(&manifest))?;
        Ok(Made {
            package: Package {
                key,
                size: sealed.size,
                file_count: sealed.file_count,
                source_bytes: sealed.source_bytes,
                rows: sealed.rows,
                checksum: sealed.checksum,
                snapshot_at,
            },
            warnings: sealed.warnings,
        })
    }
}

/// The package `key` as something to take from; `None` when this store lacks any part of it.
fn previous_in(packages: &Packages, key: &PackageKey) -> Option<Previous> {
    let (manifest, index) = (packages.manifest(key).ok()?, packages.index(key).ok()?);
    Previous::open(packages.open_file(key).ok()?, &manifest, &index)
}

/// Observes how long each phase takes, until the attempt is over; each is a part of what is `traced`.
async fn time_phases(mut progress: watch::Receiver<Progress>, metrics: Metrics, traced: Span) {
    let mut phase = progress.borrow_and_update().phase;
    loop {
        let (began, _part) = (Instant::now(), traced.part(phase_name(phase)));
        let next = loop {
            let more = progress.changed().await.is_ok();
            let now = progress.borrow_and_update().phase;
            if !more {
                break None;
            }
            if now != phase {
                break Some(now);
            }
        };
        let name = phase_name(phase);
        metrics.export_phase.with_label_values(&[name]).observe(began.elapsed().as_secs_f64());
        let Some(next) = next else { return };
        phase = next;
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "queued",
        Phase::Scanning => "scanning",
        Phase::Compressing => "compressing",
        Phase::Formatting => "formatting",
        Phase::Finalizing => "finalizing",
        Phase::Completed => "completed",
    }
}
