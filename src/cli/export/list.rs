//! `exportd export list`: which there are.

use clap::Args;
use hyper::Method;
use serde_json::{Value, json};

use super::asking::{Asking, with_query};
use super::told;
use crate::cli::client::Client;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::plain::plain;
use crate::cli::server_args::refused;

/// The largest page that a server gives.
const PAGE: u64 = 200;

/// List exports, newest first
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd export list --status queued,processing
  exportd export list --project shop --all --json | jq -r '.items[].id'
  exportd export list --search invoice -q                # ids alone")]
pub struct List {
    /// Only those of these statuses, separated by commas
    #[arg(long, value_name = "STATUS,…")]
    status: Option<String>,
    /// Only those of this kind
    #[arg(long)]
    kind: Option<String>,
    /// Only those of this format
    #[arg(long)]
    format: Option<String>,
    /// Only those of this project
    #[arg(long, value_name = "ID")]
    project: Option<String>,
    /// Only those with this in their file name, project, version or at the beginning of their id
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,
    /// Only those asked for after this instant: 2026-11-20T15:00:00Z
    #[arg(long, value_name = "INSTANT")]
    created_after: Option<String>,
    /// Only those asked for before this instant
    #[arg(long, value_name = "INSTANT")]
    created_before: Option<String>,
    /// Only this user's; for admins
    #[arg(long, value_name = "ID")]
    user: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// All there are
    #[arg(long, conflicts_with_all = ["limit", "cursor"])]
    all: bool,
    /// Go on from `nextCursor` of an earlier list
    #[arg(long, value_name = "CURSOR")]
    cursor: Option<String>,
    #[command(flatten)]
    asking: Asking,
}

impl List {
    /// Lists them.
    ///
    /// # Errors
    /// When the server does not answer, or refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        let (items, next) = self.asking.run(async |client| self.pages(&client).await)?;
        if self.asking.json {
            output::json(&json!({"items": items, "nextCursor": next}))?;
        } else if self.asking.quiet {
            items.iter().try_for_each(|export| output::result(told::text(export, "id")))?;
        } else {
            let rows: Vec<_> = items.iter().map(row).collect();
            output::result(output::table(["ID", "STATUS", "WHAT", "FORMAT", "SIZE", "CREATED"], &rows))?;
            if let Some(next) = next.as_str() {
                output::note(format_args!("there are more: --all, or --cursor {}", plain(next)));
            }
        }
        Ok(Exit::Done)
    }

    async fn pages(&self, client: &Client) -> Result<(Vec<Value>, Value), Failure> {
        let mut left = if self.all { u64::MAX } else { self.limit };
        let (mut items, mut cursor) = (Vec::new(), self.cursor.clone());
        loop {
            let path = with_query("/api/v1/exports", &self.query(left.min(PAGE), cursor));
            let page = client.json(Method::GET, &path, Value::Null).await.map_err(|error| refused(&error))?;
            let more = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
            items.extend(more.iter().cloned());
            left = left.saturating_sub(more.len() as u64);
            cursor = page["nextCursor"].as_str().map(ToOwned::to_owned);
            // A page without items that has a next one would never end.
            if cursor.is_none() || left == 0 || more.is_empty() {
                return Ok((items, page["nextCursor"].clone()));
            }
        }
    }

    fn query(&self, limit: u64, cursor: Option<String>) -> Vec<(&'static str, String)> {
        let filters = [
            ("status", self.status.clone()),
            ("kind", self.kind.clone()),
            ("format", self.format.clone()),
            ("projectId", self.project.clone()),
            ("q", self.search.clone()),
            ("createdAfter", self.created_after.clone()),
            ("createdBefore", self.created_before.clone()),
            ("userId", self.user.clone()),
            ("limit", Some(limit.to_string())),
            ("cursor", cursor),
        ];
        filters.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

fn row(export: &Value) -> [String; 6] {
    let status = match export["progress"]["percent"].as_u64() {
        Some(percent) if export["status"] == "processing" => format!("processing {percent} %"),
        _ => told::text(export, "status").into_owned(),
    };
    [
        told::text(export, "id").into_owned(),
        status,
        told::what(export),
        told::text(export, "format").into_owned(),
        told::size(export, "fileSize"),
        told::instant(export, "createdAt"),
    ]
}
