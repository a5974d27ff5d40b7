//! `retention.*`, `access.*` and `download.*` of the settings: what decides on requests.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::domain::Mode;

const DAY: Duration = Duration::from_secs(86_400);

/// How long packages and rows are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How long a package is kept when its request does not say, counted from completion.
    #[serde(with = "crate::config_units::duration")]
    pub default: Duration,
    /// The longest that a request may ask for.
    #[serde(with = "crate::config_units::duration")]
    pub max: Duration,
    /// How long rows outlive their packages.
    #[serde(with = "crate::config_units::duration")]
    pub records: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self { default: 7 * DAY, max: 30 * DAY, records: 365 * DAY }
    }
}

/// What others are told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AccessConfig {
    /// Whether another's export looks as if there were none.
    pub hide_foreign_jobs: bool,
}

/// How packages are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DownloadConfig {
    /// Who sends the bytes.
    pub mode: Mode,
    /// nginx's internal location of the package folder; begins and ends with `/`.
    pub accel_prefix: String,
    /// Where nginx writes down what it has sent, and exportd reads it; `accel.log` beside the
    /// packages when nothing is said.
    pub accel_log: Option<PathBuf>,
    /// Bytes per second for one download, however many connections it has, and for the entries of
    /// its package with it.
    #[serde(with = "crate::config_units::size::some")]
    pub rate_limit: Option<u64>,
    /// Bytes per second for all downloads of this node together: shared fairly between users, of
    /// whom each link counts as one, and then between the downloads of each.
    #[serde(with = "crate::config_units::size::some")]
    pub total_rate_limit: Option<u64>,
}

impl Default for DownloadConfig {
    fn default() -> Self {
        Self {
            mode: Mode::Direct,
            accel_prefix: "/_packages/".to_owned(),
            accel_log: None,
            rate_limit: None,
            total_rate_limit: None,
        }
    }
}
