//! `exportd config`: what is set, where, and whether it can be used.

use clap::{Args, Subcommand};
use serde_json::json;

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::config::{Found, Purpose, SETTINGS, Shown};

/// Show every setting with its origin, or check them all
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = every_setting())]
pub struct Config {
    #[command(subcommand)]
    question: Question,
}

const EXAMPLES: &str = "Examples:
  exportd config show
  EXPORTD__JOBS__CONCURRENCY=4 exportd config show --json
  exportd config check --config /etc/exportd.toml && systemctl restart exportd

`--help` lists every setting.";

#[derive(Debug, Subcommand)]
enum Question {
    /// Every setting: its value and where it was set
    Show {
        #[command(flatten)]
        settings: SettingsArgs,
        /// For programs, with default and meaning
        #[arg(long)]
        json: bool,
    },
    /// Whether `serve` would start: exits 0, or 2 with everything that is wrong
    Check {
        #[command(flatten)]
        settings: SettingsArgs,
        /// For programs: `{ok, faults: [{key, origin, message}]}`
        #[arg(long)]
        json: bool,
    },
}

impl Config {
    /// Answers the question.
    ///
    /// # Errors
    /// All faults of the settings, as wrong use.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.question {
            Question::Show { settings, json } => show(&settings.found(), json),
            Question::Check { settings, json } => check(&settings, json),
        }
    }
}

/// Shows also what is wrong: that is when one wants to see where it comes from.
fn show(found: &Found, json: bool) -> Result<Exit, Failure> {
    let shown = found.shown();
    if json {
        output::json(&shown)?;
    } else {
        let rows: Vec<_> =
            shown.into_iter().map(|line| [line.key.to_owned(), value(&line), line.origin]).collect();
        output::result(output::table(["SETTING", "VALUE", "ORIGIN"], &rows))?;
    }
    found.settings(Purpose::Tool)?;
    Ok(Exit::Done)
}

/// The value, or what having none means.
fn value(line: &Shown) -> String {
    match &line.value {
        Some(value) => value.clone(),
        None if line.origin == "default" => format!("({})", line.default),
        None => "?".to_owned(),
    }
}

fn check(settings: &SettingsArgs, json: bool) -> Result<Exit, Failure> {
    let checked = settings.found().settings(Purpose::Serve);
    if json {
        let faults = checked.err().map_or_else(Vec::new, |faults| faults.0);
        output::json(&json!({"ok": faults.is_empty(), "faults": faults}))?;
        return Ok(if faults.is_empty() { Exit::Done } else { Exit::WrongUse });
    }
    checked?;
    output::note("the settings are right");
    Ok(Exit::Done)
}

/// The settings as `--help` tells them.
fn every_setting() -> String {
    let rows: Vec<_> = SETTINGS
        .iter()
        .map(|setting| {
            [setting.key.to_owned(), setting.preset.words().to_owned(), setting.meaning.to_owned()]
        })
        .collect();
    let (examples, table) = (
        EXAMPLES.trim_end_matches("\n\n`--help` lists every setting."),
        output::table(["SETTING", "DEFAULT", "MEANING"], &rows),
    );
    format!(
        "{examples}\n\nA setting `section.name` is written in the file as `name = …` under `[section]`, in the \
         environment as `EXPORTD__SECTION__NAME`.\nLists take commas. A secret may stand in a file of its own: \
         `auth.jwt.secret_file`, `database.url_file`.\n\n{table}"
    )
}
