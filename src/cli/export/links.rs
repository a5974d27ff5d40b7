//! `exportd export links`: addresses to give away.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use hyper::Method;
use serde_json::{Map, Value, json};

use super::asking::{Asking, path_of};
use super::told;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::plain::plain_path;
use crate::domain::{ExportId, LinkId};

/// Make links to a package, list and revoke them
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd export links make 01987b3e-5d1c-7c3a-9f5e-0123456789ab --expires-in 1d --max-downloads 3
  exportd export links list 01987b3e-5d1c-7c3a-9f5e-0123456789ab
Whoever has a link's address may download the package; `curl -OJ` and `exportd get` take it.")]
pub struct Links {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make one: its address, which is told this once, alone on standard output
    Make {
        /// The export
        #[arg(value_name = "ID")]
        id: ExportId,
        /// For how long [default: as long as the package is kept]
        #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
        expires_in: Option<Duration>,
        /// So many downloads [default: any number]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
        max_downloads: Option<u64>,
        /// A file with a password on its first line, which the link then asks for
        #[arg(long, value_name = "FILE")]
        password_file: Option<PathBuf>,
        #[command(flatten)]
        asking: Asking,
    },
    /// The links of an export, without their addresses
    List {
        /// The export
        #[arg(value_name = "ID")]
        id: ExportId,
        #[command(flatten)]
        asking: Asking,
    },
    /// Take one back; it lets nobody in from now on
    Revoke {
        /// The export
        #[arg(value_name = "ID")]
        id: ExportId,
        /// The link
        #[arg(value_name = "LINK")]
        link: LinkId,
        #[command(flatten)]
        asking: Asking,
    },
}

impl Links {
    /// Does it.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Make { id, expires_in, max_downloads, password_file, asking } => {
                let wanted = wanted(expires_in, max_downloads, password_file)?;
                let link = asking.ask(Method::POST, &path(id), wanted)?;
                if asking.json { output::json(&link)? } else { output::result(told::text(&link, "url"))? }
            }
            What::List { id, asking } => {
                let links = asking.ask(Method::GET, &path(id), Value::Null)?;
                if asking.json { output::json(&links)? } else { output::result(table(&links))? }
            }
            What::Revoke { id, link, asking } => {
                asking.ask(Method::DELETE, &format!("{}/{link}", path(id)), Value::Null)?;
                match asking.json {
                    true => output::json(&json!({"id": link.to_string(), "revoked": true}))?,
                    false => output::result(format_args!("{link}  revoked"))?,
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn path(id: ExportId) -> String {
    format!("{}/links", path_of(id))
}

fn wanted(
    expires_in: Option<Duration>,
    max_downloads: Option<u64>,
    password_file: Option<PathBuf>,
) -> Result<Value, Failure> {
    let mut wanted = Map::new();
    wanted.extend(expires_in.map(|lifetime| ("expiresInSeconds".to_owned(), lifetime.as_secs().into())));
    wanted.extend(max_downloads.map(|most| ("maxDownloads".to_owned(), most.into())));
    if let Some(file) = password_file {
        let text = std::fs::read_to_string(&file).map_err(|error| {
            Failure::new(Exit::WrongUse, format!("{} cannot be read: {error}", plain_path(&file)))
        })?;
        wanted.insert("password".to_owned(), text.lines().next().unwrap_or_default().into());
    }
    Ok(Value::Object(wanted))
}

fn table(links: &Value) -> String {
    let row = |link: &Value| {
        let most = link["maxDownloads"].as_u64().map_or_else(String::new, |most| format!(" of {most}"));
        let state = if link["revokedAt"].is_string() { "revoked" } else { "open" };
        [
            told::text(link, "id").into_owned(),
            state.to_owned(),
            told::instant(link, "expiresAt"),
            format!("{}{most}", link["downloads"]),
            if link["hasPassword"].as_bool().unwrap_or(false) { "yes" } else { "no" }.to_owned(),
        ]
    };
    let rows: Vec<_> =
        links["items"].as_array().map(Vec::as_slice).unwrap_or_default().iter().map(row).collect();
    output::table(["ID", "STATE", "EXPIRES", "DOWNLOADS", "PASSWORD"], &rows)
}
