//! Settings, told and changed while the server runs.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use crate::db::StoreError;
use crate::domain::{Caller, Limit, Limits, PerPolicy, Policy};

use super::limits::{LimitsDesk, LimitsError, ServerLimit};
use super::{DeskParts, SettingOrigin};

/// A setting as it counts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingNow {
    /// `section.name`.
    pub key: &'static str,
    /// As it counts; `None` when unset. Secrets are masked.
    pub value: Option<String>,
    /// Where it is written; `None` when it was changed while the server runs.
    pub origin: Option<SettingOrigin>,
    /// What it is when nobody says anything, or what that means.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
    /// Whether it may change while the server runs.
    pub changes: bool,
}

/// A change that is not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unchanged {
    /// Which setting.
    pub key: String,
    /// Why not, and what to do instead.
    pub why: String,
}

/// The settings of the house; whoever built it brings them.
pub trait Dials: Debug + Send + Sync {
    /// Every setting as it counts now.
    fn settings(&self) -> Vec<SettingNow>;

    /// What users may use after `changes`, if these can be made. Changes nothing.
    ///
    /// # Errors
    /// Every change that cannot be made; then none is.
    fn judge(&self, changes: &BTreeMap<String, Value>) -> Result<Limits, Vec<Unchanged>>;

    /// Makes `changes`, which were judged: from now on, and until the next start.
    fn turn(&self, changes: &BTreeMap<String, Value>);
}

/// What is changed at once.
#[derive(Debug, Clone)]
pub struct Changes {
    /// Limits that are everyone's, by policy.
    pub limits: PerPolicy<Option<Option<Limit>>>,
    /// Settings by their keys.
    pub settings: BTreeMap<String, Value>,
}

impl Changes {
    /// The limits that change, by whichever name they are asked for. `after` has what the settings make of
    /// them.
    fn of_limits(&self, after: &Limits) -> Result<PerPolicy<Option<Option<Limit>>>, SettingsError> {
        let of_settings = PerPolicy::from_fn(|policy: Policy| match self.settings.get(policy.setting()) {
            Some(Value::String(word)) if word == "configured" => Some(None),
            Some(_) => Some(Some(after[policy])),
            None => None,
        });
        let contradiction = |policy: Policy| {
            let (setting, beside) = (of_settings[policy]?, self.limits[policy]?);
            let why = format!("{} here, and {} beside `settings`; say it once", said(setting), said(beside));
            (setting != beside).then(|| Unchanged { key: policy.setting().to_owned(), why })
        };
        let contradictions: Vec<_> = Policy::ALL.into_iter().filter_map(contradiction).collect();
        if !contradictions.is_empty() {
            return Err(SettingsError::Unchanged(contradictions));
        }
        Ok(PerPolicy::from_fn(|policy| of_settings[policy].or(self.limits[policy])))
    }
}

/// A change of a limit, as whoever asked for it may have written it.
fn said(change: Option<Limit>) -> String {
    match change.map(Limit::most) {
        Some(Some(most)) => most.to_string(),
        Some(None) => "null".to_owned(),
        None => "configured".to_owned(),
    }
}

/// Why settings are neither told nor changed.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// They are the operators' affair.
    #[error("only an admin may see or change settings")]
    NotAdmin,
    /// These changes cannot be made; none was.
    #[error("{} of the settings cannot be changed so", .0.len())]
    Unchanged(Vec<Unchanged>),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl From<LimitsError> for SettingsError {
    fn from(error: LimitsError) -> Self {
        match error {
            LimitsError::NotAllowed => Self::NotAdmin,
            LimitsError::Store(error) => Self::Store(error),
        }
    }
}

/// Tells settings, and changes those that may change while the server runs.
#[derive(Debug)]
pub struct SettingsDesk {
    dials: Arc<dyn Dials>,
    limits: LimitsDesk,
}

impl SettingsDesk {
    pub(super) fn new(parts: &DeskParts) -> Self {
        Self { dials: Arc::clone(&parts.dials), limits: LimitsDesk::new(parts) }
    }

    /// Every setting, and the limits that are everyone's, which are kept in rows.
    ///
    /// # Errors
    /// [`SettingsError::NotAdmin`].
    pub async fn show(&self, caller: &Caller) -> Result<(Vec<SettingNow>, Vec<ServerLimit>), SettingsError> {
        let limits = self.limits.everyone_s(caller).await?;
        let mut settings = self.dials.settings();
        for limit in &limits {
            let of_limit = settings.iter_mut().filter(|setting| setting.key == limit.policy.setting());
            // What was set in rows goes before what is written anywhere.
            for setting in of_limit.filter(|_| limit.origin.is_none()) {
                setting.origin = None;
                setting.value = limit.limit.most().map(|most| most.to_string());
            }
        }
        Ok((settings, limits))
    }

    /// Makes all of `changes`, or none. Limits count on every server until they are changed again; other
    /// settings on this one, until its next start.
    ///
    /// # Errors
    /// [`SettingsError::Unchanged`] names every change that cannot be made.
    pub async fn change(&self, caller: &Caller, changes: &Changes) -> Result<(), SettingsError> {
        if !caller.is_admin() {
            return Err(SettingsError::NotAdmin);
        }
        let after = self.dials.judge(&changes.settings).map_err(SettingsError::Unchanged)?;
        let limits = changes.of_limits(&after)?;
        if limits.iter().any(|(_, limit)| limit.is_some()) {
            self.limits.change(caller, &limits).await?;
        }
        let is_limit = |key: &str| Policy::ALL.iter().any(|policy| policy.setting() == key);
        let others: BTreeMap<String, Value> = changes
            .settings
            .iter()
            .filter(|(key, _)| !is_limit(key))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        if !others.is_empty() {
            self.dials.turn(&others);
            let keys: Vec<&str> = others.keys().map(String::as_str).collect();
            tracing::info!(
                by = caller.actor(),
                settings = keys.join(", "),
                "settings changed until the next start"
            );
        }
        Ok(())
    }
}
