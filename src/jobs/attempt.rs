//! One attempt: open the source, pack it, publish the package.

use std::sync::Arc;
use std::time::Instant;

use tokio::sync::watch;

use crate::domain::{Export, Package, PackageKey, Phase, Progress};
use crate::packaging::{Control, Source};
use crate::telemetry::Metrics;

use super::ending::{AttemptError, Made};
use super::works::Works;

/// Makes the package of `export` and publishes it. Nothing is left behind unless it succeeds; a
/// panic on the way comes back as an error.
pub async fn attempt(works: Arc<Works>, export: Export, control: Control) -> Result<Made, AttemptError> {
    tokio::spawn(time_phases(control.progress.subscribe(), works.parts.metrics.clone()));
    let loader = works.parts.registry.loader(export.selection.kind());
    let source = loader.open(&export.owner, &export.selection).await?;
    // Packing waits for the disk and for the packing threads: not on a thread that serves others.
    tokio::task::spawn_blocking(move || make(&works, &export, source, &control))
        .await
        .unwrap_or(Err(AttemptError::Panicked))
}

fn make(
    works: &Works,
    export: &Export,
    source: Box<dyn Source>,
    control: &Control,
) -> Result<Made, AttemptError> {
    let key = PackageKey::new(export.id, export.lease, export.format);
    let snapshot_at = works.parts.clock.now();
    let mut upload = works.parts.packages.begin(&key)?;
    let sealed = works.parts.packer.pack(source, export.format, &mut upload, control)?;
    control.progress.send_modify(|progress| progress.phase = Phase::Finalizing);
    let manifest = sealed.manifest.signed(&works.parts.signer);
    upload.publish(&manifest.to_json(), &sealed.index.to_bytes())?;
    Ok(Made {
        package: Package {
            key,
            size: sealed.size,
            file_count: sealed.file_count,
            source_bytes: sealed.source_bytes,
            checksum: sealed.checksum,
            snapshot_at,
        },
        warnings: sealed.warnings,
    })
}

/// Observes how long each phase takes, until the attempt is over.
async fn time_phases(mut progress: watch::Receiver<Progress>, metrics: Metrics) {
    let mut phase = progress.borrow_and_update().phase;
    let mut began = Instant::now();
    loop {
        let more = progress.changed().await.is_ok();
        let next = progress.borrow_and_update().phase;
        if next != phase || !more {
            let name = phase_name(phase);
            metrics.export_phase.with_label_values(&[name]).observe(began.elapsed().as_secs_f64());
            (phase, began) = (next, Instant::now());
        }
        if !more {
            return;
        }
    }
}

const fn phase_name(phase: Phase) -> &'static str {
    match phase {
        Phase::Queued => "queued",
        Phase::Scanning => "scanning",
        Phase::Compressing => "compressing",
        Phase::Finalizing => "finalizing",
        Phase::Completed => "completed",
    }
}
