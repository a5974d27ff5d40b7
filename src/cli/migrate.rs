//! `exportd migrate`: the schema, up, down, or as it is.

use clap::{Args, Subcommand};

use super::outcome::{Exit, Failure};
use super::output;
use super::settings_args::SettingsArgs;
use crate::config::Purpose;
use crate::db::{Config, Database, MigrationState, StoreError};
use crate::telemetry::Metrics;

/// Bring the database's schema up to date, take it back, or show it
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd migrate status --set database.url=postgres://exportd@localhost/exportd
`down` deletes what the tables of that migration hold: make a backup first.")]
pub struct Migrate {
    #[command(subcommand)]
    direction: Direction,
    /// Tell the result as JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Apply every migration that is missing
    Up,
    /// Take back the last migrations, with what their tables hold
    Down {
        /// How many
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show which are applied
    Status,
}

impl Migrate {
    /// Migrates, and shows where that led.
    ///
    /// # Errors
    /// When the database does not answer, or is a newer version's.
    pub fn run(self) -> Result<Exit, Failure> {
        let config = self.settings.settings(Purpose::Tool)?.database;
        if !matches!(self.direction, Direction::Up) {
            refuse_to_make_one(&config)?;
        }
        // A database that is made now is nobody else's to read, as one that `serve` makes.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o027));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shown = runtime.block_on(async {
            let database = Database::as_owner(&config, Metrics::new("cli")).await?;
            match self.direction {
                Direction::Up => database.bring_up(&config).await?,
                Direction::Down { steps } => database.migrate_down(steps).await?,
                Direction::Status => {}
            }
            let migrations = database.migrations().await?;
            database.close().await;
            Ok::<_, StoreError>(migrations)
        });
        let migrations = shown.map_err(|error| Failure::because(&error))?;
        if self.json {
            let facts = |migration: &MigrationState| serde_json::json!({"name": migration.name, "applied": migration.applied});
            output::json(&migrations.iter().map(facts).collect::<Vec<_>>())?;
        } else {
            let row = |migration: MigrationState| {
                [if migration.applied { "applied" } else { "missing" }.to_owned(), migration.name]
            };
            let rows: Vec<_> = migrations.into_iter().map(row).collect();
            output::result(output::table(["STATE", "MIGRATION"], &rows))?;
        }
        Ok(Exit::Done)
    }
}

/// A SQLite database that is not there would be made by whoever opens it.
fn refuse_to_make_one(config: &Config) -> Result<(), Failure> {
    match config.files().first() {
        Some(file) if !file.exists() => {
            let what = format!("there is no database at {}; `exportd migrate up` makes it", file.display());
            Err(Failure::new(Exit::Failed, what))
        }
        _ => Ok(()),
    }
}
