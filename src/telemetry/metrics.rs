//! The instruments, as operators see them on `/metrics`.

use std::ops::Deref;
use std::sync::Arc;

use prometheus::core::Collector;
use prometheus::{
    Encoder, Gauge, Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec,
    Opts, Registry, TextEncoder,
};

use crate::domain::Policy;

/// Seconds, from a cached reply to a job at its deadline.
const SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];
/// Bytes, from an empty archive to far above the default limit: powers of eight.
const BYTES: &[f64] =
    &[1024.0, 8192.0, 65_536.0, 524_288.0, 4_194_304.0, 33_554_432.0, 268_435_456.0, 2_147_483_648.0];

/// Every instrument of one house, in a registry of its own: several houses share a test process.
/// Cheap to clone; all clones are the same instruments.
#[derive(Clone)]
pub struct Metrics(Arc<Instruments>);

/// The instruments themselves.
///
/// Labels are of bounded variety; never a user, a job or a path. What each one counts is its help
/// text, in [`Metrics::new`].
#[expect(missing_docs, reason = "the help text beside each name is the documentation")]
pub struct Instruments {
    registry: Registry,
    pub exports_total: IntCounterVec,
    pub exports: IntGaugeVec,
    pub export_duration: HistogramVec,
    pub export_phase: HistogramVec,
    pub queue_wait: Histogram,
    pub queue_oldest: Gauge,
    pub queue_paused: IntGauge,
    pub job_attempts: IntCounterVec,
    pub job_rescues: IntCounterVec,
    pub package_bytes: HistogramVec,
    pub packed_source_bytes: IntCounter,
    pub excluded_entries: IntCounterVec,
    pub downloads: IntCounterVec,
    pub download_bytes: IntCounterVec,
    pub download_duration: Histogram,
    pub downloads_in_flight: IntGauge,
    pub range_requests: IntCounterVec,
    pub http_requests: IntCounterVec,
    pub http_duration: HistogramVec,
    pub cleanup_deleted: IntCounter,
    pub cleanup_freed_bytes: IntCounter,
    pub cleanup_last_success: Gauge,
    pub package_missing: IntCounter,
    pub storage_used_bytes: Gauge,
    pub storage_free_bytes: Gauge,
    pub rate_limited: IntCounterVec,
    pub auth_failures: IntCounterVec,
    pub key_fetches: IntCounterVec,
    pub link_refusals: IntCounterVec,
    pub actor_restarts: IntCounterVec,
    pub db_write_wait: Histogram,
    pub cache_requests: IntCounterVec,
    pub audit_entries: IntCounterVec,
    pub audit_dropped: IntCounter,
    pub audit_late: IntCounter,
}

