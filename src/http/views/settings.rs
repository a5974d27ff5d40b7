//! Settings, as they are told and changed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::{Changes, ServerLimit, SettingNow, SettingOrigin};
use crate::http::audit::Told;
use crate::http::kit::{Fields, FromFields};

use super::limits::{ChangedLimits, member};

/// Settings that are changed at once, at most; there are not so many that may.
const MOST: usize = 100;

/// What the server was told.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Config)]
pub struct ConfigView {
    /// The limits that are everyone's, as numbers.
    items: Vec<ServerLimitView>,
    /// Every setting, in the order in which people read them.
    settings: Vec<SettingView>,
}

/// A limit that is everyone's whose own is not another.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ConfigItem)]
struct ServerLimitView {
    /// As it is changed here.
    #[schema(example = "exportsPerHour")]
    name: &'static str,
    /// As settings call it.
    #[schema(example = "limits.exports_per_hour")]
    setting: &'static str,
    /// What it is now; `null` is no limit.
    value: Option<u64>,
    /// `default`, `file`, `environment`, `command line` or `run time`.
    #[schema(example = "default")]
    origin: &'static str,
    /// What it is when nobody changes it while the server runs.
    configured: Option<u64>,
}

/// A setting.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Setting)]
struct SettingView {
    /// As files, variables and changes call it.
    #[schema(example = "jobs.concurrency")]
    key: &'static str,
    /// As it counts; `***` for a secret, `null` when unset.
    #[schema(example = "4")]
    value: Option<String>,
    /// `default`, `file`, `environment`, `command line` or `run time`.
    #[schema(example = "default")]
    origin: &'static str,
    /// What it is when nobody says anything, or what that means.
    #[schema(example = "cores - 1, at least 1")]
    default: &'static str,
    /// What it does.
    meaning: &'static str,
    /// Whether it may change while the server runs.
    changeable: bool,
}

impl From<(Vec<SettingNow>, Vec<ServerLimit>)> for ConfigView {
    fn from((settings, limits): (Vec<SettingNow>, Vec<ServerLimit>)) -> Self {
        let limit = |limit: ServerLimit| ServerLimitView {
            name: member(limit.policy),
            setting: limit.policy.setting(),
            value: limit.limit.most(),
            origin: word(limit.origin),
            configured: limit.configured.most(),
        };
        let setting = |setting: SettingNow| SettingView {
            key: setting.key,
            value: setting.value,
            origin: word(setting.origin),
            default: setting.default,
            meaning: setting.meaning,
            changeable: setting.changes,
        };
        Self {
            items: limits.into_iter().map(limit).collect(),
            settings: settings.into_iter().map(setting).collect(),
        }
    }
}

const fn word(origin: Option<SettingOrigin>) -> &'static str {
    match origin {
        Some(SettingOrigin::Default) => "default",
        Some(SettingOrigin::File) => "file",
        Some(SettingOrigin::Environment) => "environment",
        Some(SettingOrigin::CommandLine) => "command line",
        None => "run time",
    }
}

/// What is to change. Limits that are everyone's may also stand beside `settings`, by the names that
/// `items` has: each a whole number, `null` for none, or `"configured"`.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "documents what is read into `NewChanges`")]
pub struct ChangesBody {
    /// Values by the keys of settings, as a file has them.
    #[schema(value_type = Option<Object>, example = json!({"jobs.concurrency": 4, "log.level": "debug"}))]
    settings: Option<BTreeMap<String, Value>>,
    exports_per_hour: Option<u64>,
    exports_per_day: Option<u64>,
    downloads_per_minute: Option<u64>,
    download_bytes_per_day: Option<u64>,
    user_storage: Option<u64>,
    /// At least 1.
    #[schema(minimum = 1)]
    jobs_per_user: Option<u64>,
}

/// What is to change.
#[derive(Debug)]
pub struct NewChanges(pub Changes);

impl FromFields for NewChanges {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let settings = body.optional("settings", |value| match value {
            Value::Object(members) if members.len() <= MOST => Ok(members.into_iter().collect()),
            _ => Err(format!("must be an object of at most {MOST} settings")),
        });
        let ChangedLimits(limits) = ChangedLimits::from_fields(body)?;
        Some(Self(Changes { limits, settings: settings?.unwrap_or_default() }))
    }
}

impl NewChanges {
    /// What the audit is to know of them. None of what may change is a secret.
    pub fn told(&self) -> Told {
        let Changes { limits, settings } = &self.0;
        let limits = ChangedLimits(*limits).told(Told::default());
        settings.iter().fold(limits, |told, (key, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            told.with(key, text.as_str())
        })
    }
}
