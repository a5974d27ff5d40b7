//! The log: pretty for a person at a terminal, JSON for everything else.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, reload};

/// `log.*` of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// How lines look.
    pub format: LogFormat,
    /// A level (`info`) or a filter (`info,exportd::jobs=debug`).
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        Self { format: LogFormat::Auto, level: "info".to_owned() }
    }
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// `pretty` on a terminal, `json` elsewhere.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
}

impl LogConfig {
    /// The filter that `level` describes.
    ///
    /// # Errors
    /// What is wrong with `level`.
    pub fn filter(&self) -> Result<EnvFilter, String> {
        EnvFilter::try_new(&self.level).map_err(|error| error.to_string())
    }
}

/// Lets a log that goes on through another filter.
type Refilter = Box<dyn Fn(EnvFilter) -> Result<(), reload::Error> + Send + Sync>;

/// Of this process' log. A process logs once, whatever houses are open in it: like the log itself, this
/// belongs to none of them.
static REFILTER: OnceLock<Refilter> = OnceLock::new();

/// Starts logging to standard error; standard output belongs to results. A process logs once:
/// a second call changes nothing.
pub fn init(config: &LogConfig) {
    let filter = config.filter().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let json = match config.format {
        LogFormat::Auto => !std::io::stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Pretty => false,
    };
    let refilter: Refilter = if json {
        let lines = lines.json().flatten_event(true).with_filter_reloading();
        let handle = lines.reload_handle();
        let _already_logging = lines.try_init();
        Box::new(move |filter| handle.reload(filter))
    } else {
        let lines = lines.with_filter_reloading();
        let handle = lines.reload_handle();
        let _already_logging = lines.try_init();
        Box::new(move |filter| handle.reload(filter))
    };
    let _already_logging = REFILTER.set(refilter);
}

/// From now on the log has what `config.level` lets through. A process that does not log stays silent.
pub fn filter_log(config: &LogConfig) {
    let (Some(refilter), Ok(filter)) = (REFILTER.get(), config.filter()) else { return };
    if let Err(error) = refilter(filter) {
        tracing::warn!(%error, "the log goes on as it was");
    }
}

/// A duration as the log tells it: a number of whole milliseconds.
pub fn whole_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
