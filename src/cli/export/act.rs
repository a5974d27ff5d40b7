//! `exportd export cancel`, `retry` and `delete`.

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::asking::{Asking, id_of, path_of};
use super::{told, watch};
use crate::cli::client::{Client, ClientError};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::plain::plain;
use crate::cli::server_args::refused;
use crate::domain::ExportId;

/// Cancel exports that are waiting or under way
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd export cancel 01987b3e-5d1c-7c3a-9f5e-0123456789ab
  exportd export list --status queued -q | xargs exportd export cancel")]
pub struct Cancel {
    /// Which
    #[arg(value_name = "ID", required = true)]
    ids: Vec<ExportId>,
    #[command(flatten)]
    asking: Asking,
}

/// Ask once more for an export that failed, was cancelled or has expired
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd export retry 01987b3e-5d1c-7c3a-9f5e-0123456789ab --wait
The new export has an id of its own.")]
pub struct Retry {
    /// Which
    #[arg(value_name = "ID")]
    id: ExportId,
    /// Follow the new one to its end
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    asking: Asking,
}

/// Delete the packages of exports, now
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd export delete 01987b3e-5d1c-7c3a-9f5e-0123456789ab
What was asked for stays on record, and can be asked for again: exportd export retry.")]
pub struct Delete {
    /// Which
    #[arg(value_name = "ID", required = true)]
    ids: Vec<ExportId>,
    #[command(flatten)]
    asking: Asking,
}

impl Cancel {
    /// Cancels them.
    ///
    /// # Errors
    /// When the server does not answer; what it refuses is told, and is the exit code.
    pub fn run(self) -> Result<Exit, Failure> {
        each(&self.asking, &self.ids, async |client, id| {
            client.json(Method::POST, &format!("{}/cancel", path_of(id)), Value::Null).await
        })
    }
}

impl Delete {
    /// Deletes them.
    ///
    /// # Errors
    /// As [`Cancel::run`].
    pub fn run(self) -> Result<Exit, Failure> {
        each(&self.asking, &self.ids, async |client, id| {
            client.json(Method::DELETE, &path_of(id), Value::Null).await
        })
    }
}

impl Retry {
    /// Asks for it again.
    ///
    /// # Errors
    /// When the server refuses, or the new one cannot be followed.
    pub fn run(self) -> Result<Exit, Failure> {
        let export = self.asking.run(async |client| {
            let path = format!("{}/retry", path_of(self.id));
            let export =
                client.json(Method::POST, &path, Value::Null).await.map_err(|error| refused(&error))?;
            match self.wait {
                true => watch::to_its_end(&client, id_of(&export)?, self.asking.quiet, None).await,
                false => Ok(export),
            }
        })?;
        watch::tell(&export, &self.asking)?;
        Ok(told::exit_of(&export))
    }
}

/// Does something to each, tells what became of it, and ends as the first that did not work.
fn each(
    asking: &Asking,
    ids: &[ExportId],
    act: impl AsyncFn(&Client, ExportId) -> Result<Value, ClientError>,
) -> Result<Exit, Failure> {
    let done = asking.run(async |client| {
        let mut done = Vec::new();
        for id in ids {
            let answer = act(&client, *id).await;
            let is_away = matches!(answer, Err(ClientError::Unreachable { .. }));
            done.push((*id, answer.map_err(|error| refused(&error))));
            if is_away {
                break;
            }
        }
        Ok(done)
    })?;
    if asking.json {
        let told = done.iter().map(|(id, answer)| match answer {
            Ok(export) => json!({"id": id.to_string(), "done": true, "export": export, "error": null}),
            Err(failure) => {
                json!({"id": id.to_string(), "done": false, "export": null, "error": failure.message})
            }
        });
        output::json(&json!({"items": told.collect::<Vec<_>>()}))?;
    }
    let mut exit = Exit::Done;
    for (id, answer) in &done {
        match answer {
            Ok(export) if !asking.json && !asking.quiet => {
                let status = export["status"].as_str().map_or("deleted".into(), plain);
                output::result(format_args!("{id}  {status}"))?;
            }
            Ok(_) => {}
            Err(failure) => {
                exit = if exit == Exit::Done { failure.exit } else { exit };
                output::note(format_args!("exportd: {id}: {failure}"));
            }
        }
    }
    Ok(exit)
}
