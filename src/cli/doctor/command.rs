//! What is looked at, in which order.

use std::fmt;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use super::{clock, database, front, listening, machine, older, secrets, sources, storage};
use crate::cli::finding::{Finding, Verdict};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::settings_args::SettingsArgs;
use crate::config::{Found, Purpose, Settings};

/// Find and explain what usually goes wrong: settings, database, disk, addresses, clock, nginx
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  sudo -u exportd exportd doctor --config /etc/exportd/exportd.toml
  exportd doctor --json | jq '.findings[] | select(.verdict != \"ok\")'

One finding a line: `ok`, a `note` worth knowing, or `WRONG`, with what to do about it. Exits 0, or 1 when
something has to be put right. It changes nothing, and may be run beside a server. Run it as the user that
exportd runs as: what root may, exportd may not.")]
pub struct Doctor {
    /// For programs: `{ok, findings: [{check, verdict, what, next}]}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// One finding, and the room it is about.
#[derive(Debug, Clone, Serialize)]
struct Looked {
    check: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { verdict, what, next } = &self.finding;
        write!(f, "{:6} {:9} {what}", verdict.word(), self.check)?;
        next.iter().try_for_each(|next| write!(f, "\n                 → {next}"))
    }
}

/// A room, and what is looked at in it once the settings are right.
type Room = (&'static str, fn(&Settings) -> Vec<Finding>);

/// A room, and how to look at it.
type Look<'f> = (&'static str, Box<dyn Fn() -> Vec<Finding> + 'f>);

const ROOMS: [Room; 7] = [
    ("database", database::of),
    ("storage", storage::of),
    ("projects", sources::of),
    ("listen", listening::of),
    ("clock", clock::of),
    ("nginx", front::of),
    ("machine", machine::of),
];

impl Doctor {
    /// Looks at everything, and tells it as it is found.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn run(self) -> Result<Exit, Failure> {
        let found = self.settings.found();
        let mut all = Vec::new();
        for (check, look) in &self.looks(&found) {
            for finding in look() {
                let looked = Looked { check, finding };
                if !self.json {
                    output::result(&looked)?;
                }
                all.push(looked);
            }
        }
        let count = |verdict| all.iter().filter(|looked| looked.finding.verdict == verdict).count();
        let (wrong, notes) = (count(Verdict::Wrong), count(Verdict::Note));
        if self.json {
            output::json(&json!({"ok": wrong == 0, "findings": all}))?;
        } else {
            output::note(format_args!("{} looked at: {wrong} wrong, {notes} worth knowing", all.len()));
        }
        Ok(if wrong == 0 { Exit::Done } else { Exit::Failed })
    }

    /// What is to be looked at. Without settings, there is no saying what the rest should be.
    fn looks<'f>(&self, found: &'f Found) -> Vec<Look<'f>> {
        let mut looks: Vec<Look<'f>> = vec![
            ("settings", Box::new(|| settings(found))),
            ("settings", Box::new(|| older::of(std::env::vars_os()))),
            ("secrets", Box::new(|| secrets::files(&found.secret_files()))),
        ];
        let Ok(right) = found.settings(Purpose::Serve) else { return looks };
        let secret = right.jwt.secret.clone();
        looks.push(("secrets", Box::new(move || secrets::guessable(secret.as_ref()))));
        for (check, room) in ROOMS {
            let settings = right.clone();
            looks.push((check, Box::new(move || room(&settings))));
        }
        looks
    }
}

fn settings(found: &Found) -> Vec<Finding> {
    let (written, known) = found.written();
    match found.settings(Purpose::Serve) {
        Ok(_) => vec![Finding::ok(format!("{written} of {known} settings are written, and all are right"))],
        Err(faults) => {
            let wrong = |fault: &crate::config::Fault| {
                let (what, next) = fault.message.split_once("; ").unwrap_or((&fault.message, "put it right"));
                Finding::wrong(format!("{}: {}: {what}", fault.origin, fault.key), next)
            };
            let mut findings: Vec<_> = faults.0.iter().map(wrong).collect();
            let next = "put the settings right, and run this again";
            findings.push(Finding::note("everything that depends on the settings was not looked at", next));
            findings
        }
    }
}