impl Metrics {
    /// Builds and registers every instrument. `revision` is the commit of this build.
    pub fn new(revision: &str) -> Self {
        let registry = Registry::new();
        let r = &registry;
        let build = Opts::new("exportd_build_info", "Which exportd this is; always 1.")
            .const_label("version", env!("CARGO_PKG_VERSION"))
            .const_label("revision", revision);
        registered(r, IntGauge::with_opts(build)).set(1);
        let process = prometheus::process_collector::ProcessCollector::for_self();
        registry.register(Box::new(process)).expect("no other instrument is called process_…");
        let instruments = Instruments {
            exports_total: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_exports_total", "Exports that came to an end."),
                    &["kind", "format", "outcome"],
                ),
            ),
            exports: registered(
                r,
                IntGaugeVec::new(
                    Opts::new("exportd_exports", "Exports by their present status."),
                    &["status"],
                ),
            ),
            export_duration: registered(
                r,
                HistogramVec::new(
                    HistogramOpts::new(
                        "exportd_export_duration_seconds",
                        "From claim to the end of the attempt that ended an export.",
                    )
                    .buckets(SECONDS.to_vec()),
                    &["kind", "format"],
                ),
            ),
            export_phase: registered(
                r,
                HistogramVec::new(
                    HistogramOpts::new(
                        "exportd_export_phase_seconds",
                        "Time spent in each phase of an attempt.",
                    )
                    .buckets(SECONDS.to_vec()),
                    &["phase"],
                ),
            ),
            queue_wait: registered(
                r,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "exportd_queue_wait_seconds",
                        "From the instant an export may run to its claim.",
                    )
                    .buckets(SECONDS.to_vec()),
                ),
            ),
            queue_oldest: registered(
                r,
                Gauge::new("exportd_queue_oldest_seconds", "Age of the oldest queued export."),
            ),
            queue_paused: registered(
                r,
                IntGauge::new("exportd_queue_paused", "1 while an admin has paused the queue, else 0."),
            ),
            job_attempts: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_job_attempts_total", "Attempts that ended."),
                    &["outcome"],
                ),
            ),
            job_rescues: registered(
                r,
                IntCounterVec::new(
                    Opts::new(
                        "exportd_job_rescues_total",
                        "Exports taken from a worker that no longer held them.",
                    ),
                    &["reason"],
                ),
            ),
            package_bytes: registered(
                r,
                HistogramVec::new(
                    HistogramOpts::new("exportd_package_bytes", "Size of sealed packages.")
                        .buckets(BYTES.to_vec()),
                    &["format"],
                ),
            ),
            packed_source_bytes: registered(
                r,
                IntCounter::new(
                    "exportd_packed_source_bytes_total",
                    "Bytes read from sources into packages.",
                ),
            ),
            excluded_entries: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_excluded_entries_total", "Entries left out of packages."),
                    &["reason"],
                ),
            ),
            downloads: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_downloads_total", "Responses that carried bytes of a package."),
                    &["mode", "outcome"],
                ),
            ),
            download_bytes: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_download_bytes_total", "Bytes of packages sent."),
                    &["mode"],
                ),
            ),
            download_duration: registered(
                r,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "exportd_download_duration_seconds",
                        "From the first byte of a package's response to its last.",
                    )
                    .buckets(SECONDS.to_vec()),
                ),
            ),
            downloads_in_flight: registered(
                r,
                IntGauge::new(
                    "exportd_downloads_in_flight",
                    "Responses that are sending bytes of a package.",
                ),
            ),
            range_requests: registered(
                r,
                IntCounterVec::new(
                    Opts::new(
                        "exportd_range_requests_total",
                        "Download requests by what their Range asked for.",
                    ),
                    &["kind"],
                ),
            ),
            http_requests: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_http_requests_total", "Requests answered."),
                    &["method", "route", "status"],
                ),
            ),
            http_duration: registered(
                r,
                HistogramVec::new(
                    HistogramOpts::new(
                        "exportd_http_request_duration_seconds",
                        "From the head of a request to the head of its response.",
                    )
                    .buckets(SECONDS.to_vec()),
                    &["route"],
                ),
            ),
            cleanup_deleted: registered(
                r,
                IntCounter::new("exportd_cleanup_deleted_total", "Files deleted by sweeps."),
            ),
            cleanup_freed_bytes: registered(
                r,
                IntCounter::new("exportd_cleanup_freed_bytes_total", "Bytes freed by sweeps."),
            ),
            cleanup_last_success: registered(
                r,
                Gauge::new(
                    "exportd_cleanup_last_success_timestamp_seconds",
                    "When a sweep last ended without an error.",
                ),
            ),
            package_missing: registered(
                r,
                IntCounter::new(
                    "exportd_package_missing_total",
                    "Downloads of completed exports whose file was not there.",
                ),
            ),
            storage_used_bytes: registered(
                r,
                Gauge::new("exportd_storage_used_bytes", "Bytes of packages in the store."),
            ),
            storage_free_bytes: registered(
                r,
                Gauge::new("exportd_storage_free_bytes", "Bytes free on the store's file system."),
            ),
            rate_limited: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_rate_limited_total", "Requests refused by a limit."),
                    &["policy"],
                ),
            ),
            auth_failures: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_auth_failures_total", "Requests whose credentials were refused."),
                    &["reason"],
                ),
            ),
            key_fetches: registered(
                r,
                IntCounterVec::new(
                    Opts::new(
                        "exportd_key_fetches_total",
                        "Questions to the identity provider for its keys.",
                    ),
                    &["outcome"],
                ),
            ),
            link_refusals: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_link_refusals_total", "Requests by link that were not let in."),
                    &["reason"],
                ),
            ),
            actor_restarts: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_actor_restarts_total", "Actors rebuilt after they died."),
                    &["actor"],
                ),
            ),
            db_write_wait: registered(
                r,
                Histogram::with_opts(
                    HistogramOpts::new(
                        "exportd_db_write_wait_seconds",
                        "Waiting for the right to write to the database.",
                    )
                    .buckets(SECONDS.to_vec()),
                ),
            ),
            cache_requests: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_cache_requests_total", "Look-ups in a cache."),
                    &["cache", "outcome"],
                ),
            ),
            audit_entries: registered(
                r,
                IntCounterVec::new(
                    Opts::new("exportd_audit_entries_total", "Entries written into the audit."),
                    &["outcome"],
                ),
            ),
            audit_dropped: registered(
                r,
                IntCounter::new(
                    "exportd_audit_dropped_total",
                    "Entries that came faster than the audit could be written, and were lost.",
                ),
            ),
            audit_late: registered(
                r,
                IntCounter::new(
                    "exportd_audit_late_total",
                    "Acts that were answered before their entry could be written.",
                ),
            ),
            registry,
        };
        Self(Arc::new(instruments)).begun_at_zero()
    }

    /// Shows what should never happen before it does, so that an alert on its increase sees the
    /// first time.
    fn begun_at_zero(self) -> Self {
        for actor in ["scheduler", "cleanup", "usage"] {
            self.actor_restarts.with_label_values(&[actor]);
        }
        for outcome in ["done", "refused", "failed"] {
            self.audit_entries.with_label_values(&[outcome]);
        }
        for reason in ["lease_lapsed", "restart"] {
            self.job_rescues.with_label_values(&[reason]);
        }
        for policy in Policy::ALL.iter().filter(|policy| **policy != Policy::JobsPerUser) {
            self.rate_limited.with_label_values(&[policy.as_str()]);
        }
        for policy in ["link_token", "link_password"] {
            self.rate_limited.with_label_values(&[policy]);
        }
        self
    }

    /// Everything, in Prometheus' text format 0.0.4.
    pub fn render(&self) -> Vec<u8> {
        let mut page = Vec::new();
        TextEncoder::new()
            .encode(&self.registry.gather(), &mut page)
            .expect("our instruments are valid and a Vec takes every byte");
        page
    }
}

impl Deref for Metrics {
    type Target = Instruments;

    fn deref(&self) -> &Instruments {
        &self.0
    }
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

fn registered<C: Collector + Clone + 'static>(registry: &Registry, instrument: prometheus::Result<C>) -> C {
    let instrument = instrument.expect("names, labels and buckets are constants, valid by test");
    registry.register(Box::new(instrument.clone())).expect("no two instruments share a name");
    instrument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_houses_count_apart() {
        let (one, other) = (Metrics::new("test"), Metrics::new("test"));
        one.packed_source_bytes.inc_by(7);
        assert_eq!(other.packed_source_bytes.get(), 0);
        let page = String::from_utf8(one.render()).expect("text");
        assert!(page.contains("exportd_packed_source_bytes_total 7"), "{page}");
        assert!(page.contains("exportd_build_info"), "{page}");
    }
}
