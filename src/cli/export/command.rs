//! What can be asked for.

use clap::{Args, Subcommand};

use super::act::{Cancel, Delete, Retry};
use super::create::Create;
use super::links::Links;
use super::list::List;
use super::show::Show;
use super::watch::Watch;
use crate::cli::outcome::{Exit, Failure};

/// Ask a server for exports: create, list, show, watch, cancel, retry, delete, share
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  export EXPORTD_SERVER=https://exports.example EXPORTD_TOKEN=…
  exportd export create --project shop --get
  exportd export list --status queued,processing
  exportd export watch 01987b3e-5d1c-7c3a-9f5e-0123456789ab && echo done

Exit codes of whatever waits for an export: 0 completed, 1 failed or cancelled, 3 not there or expired,
4 not allowed.")]
pub struct Export {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Create(Box<Create>),
    List(List),
    Show(Show),
    Watch(Watch),
    Cancel(Cancel),
    Retry(Retry),
    Delete(Delete),
    Links(Links),
}

impl Export {
    /// Does it.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Create(command) => command.run(),
            What::List(command) => command.run(),
            What::Show(command) => command.run(),
            What::Watch(command) => command.run(),
            What::Cancel(command) => command.run(),
            What::Retry(command) => command.run(),
            What::Delete(command) => command.run(),
            What::Links(command) => command.run(),
        }
    }
}
