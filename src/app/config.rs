//! `retention.*` of the settings, and what else decides on requests.

use std::time::Duration;

use serde::{Deserialize, Serialize};

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
