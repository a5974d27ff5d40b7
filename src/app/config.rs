//! `retention.*`, `access.*` and `download.*` of the settings: what decides on requests.
//! `retention.*`, `download.*` and users' `limits.*` of the settings: what decides on requests.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use crate::domain::Mode;
use crate::domain::{Limit, Limits, PerPolicy, Policy};

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

/// What each user may use, unless something else is set for them, or for everyone, while the
/// server runs. `None` is as much as there is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Exports in an hour.
    #[serde(with = "crate::config_units::count_or_none")]
    pub exports_per_hour: Option<u64>,
    /// Exports in a day.
    #[serde(with = "crate::config_units::count_or_none")]
    pub exports_per_day: Option<u64>,
    /// Downloads in a minute, however many requests each takes.
    #[serde(with = "crate::config_units::count_or_none")]
    pub downloads_per_minute: Option<u64>,
    /// Bytes downloaded in a day.
    #[serde(with = "crate::config_units::size::some")]
    pub download_bytes_per_day: Option<u64>,
    /// Bytes of packages that can be downloaded.
    #[serde(with = "crate::config_units::size::some")]
    pub user_storage: Option<u64>,
    /// Jobs at a time: `jobs.per_user`.
    #[serde(skip)]
    pub jobs_per_user: Option<u64>,
    /// Where each is written.
    #[serde(skip)]
    pub origins: PerPolicy<SettingOrigin>,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        Self {
            exports_per_hour: Some(10),
            exports_per_day: Some(50),
            downloads_per_minute: Some(60),
            jobs_per_user: Some(3),
            ..Self::unlimited()
        }
    }
}

impl LimitsConfig {
    /// As much as there is of everything.
    pub fn unlimited() -> Self {
        Self {
            exports_per_hour: None,
            exports_per_day: None,
            downloads_per_minute: None,
            download_bytes_per_day: None,
            user_storage: None,
            jobs_per_user: None,
            origins: PerPolicy::default(),
        }
    }

    /// Tells where each is written, as `origin` knows by the setting's name.
    pub fn written(&mut self, origin: impl Fn(&'static str) -> SettingOrigin) {
        self.origins = PerPolicy::from_fn(|policy| origin(policy.setting()));
    }

    /// The same by policy.
    pub fn limits(&self) -> Limits {
        Limits::from_fn(|policy| {
            Limit::from(match policy {
                Policy::ExportsPerHour => self.exports_per_hour,
                Policy::ExportsPerDay => self.exports_per_day,
                Policy::DownloadsPerMinute => self.downloads_per_minute,
                Policy::DownloadBytesPerDay => self.download_bytes_per_day,
                Policy::UserStorage => self.user_storage,
                Policy::JobsPerUser => self.jobs_per_user,
            })
        })
    }
}

/// Where a setting is written. Not which file: that is the server's own affair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SettingOrigin {
    /// Nowhere.
    #[default]
    Default,
    /// In the settings' file.
    File,
    /// In a variable.
    Environment,
    /// On the command line.
    CommandLine,
}
