//! `jobs.*` and `cleanup.*` of the settings.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config_units::TimeOfDay;

/// How jobs run on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Jobs running on this node.
    pub concurrency: usize,
    /// Jobs of one user, at a time.
    pub per_user: u32,
    /// Attempts before an export is failed.
    pub attempts: u32,
    /// Wait before the second attempt; ×4 each time, ±20 %, at most ten minutes.
    #[serde(with = "crate::config_units::duration")]
    pub backoff: Duration,
    /// A job not heard of for this long is taken from its worker.
    #[serde(with = "crate::config_units::duration")]
    pub lease: Duration,
    /// How often a job is heard of.
    #[serde(with = "crate::config_units::duration")]
    pub heartbeat: Duration,
    /// The longest that one attempt may take.
    #[serde(with = "crate::config_units::duration")]
    pub deadline: Duration,
}

impl Default for Config {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            concurrency: (cores - 1).max(1),
            per_user: 3,
            attempts: 3,
            backoff: Duration::from_secs(2),
            lease: Duration::from_secs(60),
            heartbeat: Duration::from_secs(15),
            deadline: Duration::from_secs(30 * 60),
        }
    }
}

/// When sweeps run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CleanupConfig {
    /// Between two sweeps for expired packages.
    #[serde(with = "crate::config_units::duration")]
    pub interval: Duration,
    /// When orphans, strays and old rows are swept too, in UTC; once more at every start.
    pub deep_at: TimeOfDay,
}

impl Default for CleanupConfig {
    fn default() -> Self {
        Self { interval: Duration::from_secs(60), deep_at: TimeOfDay::new(3, 0).expect("a time of day") }
    }
}
