//! The flags of every command that reads the settings.

use std::path::PathBuf;

use clap::Args;

use super::outcome::Failure;
use crate::config::{Found, Purpose, Settings, Sources};

/// Where settings come from, besides the environment.
#[derive(Debug, Clone, Default, Args)]
pub struct SettingsArgs {
    /// The settings' file [default: exportd.toml, if it is there]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Sets one setting, over file and environment; may be repeated
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment, global = true)]
    pub set: Vec<(String, String)>,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("write a setting as KEY=VALUE, like jobs.concurrency=2")?;
    Ok((key.trim().to_owned(), value.to_owned()))
}

impl SettingsArgs {
    /// The settings as they were found, right or wrong.
    pub fn found(&self) -> Found {
        Found::from(&self.sources())
    }

    /// The settings, with warnings told to standard error.
    ///
    /// # Errors
    /// Everything that is wrong with them for `purpose`, as wrong use.
    pub fn settings(&self, purpose: Purpose) -> Result<Settings, Failure> {
        let found = self.found();
        let settings = found.settings(purpose)?;
        Ok(settings)
    }

    fn sources(&self) -> Sources {
        let flag = |(key, value): &(String, String)| (key.clone(), value.clone(), "--set".to_owned());
        Sources {
            file: self.config.clone(),
            environment: std::env::vars_os().collect(),
            flags: self.set.iter().map(flag).collect(),
        }
    }
}
