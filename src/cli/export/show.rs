//! `exportd export show`: one of them.

use clap::Args;
use hyper::Method;
use serde_json::Value;

use super::asking::{Asking, path_of};
use super::{told, watch};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::domain::{ExportId, human_size};

/// Show an export; or its log, its downloads, or what is in its package
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd export show 01987b3e-5d1c-7c3a-9f5e-0123456789ab
  exportd export show 01987b3e-5d1c-7c3a-9f5e-0123456789ab --log
  exportd export show 01987b3e-5d1c-7c3a-9f5e-0123456789ab --manifest --json | jq '.excluded'")]
pub struct Show {
    /// The export
    #[arg(value_name = "ID")]
    id: ExportId,
    /// What happened to it
    #[arg(long, group = "what")]
    log: bool,
    /// Who downloaded it
    #[arg(long, group = "what")]
    downloads: bool,
    /// What is in its package, and what was left out
    #[arg(long, group = "what")]
    manifest: bool,
    #[command(flatten)]
    asking: Asking,
}

impl Show {
    /// Shows it.
    ///
    /// # Errors
    /// When it is not there, or not for the caller.
    pub fn run(self) -> Result<Exit, Failure> {
        let asked =
            |more: &str| self.asking.ask(Method::GET, &format!("{}{more}", path_of(self.id)), Value::Null);
        let (answer, words): (Value, fn(&Value) -> String) = match (self.log, self.downloads, self.manifest) {
            (true, _, _) => (asked("/log")?, log),
            (_, true, _) => (asked("/downloads?limit=200")?, downloads),
            (_, _, true) => (asked("/manifest")?, manifest),
            _ => {
                watch::tell(&asked("")?, &self.asking)?;
                return Ok(Exit::Done);
            }
        };
        if self.asking.json {
            output::json(&answer)?;
        } else {
            output::result(words(&answer))?;
        }
        Ok(Exit::Done)
    }
}

fn items<'v>(answer: &'v Value, member: &str) -> &'v [Value] {
    answer[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn log(answer: &Value) -> String {
    let row = |line: &Value| {
        let words = ["event", "status", "message"].map(|member| told::text(line, member).into_owned());
        let [event, status, message] = words;
        [told::instant(line, "at"), event, status, message]
    };
    let rows: Vec<_> = items(answer, "items").iter().map(row).collect();
    output::table(["AT", "EVENT", "STATUS", "MESSAGE"], &rows)
}

fn downloads(answer: &Value) -> String {
    let row = |download: &Value| {
        let who = match download["userId"].is_string() {
            true => told::text(download, "userId").into_owned(),
            false => "by a link".to_owned(),
        };
        let is_whole = download["complete"].as_bool().unwrap_or(false);
        [
            told::instant(download, "startedAt"),
            who,
            told::text(download, "address").into_owned(),
            told::size(download, "bytes"),
            if is_whole { "yes" } else { "no" }.to_owned(),
            told::text(download, "userAgent").into_owned(),
        ]
    };
    let rows: Vec<_> = items(answer, "items").iter().map(row).collect();
    output::table(["AT", "WHO", "FROM", "SENT", "WHOLE", "PROGRAM"], &rows)
}

fn manifest(answer: &Value) -> String {
    let row = |entry: &Value| {
        let digest: String = told::text(entry, "sha256").chars().take(12).collect();
        [told::size(entry, "size"), digest, told::text(entry, "path").into_owned()]
    };
    let rows: Vec<_> = items(answer, "entries").iter().map(row).collect();
    let mut lines = vec![output::table(["SIZE", "SHA-256", "PATH"], &rows)];
    let left_out = items(answer, "excluded");
    if !left_out.is_empty() {
        let row = |entry: &Value| ["reason", "path"].map(|member| told::text(entry, member).into_owned());
        let rows: Vec<_> = left_out.iter().map(row).collect();
        lines.push(String::new());
        lines.push(output::table(["LEFT OUT", "PATH"], &rows));
    }
    let bytes: u64 = items(answer, "entries").iter().filter_map(|entry| entry["size"].as_u64()).sum();
    lines.push(format!("\n{} entries of {}, {} left out", rows.len(), human_size(bytes), left_out.len()));
    lines.join("\n")
}
