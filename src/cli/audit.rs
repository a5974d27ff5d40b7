//! `exportd audit`: is the audit what was written?

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::config::Purpose;
use crate::db::{Config, Database, Expected, StoreError, Unbroken, Verified};
use crate::domain::Sha256;
use crate::domain::audit::{Break, Head};
use crate::telemetry::Metrics;

/// Look after the audit: who did what
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd audit verify --config /etc/exportd/exportd.toml
Keep the head that it tells somewhere else, and hold the chain against it the next time:
  exportd audit verify --expect 4711:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
pub struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Verify(Verify),
}

impl Audit {
    /// Does what was asked for.
    ///
    /// # Errors
    /// As that does.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Verify(verify) => verify.run(),
        }
    }
}

/// Walk along the chain and find what was changed, removed, inserted or moved
#[derive(Debug, Args)]
struct Verify {
    /// Begin at this entry rather than at the oldest
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// An entry told by an earlier verification: nothing up to it may have changed since
    #[arg(long, value_name = "SEQ:HASH", value_parser = told)]
    expect: Option<Head>,
    /// The hash of the last entry: nothing may have been added since
    #[arg(long, value_name = "HASH", value_parser = hash)]
    expect_head: Option<Sha256>,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Verify {
    fn run(self) -> Result<Exit, Failure> {
        let config = self.settings.settings(Purpose::Tool)?.database;
        refuse_to_make_one(&config)?;
        let expected = Expected { from: self.from, head: self.expect_head, told: self.expect };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let verified = runtime.block_on(verified(Config { auto_migrate: false, ..config }, &expected));
        let (exit, words, json) = match verified.map_err(|error| Failure::because(&error))? {
            Verified::Unbroken(chain) => (Exit::Done, told_unbroken(&chain), unbroken(&chain)),
            Verified::Broken(found) => (Exit::Damaged, found.to_string(), broken(&found)),
        };
        if self.json {
            output::json(&json)?;
        } else {
            output::result(words)?;
        }
        Ok(exit)
    }
}

async fn verified(config: Config, expected: &Expected) -> Result<Verified, StoreError> {
    let database = Database::open(&config, Metrics::new("cli")).await?;
    let verified = database.audit().verify(expected).await;
    database.close().await;
    verified
}

/// A SQLite database that is not there would be made, and found to be in best order.
fn refuse_to_make_one(config: &Config) -> Result<(), Failure> {
    match config.files().first() {
        Some(file) if !file.exists() => {
            Err(Failure::new(Exit::Missing, format!("there is no database at {}", file.display())))
        }
        _ => Ok(()),
    }
}

fn told_unbroken(chain: &Unbroken) -> String {
    let Unbroken { entries, first_seq, last_seq, first_at, last_at, head } = chain;
    match first_at.zip(*last_at) {
        None => format!("0 entries, unbroken, head {head}"),
        Some((from, to)) => format!(
            "{entries} entries, unbroken, from {first_seq} ({from}) to {last_seq} ({to}), head {head}"
        ),
    }
}

fn unbroken(chain: &Unbroken) -> Value {
    let mut told = serde_json::to_value(chain).expect("its keys are texts");
    told["ok"] = true.into();
    told
}

fn broken(found: &Break) -> Value {
    json!({"ok": false, "seq": found.seq, "what": found.kind.as_str(), "told": found.told})
}

fn told(text: &str) -> Result<Head, String> {
    let (seq, digits) = text.split_once(':').ok_or("write SEQ:HASH, as `exportd audit verify` tells it")?;
    Ok(Head { seq: seq.parse().map_err(|_| "SEQ is the number of an entry")?, hash: hash(digits)? })
}

fn hash(text: &str) -> Result<Sha256, String> {
    text.parse().map_err(str::to_owned)
}
