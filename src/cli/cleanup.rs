//! `exportd cleanup`: one sweep, now.

use clap::Args;

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::config::Purpose;
use crate::domain::human_size;
use crate::{daemon, telemetry};

/// Sweep once, now: expired packages, orphans, old rows
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd cleanup --config /etc/exportd/exportd.toml
Safe beside a running server: rows decide what may go.")]
pub struct Cleanup {
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Cleanup {
    /// Sweeps, and tells what was done.
    ///
    /// # Errors
    /// When database or storage do not answer.
    pub fn run(self) -> Result<Exit, Failure> {
        let settings = self.settings.settings(Purpose::Tool)?;
        telemetry::init_log(&settings.log);
        let swept = daemon::sweep_once(&settings).map_err(|error| Failure::because(&error))?;
        if self.json {
            output::json(&swept)?;
        } else {
            output::result(format_args!(
                "expired   {}\ndeleted   {}\nfreed     {}\norphans   {}\nold rows  {}\nerrors    {}",
                swept.expired,
                swept.deleted_files,
                human_size(swept.freed_bytes),
                swept.orphans_removed,
                swept.pruned_rows,
                swept.errors
            ))?;
        }
        Ok(if swept.errors == 0 { Exit::Done } else { Exit::Failed })
    }
}
