//! `exportd export watch`: to its end.

use std::time::Duration;

use clap::Args;
use serde_json::Value;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::asking::Asking;
use super::follow::Follower;
use super::told;
use super::watching;
use crate::cli::client::Client;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::signals::stop_on_signal;
use crate::domain::ExportId;

/// Follow an export until it ends; the exit code tells how
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd export watch 01987b3e-5d1c-7c3a-9f5e-0123456789ab && exportd get 01987b3e-5d1c-7c3a-9f5e-0123456789ab

Exits 0 when it completed, 1 when it failed or was cancelled, 3 when it is not there or has expired, 4 when
it is not yours, 130 on Ctrl-C; the export goes on then. A lost connection is taken up again.
After --give-up-after it exits 1, and the export goes on.")]
pub struct Watch {
    /// The export
    #[arg(value_name = "ID")]
    id: ExportId,
    /// How long it is followed before it is let be [default: until it ends]
    #[arg(long, value_name = "DURATION", value_parser = patience)]
    give_up_after: Option<Duration>,
    #[command(flatten)]
    asking: Asking,
}

impl Watch {
    /// Follows it, and tells what became of it.
    ///
    /// # Errors
    /// When it cannot be followed.
    pub fn run(self) -> Result<Exit, Failure> {
        let (quiet, limit) = (self.asking.quiet, self.give_up_after);
        let export = self.asking.run(async |client| to_its_end(&client, self.id, quiet, limit).await)?;
        tell(&export, &self.asking)?;
        Ok(told::exit_of(&export))
    }
}

/// The export `id` once it has ended, `within` so long if that is told; told along the way unless
/// `quiet`.
///
/// # Errors
/// When it cannot be followed, a signal comes, or the time is over.
pub async fn to_its_end(
    client: &Client,
    id: ExportId,
    quiet: bool,
    within: Option<Duration>,
) -> Result<Value, Failure> {
    let mut watch = watching::Watch::new(quiet);
    let follower = Follower::new(client, id, &mut watch)?;
    let words = |why: &str| format!("{why}; the export goes on\n  exportd export watch {id}");
    let ended = async {
        match within {
            Some(within) => timeout(within, follower.end()).await.ok().transpose(),
            None => follower.end().await.map(Some),
        }
    };
    if let Some(ended) = unless_stopped(ended, &words("interrupted")).await? {
        return Ok(ended);
    }
    watch.end();
    Err(Failure::new(Exit::Failed, words(&format!("given up; the last that was told is: {}", watch.last()))))
}

/// How long somebody is ready to wait.
///
/// # Errors
/// When that is no duration, or none at all.
pub fn patience(text: &str) -> Result<Duration, String> {
    let patience = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if patience.is_zero() { Err("must be more than nothing".to_owned()) } else { Ok(patience) }
}

/// What `work` comes to, unless a signal comes before.
///
/// # Errors
/// As `work` has them; or, after a signal, these words.
pub async fn unless_stopped<T>(
    work: impl Future<Output = Result<T, Failure>>,
    words: &str,
) -> Result<T, Failure> {
    let stop = CancellationToken::new();
    stop_on_signal(stop.clone());
    tokio::select! {
        biased;
        done = work => done,
        () = stop.cancelled() => Err(Failure::new(Exit::Interrupted, words)),
    }
}

/// The export as the result of a command.
///
/// # Errors
/// When standard output cannot be written.
pub fn tell(export: &Value, asking: &Asking) -> Result<(), Failure> {
    match (asking.json, asking.quiet) {
        (true, _) => output::json(export),
        (false, true) => output::result(told::text(export, "id")),
        (false, false) => output::result(told::block(export)),
    }
}
