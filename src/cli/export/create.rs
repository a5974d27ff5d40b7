//! `exportd export create`: asked for, and, where that is wanted, followed and fetched.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Args;
use hyper::header::HeaderName;
use hyper::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::time::sleep;
use uuid::Uuid;

use super::asking::{Asking, id_of};
use super::wanted::WantedArgs;
use super::watch::patience;
use super::{told, watch};
use crate::cli::client::{Client, ClientError, Patience};
use crate::cli::get::{Get, Got};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::server_args::refused;
use crate::clock::Clock;
use crate::domain::human_size;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// How often a server that does not answer is asked again by whoever waits.
const RETRIES: u32 = 12;

/// How long a server may say that it takes nothing just now, where nobody says how long.
const REFUSED_FOR: Duration = Duration::from_secs(3600);

/// Ask for an export; follow and download it, if you like
#[derive(Debug, Args)]
#[command(
    disable_version_flag = true,
    after_help = "Examples:
  exportd export create --project shop --get                      # ask, wait, download, verify
  exportd export create --project shop --version v1.2 --paths 'src/**' --format tar.zst --wait
  exportd export create --report revenue --from 2026-01-01 --to 2026-03-31 --template board --format pdf --get
  exportd export create --dataset orders --param region=eu --format xlsx --get -o orders.xlsx
  exportd export create --kind conversation --selector @which.json --at 2026-11-22T03:00:00Z
  id=$(exportd export create --project shop -q)

