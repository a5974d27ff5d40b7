//! Settings that change while a server runs, until its next start.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use config::{Value, ValueKind};
use serde_json::Value as Json;

use super::fault::{Fault, Faults};
use super::kind::Kind;
use super::load::{Found, Sources, check, origin};
use super::shown::display;
use super::table::{Preset, SETTINGS, Setting, find};
use super::values::{Counting, Purpose};
use super::{Settings, together};
use crate::app::SettingNow;

/// Where a setting was written that was changed while the server ran.
const RUN_TIME: &str = "run time";
/// What takes such a change back.
const CONFIGURED: &str = "configured";

/// Settings as they were found, kept beside what was built from them. Not shown: secrets are among them.
#[derive(Clone, Default)]
pub struct AsFound(Option<Arc<Found>>);

impl AsFound {
    /// Keeps `found`.
    pub(super) fn keeping(found: &Found) -> Self {
        Self(Some(Arc::new(found.clone())))
    }

    /// What was found; the defaults, where nobody looked.
    pub fn found(&self) -> Arc<Found> {
        self.0.clone().unwrap_or_else(|| Arc::new(Found::from(&Sources::nowhere())))
    }
}

impl fmt::Debug for AsFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AsFound")
    }
}

impl Found {
    /// These settings with `changes`, each the value of a key, `null` for none, or `"configured"` for what
    /// it was at the start, which `first` tells.
    ///
    /// # Errors
    /// Everything that is wrong with the changes, each with its key: also that it cannot be changed.
    pub fn changed(&self, first: &Self, changes: &BTreeMap<String, Json>) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let mut found = self.clone();
        for (key, value) in changes {
            match change(first, key, value) {
                Ok((setting, counting)) => drop(found.values.0.insert(setting.key, counting)),
                Err(message) => faults.push(Fault::new(key, RUN_TIME, message)),
            }
        }
        if faults.is_empty() {
            // What was wrong before is not the fault of whoever changes something.
            let before = together::faults(&self.values, Purpose::Tool);
            let now = together::faults(&found.values, Purpose::Tool);
            faults.extend(now.into_iter().filter(|fault| before.iter().all(|old| old.key != fault.key)));
        }
        if faults.is_empty() { Ok(found) } else { Err(Faults(faults)) }
    }

    /// What the rooms are told by these.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn for_rooms(&self) -> Result<Settings, Faults> {
        self.settings(Purpose::Tool)
    }

    /// Every setting, for an admin who asks the server: without the names of its files.
    pub fn told(&self) -> Vec<SettingNow> {
        let now = |setting: &'static Setting| {
            let counts = self.values.0.get(setting.key).expect("every setting was looked for");
            let written = counts.origin.as_deref();
            SettingNow {
                key: setting.key,
                value: counts.value.as_ref().map(|value| display(setting.kind, value)),
                origin: (written != Some(RUN_TIME)).then(|| origin(written)),
                default: setting.preset.words(),
                meaning: setting.meaning,
                changes: setting.at_run_time,
            }
        };
        SETTINGS.iter().map(now).collect()
    }
}

fn change(first: &Found, key: &str, value: &Json) -> Result<(&'static Setting, Counting), String> {
    let setting = find(key).ok_or("there is no such setting")?;
    if !setting.at_run_time {
        return Err(
            "changes only at a start; write it into the settings and start the server again".to_owned()
        );
    }
    let kind = match value {
        Json::String(text) if text == CONFIGURED => {
            return Ok((setting, first.values.0.get(setting.key).expect("it was looked for").clone()));
        }
        Json::String(text) => ValueKind::String(text.clone()),
        Json::Number(number) => ValueKind::String(number.to_string()),
        Json::Bool(flag) => ValueKind::Boolean(*flag),
        Json::Null if may_be_none(setting) => ValueKind::String("none".to_owned()),
        Json::Null | Json::Array(_) | Json::Object(_) => return Err("write a text or a number".to_owned()),
    };
    let (counting, fault) = check(setting, Some(&Value::new(Some(&RUN_TIME.to_owned()), kind)));
    fault.map_or(Ok((setting, counting)), |fault| Err(fault.message))
}

const fn may_be_none(setting: &Setting) -> bool {
    matches!(setting.preset, Preset::Unset(_)) || matches!(setting.kind, Kind::NumberOrNone)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(changes: Json) -> Result<Found, Vec<(String, String)>> {
        let first = Found::from(&Sources::nowhere());
        let changes = serde_json::from_value(changes).expect("an object");
        let told = |fault: Fault| (fault.key, fault.message);
        first.changed(&first, &changes).map_err(|Faults(faults)| faults.into_iter().map(told).collect())
    }

    #[test]
    fn what_may_change_does_and_all_else_is_refused_by_its_name() {
        let found =
            changed(json!({"jobs.concurrency": 4, "retention.max": "60d", "download.rate_limit": null,
            "limits.exports_per_hour": null, "log.level": "debug"}))
            .expect("right");
        let settings = found.for_rooms().expect("settings");
        assert_eq!((settings.jobs.concurrency, settings.download.rate_limit), (4, None));
        assert_eq!(settings.user_limits.exports_per_hour, None);
        let told = found.told();
        let of = |key: &str| told.iter().find(|setting| setting.key == key).expect("told").clone();
        assert_eq!(
            (of("jobs.concurrency").value.as_deref(), of("jobs.concurrency").origin),
            (Some("4"), None)
        );
        assert!(of("jobs.lease").origin.is_some() && !of("jobs.lease").changes);

        let refused =
            changed(json!({"jobs.concurrency": 0, "jobs.lease": "1s", "made.up": 1, "log.level": [],
            "cleanup.interval": null, "auth.jwt.secret": "x"}))
            .expect_err("wrong");
        let keys: Vec<_> = refused.iter().map(|(key, _)| key.as_str()).collect();
        let wrong =
            ["auth.jwt.secret", "cleanup.interval", "jobs.concurrency", "jobs.lease", "log.level", "made.up"];
        assert_eq!(keys, wrong);
        let together = changed(json!({"retention.default": "40d"})).expect_err("longer than the longest");
        assert_eq!(together[0].0, "retention.default");
    }

    #[test]
    fn a_change_is_taken_back_to_what_was_configured() {
        let first = Found::from(&Sources::nowhere());
        let change = |value: Json| BTreeMap::from([("jobs.concurrency".to_owned(), value)]);
        let changed = first.changed(&first, &change(json!(7))).expect("right");
        let back = changed.changed(&first, &change(json!("configured"))).expect("right");
        assert_eq!(back.told(), first.told());
        assert_ne!(changed.told(), first.told());
    }
}
