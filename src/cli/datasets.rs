//! `exportd datasets`: a schema to try data sets out on, and the data sets that are shipped for it.

use clap::{Args, Subcommand};
use serde_json::json;

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::clock::Clock;
use crate::config::Purpose;
use crate::config_units::masked_url;
use crate::datasets::reference::{self, ReferenceError, Seed, Seeded};
use crate::datasets::{DataSets, Finding, Severity};
use crate::domain::UserId;

/// Try data sets out: a schema with sample rows, and a `datasets.toml` for it
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd datasets reference --url sqlite://app.db --demo
  exportd datasets example --url sqlite://app.db > datasets.toml
The tables are described in docs/reference-schema.md, the file in docs/datasets.md.")]
pub struct Datasets {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Reference(Reference),
    Example(Example),
    Check(Check),
}

impl Datasets {
    /// Does what was asked for.
    ///
    /// # Errors
    /// When the address is no database's, or the database refuses.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.what {
            What::Reference(command) => command.run(),
            What::Example(command) => command.run(),
            What::Check(command) => command.run(),
        }
    }
}

/// Whether the sources have what the settings' data sets declare: exits 0, or 1 with all that is wrong
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd datasets check --config /etc/exportd.toml
It asks every source for every query's columns, with and without its optional clauses, and reads no
rows. A server that does not answer is told, and is no fault: `serve` starts without it. A file of SQLite
that is not there is one.")]
struct Check {
    #[command(flatten)]
    settings: SettingsArgs,
    /// For programs
    #[arg(long)]
    json: bool,
}

impl Check {
    fn run(&self) -> Result<Exit, Failure> {
        let settings = self.settings.settings(Purpose::Tool)?;
        let sets = DataSets::open(&settings.datasets)
            .map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let findings = runtime.block_on(sets.check());
        let faults = findings.iter().filter(|finding| finding.severity != Severity::Warning).count();
        if self.json {
            let told: Vec<_> = findings.iter().map(told).collect();
            output::json(&json!({"dataSets": sets.all().count(), "findings": told}))?;
        } else {
            for finding in &findings {
                output::result(finding)?;
            }
        }
        let (count, few) = (sets.all().count(), findings.len() - faults);
        match (faults, few) {
            (0, 0) if count == 1 => output::note("1 data set is what its source has"),
            (0, 0) => output::note(format!("{count} data sets are what their sources have")),
            (0, _) => {
                output::note(format!("{few} of {} could not be looked at", amount(count, "data set")));
            }
            _ => {
                let (faults, sets) = (amount(faults, "fault"), amount(count, "data set"));
                return Err(Failure::new(Exit::Failed, format!("{faults} in {sets}")));
            }
        }
        Ok(Exit::Done)
    }
}

/// `count` of what one is called `one`.
fn amount(count: usize, one: &str) -> String {
    format!("{count} {one}{}", if count == 1 { "" } else { "s" })
}

fn told(finding: &Finding) -> serde_json::Value {
    let severity = match finding.severity {
        Severity::Fault | Severity::Absent => "fault",
        Severity::Warning => "warning",
    };
    json!({
        "dataSet": finding.data_set, "query": finding.query, "severity": severity, "message": finding.message,
    })
}

/// Create the reference schema in a database of yours, and fill it
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd datasets reference --url postgres://app@localhost/app --seed-users 1000
An address with a password is better given in EXPORTD_DATASETS_URL: other users of this machine see
arguments. Rows are only made up for a schema that has none.")]
struct Reference {
    /// Where: sqlite://FILE, postgres://… or mysql://…
    #[arg(long, value_name = "URL", env = "EXPORTD_DATASETS_URL", hide_env_values = true)]
    url: String,
    /// Make up so many users, with ten conversations each
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    seed_users: Option<u32>,
    /// Make up a dozen users with three thousand conversations, most of them one user's
    #[arg(long, conflicts_with = "seed_users")]
    demo: bool,
    /// Who that user is
    #[arg(long, value_name = "ID", default_value = "demo")]
    user: UserId,
    /// Take the schema back, with everything that its tables hold
    #[arg(long, conflicts_with_all = ["seed_users", "demo"])]
    down: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
}

impl Reference {
    fn run(self) -> Result<Exit, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let seeded = runtime.block_on(self.work())?;
        if self.json {
            let schema = if self.down { "down" } else { "up" };
            output::json(&json!({"url": masked_url(&self.url), "schema": schema, "seeded": seeded}))?;
            return Ok(Exit::Done);
        }
        match seeded {
            Some(seeded) => output::result(output::table(["TABLE", "ROWS"], &rows(seeded)))?,
            None if self.down => output::result("the reference schema is gone")?,
            None => output::result("the reference schema is there")?,
        }
        Ok(Exit::Done)
    }

    async fn work(&self) -> Result<Option<Seeded>, ReferenceError> {
        if self.down {
            reference::down(&self.url).await?;
            return Ok(None);
        }
        reference::up(&self.url).await?;
        let Some(seed) = self.seed() else { return Ok(None) };
        reference::seed(&self.url, &seed).await.map(Some)
    }

    fn seed(&self) -> Option<Seed> {
        let (first, now) = (self.user.clone(), Clock::system().now());
        if self.demo {
            return Some(Seed::demo(first, now));
        }
        self.seed_users.map(|users| Seed::of_users(users, first, now))
    }
}

/// Print the `datasets.toml` that is shipped for the reference schema
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd datasets example --url postgres://exporter@localhost/app > datasets.toml
An address with a password is not written into it: the file then says where to put it.")]
struct Example {
    /// Where the schema is; it also says whose SQL is written
    #[arg(
        long,
        value_name = "URL",
        env = "EXPORTD_DATASETS_URL",
        hide_env_values = true,
        default_value = "sqlite://app.db"
    )]
    url: String,
}

impl Example {
    fn run(self) -> Result<Exit, Failure> {
        output::result(reference::example(&self.url)?.trim_end())?;
        Ok(Exit::Done)
    }
}

fn rows(seeded: Seeded) -> Vec<[String; 2]> {
    let counts = [
        ("users", seeded.users),
        ("files", seeded.files),
        ("widget_sessions", seeded.widget_sessions),
        ("conversations", seeded.conversations),
        ("messages", seeded.messages),
        ("feedback", seeded.feedback),
        ("events", seeded.events),
        ("traces", seeded.traces),
    ];
    counts.into_iter().map(|(table, rows)| [table.to_owned(), rows.to_string()]).collect()
}

impl From<ReferenceError> for Failure {
    fn from(error: ReferenceError) -> Self {
        let exit = match error {
            ReferenceError::UnknownKind => Exit::WrongUse,
            ReferenceError::NotEmpty(_) | ReferenceError::Database(_) => Exit::Failed,
        };
        Self::new(exit, error.to_string())
    }
}