The same request again is answered with the export that is there already, and costs nothing;
--fresh has the source as it is now."
)]
pub struct Create {
    #[command(flatten)]
    wanted: WantedArgs,
    /// Follow it to its end; also wait where a limit says to come later
    #[arg(long)]
    wait: bool,
    /// Follow it, and download its package; see `exportd get`
    #[arg(long)]
    get: bool,
    /// Where the package goes; a folder, or `-` for standard output [default: its own name, here]
    #[arg(short = 'o', long = "output", value_name = "FILE", requires = "get")]
    output: Option<PathBuf>,
    /// Write over a file that is something else
    #[arg(long, requires = "get")]
    force: bool,
    /// With --wait or --get: how long, in all, before it is let be [default: 1h of being refused]
    #[arg(long, value_name = "DURATION", value_parser = patience, conflicts_with = "estimate")]
    give_up_after: Option<Duration>,
    /// Only tell what it would be like
    #[arg(long, conflicts_with_all = ["wait", "get"])]
    estimate: bool,
    /// By which the server knows a request that is sent again [default: one of its own]
    #[arg(long, value_name = "KEY", value_parser = key)]
    idempotency_key: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl Create {
    /// Asks for it, and does what else is wanted.
    ///
    /// # Errors
    /// When the server refuses, the export fails, or its package does not get through.
    pub fn run(self) -> Result<Exit, Failure> {
        if self.give_up_after.is_some() && !self.waits() {
            let words = "--give-up-after is about waiting: add --wait or --get";
            return Err(Failure::new(Exit::WrongUse, words));
        }
        let body = self.wanted.body(Clock::system().now())?;
        if self.estimate {
            return self.estimate(body);
        }
        let export = self.asking.run(async |client| self.made(&client, body).await)?;
        let exit = told::exit_of(&export);
        if self.get && exit == Exit::Done {
            return self.fetch(export);
        }
        watch::tell(&export, &self.asking)?;
        Ok(exit)
    }

    /// The export as it was asked for, or as it ended.
    async fn made(&self, client: &Client, body: Value) -> Result<Value, Failure> {
        let began = Instant::now();
        let export = match self.waits() {
            false => self.ask(client, &body).await.map_err(|error| refused(&error))?,
            true => watch::unless_stopped(self.insist(client, &body), "interrupted").await?,
        };
        let was_there = export["deduplicated"] == true;
        self.note(&export, was_there);
        if !self.waits() {
            return Ok(export);
        }
        let left = self.give_up_after.map(|after| after.saturating_sub(began.elapsed()));
        let mut ended = watch::to_its_end(client, id_of(&export)?, self.asking.quiet, left).await?;
        if was_there {
            ended["deduplicated"] = true.into();
        }
        Ok(ended)
    }

    fn waits(&self) -> bool {
        self.wait || self.get
    }

    fn note(&self, export: &Value, was_there: bool) {
        if self.asking.quiet {
            return;
        }
        let id = told::text(export, "id");
        if was_there {
            output::note(format_args!("already there: {id} is {}", told::text(export, "status")));
        } else if self.waits() {
            output::note(format_args!("asked for: {id}"));
        }
    }

    async fn ask(&self, client: &Client, body: &Value) -> Result<Value, ClientError> {
        let key = self.idempotency_key.clone().map(|key| (IDEMPOTENCY_KEY, key));
        let headers: Vec<_> = key.into_iter().collect();
        client.ask(Method::POST, "/api/v1/exports", &headers, body.clone()).await.map(|told| told.body)
    }

    /// Asks until there is an answer that does not pass, whenever the server wants to be asked.
    async fn insist(&self, client: &Client, body: &Value) -> Result<Value, Failure> {
        // After a lost answer, the same key makes it the same request.
        let key = self.idempotency_key.clone().unwrap_or_else(|| Uuid::now_v7().to_string());
        let headers = [(IDEMPOTENCY_KEY, key)];
        let (mut patience, began) = (Patience::new(RETRIES), Instant::now());
        let mut busy = 0;
        loop {
            let error = match client.ask(Method::POST, "/api/v1/exports", &headers, body.clone()).await {
                Ok(told) => return Ok(told.body),
                Err(error) if error.passes() || is_full(&error) => error,
                Err(error) => return Err(refused(&error)),
            };
            // A limit that says when to come again is kept to, however often.
            busy += u64::from(matches!(error, ClientError::Refused { .. }) && error.after().is_some());
            let Some(wait) = patience.failed(busy, error.after()) else { return Err(refused(&error)) };
            self.still(&error, began.elapsed().saturating_add(wait))?;
            if !self.asking.quiet {
                let wait = humantime::format_duration(Duration::from_secs(wait.as_secs()));
                output::note(format_args!("{error}; asking again in {wait}"));
            }
            sleep(wait).await;
        }
    }

    /// Whether it is worth while to wait until `asked_again`, counted from the first try.
    fn still(&self, error: &ClientError, asked_again: Duration) -> Result<(), Failure> {
        let is_refused = matches!(error, ClientError::Refused { status, .. }
            if matches!(status.as_u16(), 429 | 503 | 507));
        let limit = self.give_up_after.or(is_refused.then_some(REFUSED_FOR));
        // A server that says an hour means an hour and not the moment that it took to say so.
        let Some(limit) = limit.filter(|limit| asked_again.as_secs() > limit.as_secs()) else {
            return Ok(());
        };
        let limit = humantime::format_duration(limit);
        let Failure { exit, message } = refused(error);
        Err(Failure::new(
            exit,
            format!("{message}\n  given up, as {limit} is not enough; see --give-up-after"),
        ))
    }

    fn estimate(&self, body: Value) -> Result<Exit, Failure> {
        let estimate = self.asking.ask(Method::POST, "/api/v1/exports/estimate", body)?;
        if self.asking.json {
            output::json(&estimate)?;
        } else {
            let bytes = estimate["bytes"].as_u64().map_or_else(|| "?".to_owned(), human_size);
            output::result(format_args!(
                "files     {}\nbytes     {bytes}\nleft out  {}\nseconds   {}",
                estimate["files"], estimate["excluded"], estimate["estimatedSeconds"]
            ))?;
        }
        Ok(Exit::Done)
    }

    fn fetch(&self, export: Value) -> Result<Exit, Failure> {
        let (quiet, server) = (self.asking.quiet, self.asking.server.clone());
        let got = Get::of_export(id_of(&export)?, self.output.clone(), self.force, quiet, server).fetch()?;
        let is_streamed = self.output.as_ref().is_some_and(|output| output.as_os_str() == "-");
        match (is_streamed, self.asking.json) {
            (false, true) => output::json(&with(export, &got))?,
            (false, false) => output::result(&got)?,
            (true, true) => output::note(with(export, &got)),
            (true, false) if quiet => {}
            (true, false) => output::note(&got),
        }
        Ok(Exit::Done)
    }
}

/// The export, and what came of its download.
fn with(mut export: Value, got: &Got) -> Value {
    export["download"] = json!(got.facts());
    export
}

/// No room just now: somebody else's package may end in a moment.
fn is_full(error: &ClientError) -> bool {
    matches!(error, ClientError::Refused { status: StatusCode::INSUFFICIENT_STORAGE, after: Some(_), .. })
}

fn key(text: &str) -> Result<String, String> {
    let is_key = (1..=255).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_key {
        Ok(text.to_owned())
    } else {
        Err("1 to 255 letters, digits and signs, without spaces".to_owned())
    }
}
