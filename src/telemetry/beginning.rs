//! What is counted begins at zero, and not with the first time it happens: a rise that nobody saw
//! begin is none to Prometheus, and an alert on it would sleep through the first.

use prometheus::IntCounterVec;

use crate::domain::{Kind, Mode, Policy};

use super::metrics::Instruments;

/// Shows every counter whose labels are known from the start. What only others know they show
/// themselves: why callers are refused `http`, why entries are left out `packaging`. Requests by
/// route and status begin when they come; there would be thousands.
pub fn begin(instruments: &Instruments) {
    exports(instruments);
    downloads(instruments);
    for actor in ["scheduler", "cleanup", "usage"] {
        instruments.actor_restarts.with_label_values(&[actor]);
    }
    each(&instruments.job_attempts, &["completed", "requeued", "failed", "cancelled", "lost"]);
    each(&instruments.job_rescues, &["lease_lapsed", "restart"]);
    each(&instruments.audit_entries, &["done", "refused", "failed"]);
    each(&instruments.key_fetches, &["answered", "failed"]);
    each(&instruments.rate_limited, &["link_token", "link_password", "credentials"]);
    for policy in Policy::ALL.iter().filter(|policy| **policy != Policy::JobsPerUser) {
        instruments.rate_limited.with_label_values(&[policy.as_str()]);
    }
    for cache in ["packages", "contents", "previous_packages"] {
        for outcome in ["hit", "miss"] {
            instruments.cache_requests.with_label_values(&[cache, outcome]);
        }
    }
}

/// Each kind in the formats that it comes in.
fn exports(instruments: &Instruments) {
    for kind in Kind::ALL {
        for format in kind.formats() {
            for outcome in ["completed", "failed", "cancelled"] {
                instruments.exports_total.with_label_values(&[kind.as_str(), format.as_str(), outcome]);
            }
        }
    }
}

/// What exportd sends itself is never lost sight of.
fn downloads(instruments: &Instruments) {
    let fates: [(Mode, &[&str]); 2] =
        [(Mode::Direct, &["complete", "broken"]), (Mode::Accel, &["complete", "broken", "lost"])];
    for (mode, outcomes) in fates {
        instruments.download_bytes.with_label_values(&[mode.as_str()]);
        for outcome in outcomes {
            instruments.downloads.with_label_values(&[mode.as_str(), outcome]);
        }
    }
    each(&instruments.range_requests, &["none", "single", "multi", "unsatisfiable", "ignored"]);
}

fn each(counter: &IntCounterVec, labels: &[&str]) {
    for label in labels {
        counter.with_label_values(&[*label]);
    }
}
