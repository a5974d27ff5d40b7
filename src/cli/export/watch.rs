//! `exportd export watch`: to its end.

use clap::Args;
use serde_json::Value;
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
it is not yours, 130 on Ctrl-C; the export goes on then. A lost connection is taken up again.")]
pub struct Watch {
    /// The export
    #[arg(value_name = "ID")]
    id: ExportId,
    #[command(flatten)]
    asking: Asking,
}

impl Watch {
    /// Follows it, and tells what became of it.
    ///
    /// # Errors
    /// When it cannot be followed.
    pub fn run(self) -> Result<Exit, Failure> {
        let export = self.asking.run(async |client| to_its_end(&client, self.id, self.asking.quiet).await)?;
        tell(&export, &self.asking)?;
        Ok(told::exit_of(&export))
    }
}

/// The export `id` once it has ended; told along the way unless `quiet`.
///
/// # Errors
/// When it cannot be followed, or a signal comes.
pub async fn to_its_end(client: &Client, id: ExportId, quiet: bool) -> Result<Value, Failure> {
    let mut watch = watching::Watch::new(quiet);
    let follower = Follower::new(client, id, &mut watch)?;
    let words = format!("interrupted; the export goes on\n  exportd export watch {id}");
    unless_stopped(follower.end(), &words).await
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
