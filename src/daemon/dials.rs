//! Settings that change while the house is open, and where each goes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use serde_json::Value;

use crate::app::{Bandwidth, Config, Dials, DownloadConfig, SettingNow, Unchanged};
use crate::config::{AsFound, Fault, Faults, Settings};
use crate::domain::Limits;
use crate::jobs::Works;
use crate::telemetry;

/// The parts of an open house that can be told something else, and what they were told.
#[derive(Debug)]
pub struct HouseDials {
    first: AsFound,
    now: Mutex<AsFound>,
    works: Arc<Works>,
    parts: Tunable,
}

/// Parts of the desk that can be told something else.
#[derive(Debug, Clone)]
pub struct Tunable {
    /// For how long packages are kept.
    pub retention: Arc<ArcSwap<Config>>,
    /// How packages are sent.
    pub download: Arc<ArcSwap<DownloadConfig>>,
    /// How fast.
    pub bandwidth: Bandwidth,
}

impl Tunable {
    /// As `settings` have it at the start.
    pub fn new(settings: &Settings) -> Self {
        Self {
            retention: Arc::new(ArcSwap::from_pointee(settings.retention.clone())),
            download: Arc::new(ArcSwap::from_pointee(settings.download.clone())),
            bandwidth: Bandwidth::new(&settings.download),
        }
    }
}

impl HouseDials {
    /// The dials of a house that was built by `settings`.
    pub fn new(settings: &Settings, works: Arc<Works>, parts: Tunable) -> Self {
        let first = settings.as_found.clone();
        Self { now: Mutex::new(first.clone()), first, works, parts }
    }

    /// The settings after `changes`, and what rooms are told by them.
    fn after(&self, changes: &BTreeMap<String, Value>) -> Result<(AsFound, Settings), Faults> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner).found();
        let settings = now.changed(&self.first.found(), changes)?.for_rooms()?;
        Ok((settings.as_found.clone(), settings))
    }

    fn set(&self, key: &str, settings: &Settings) {
        let (retention, download) = (&self.parts.retention, &self.parts.download);
        match key {
            "jobs.concurrency" => self.works.set_concurrency(settings.jobs.concurrency),
            "cleanup.interval" => self.works.set_cleanup_interval(settings.cleanup.interval),
            "retention.default" => {
                let default = settings.retention.default;
                retention.rcu(|config| Config { default, ..(**config).clone() });
            }
            "retention.max" => {
                let max = settings.retention.max;
                retention.rcu(|config| Config { max, ..(**config).clone() });
                self.works.set_longest(max);
            }
            "download.rate_limit" | "download.total_rate_limit" => {
                let (one, all) = (settings.download.rate_limit, settings.download.total_rate_limit);
                download.rcu(|config| DownloadConfig {
                    rate_limit: one,
                    total_rate_limit: all,
                    ..(**config).clone()
                });
                self.parts.bandwidth.change(&download.load());
            }
            "log.level" => telemetry::filter_log(&settings.log),
            _ => tracing::error!(key, "a setting that may change has nowhere to go"),
        }
    }
}

impl Dials for HouseDials {
    fn settings(&self) -> Vec<SettingNow> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).found().told()
    }

    fn judge(&self, changes: &BTreeMap<String, Value>) -> Result<Limits, Vec<Unchanged>> {
        let told = |fault: Fault| Unchanged { key: fault.key, why: fault.message };
        match self.after(changes) {
            Ok((_, settings)) => Ok(super::user_limits(&settings).limits()),
            Err(Faults(faults)) => Err(faults.into_iter().map(told).collect()),
        }
    }

    fn turn(&self, changes: &BTreeMap<String, Value>) {
        let Ok((found, settings)) = self.after(changes) else {
            tracing::error!("a change of settings that was right is wrong now, and is not made");
            return;
        };
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = found;
        for key in changes.keys() {
            self.set(key, &settings);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::SETTINGS;
    use crate::domain::Policy;

    #[test]
    fn whatever_may_change_has_somewhere_to_go() {
        let page = include_str!("dials.rs");
        for setting in SETTINGS.iter().filter(|setting| setting.at_run_time) {
            let is_limit = Policy::ALL.iter().any(|policy| policy.setting() == setting.key);
            let arm = format!("\"{}\" ", setting.key);
            assert!(is_limit || page.contains(&arm), "{}", setting.key);
        }
    }
}
