//! Settings as `config show` tells them.

use std::path::PathBuf;

use config::ValueKind;
use serde::Serialize;

use super::kind::Kind;
use super::load::Found;
use super::table::{Preset, SETTINGS, Setting};
use crate::config_units::masked_url;

/// One setting, for people and programs. Secrets are masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// `section.name`.
    pub key: &'static str,
    /// As it counts; `None` when unset, or when what is written is wrong.
    pub value: Option<String>,
    /// `default`, `exportd.toml:12`, `EXPORTD__JOBS__LEASE`, `--set`.
    pub origin: String,
    /// What it is when nobody says anything, or what that means.
    pub default: &'static str,
    /// What it does.
    pub meaning: &'static str,
}

impl Found {
    /// Every setting with its value and its origin, in the order people read them.
    pub fn shown(&self) -> Vec<Shown> {
        SETTINGS.iter().map(|setting| self.show(setting)).collect()
    }

    /// How many settings somebody wrote, of how many there are.
    pub fn written(&self) -> (usize, usize) {
        (self.values.0.values().filter(|counts| counts.origin.is_some()).count(), SETTINGS.len())
    }

    /// The files in which secrets stand, each with the setting that it holds one of: those of their
    /// own, and the settings' file itself.
    pub fn secret_files(&self) -> Vec<(&'static str, PathBuf)> {
        let mut files = self.twins.clone();
        for setting in SETTINGS {
            let Some(counts) = self.values.0.get(setting.key) else { continue };
            let is_secret = match (setting.kind, &counts.value) {
                (Kind::Secret(_), Some(_)) => true,
                (Kind::Database, Some(ValueKind::String(url))) => masked_url(url) != *url,
                _ => false,
            };
            // `exportd.toml:12`; a variable and a flag have no line.
            let place = counts.origin.as_deref().filter(|origin| !origin.contains(" (")).and_then(file_of);
            files.extend(place.filter(|_| is_secret).map(|file| (setting.key, file)));
        }
        files
    }

    fn show(&self, setting: &Setting) -> Shown {
        let counts = self.values.0.get(setting.key).expect("every setting was looked for");
        Shown {
            key: setting.key,
            value: counts.value.as_ref().map(|value| display(setting.kind, value)),
            origin: counts.origin.clone().unwrap_or_else(|| "default".to_owned()),
            default: setting.preset.words(),
            meaning: setting.meaning,
        }
    }
}

impl Preset {
    /// The default as a person would write or say it.
    pub const fn words(&self) -> &'static str {
        match self {
            Self::Is(text) | Self::Found(_, text) | Self::Unset(text) => text,
        }
    }
}

/// The file of an origin that has a line.
fn file_of(origin: &str) -> Option<PathBuf> {
    let (file, line) = origin.rsplit_once(':')?;
    line.parse::<u32>().ok().map(|_| file.into())
}

pub(super) fn display(kind: Kind, value: &ValueKind) -> String {
    match (kind, value) {
        (Kind::Secret(_), _) => "***".to_owned(),
        (Kind::Database, ValueKind::String(url)) => masked_url(url),
        (_, ValueKind::Array(items)) if items.is_empty() => "none".to_owned(),
        (_, ValueKind::Array(items)) => {
            items.iter().map(|item| item.kind.to_string()).collect::<Vec<_>>().join(", ")
        }
        (_, value) => value.to_string(),
    }
}
