//! What is asked for on the command line.

use clap::{Args, Subcommand};

use super::check::{self, Checking};
use super::front::FrontArgs;
use super::{program, text};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::settings_args::SettingsArgs;
use crate::config::Purpose;

/// Write nginx's configuration from the settings, or check that nginx and exportd fit together
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  exportd nginx print --server-name exports.example.com \\
      --tls-certificate /etc/ssl/exports.pem --tls-key /etc/ssl/exports.key > /etc/nginx/conf.d/exportd.conf
  exportd nginx check --tls-certificate /etc/ssl/exports.pem --tls-key /etc/ssl/exports.key
  exportd nginx print --complete /tmp/front --listen 127.0.0.1:8081 --plain > /tmp/front/nginx.conf")]
pub struct Nginx {
    #[command(subcommand)]
    question: Question,
}

#[derive(Debug, Subcommand)]
enum Question {
    /// Write the configuration, to be read inside nginx's http { }
    #[command(after_help = "Example:
  exportd nginx print --config /etc/exportd/exportd.toml > /etc/nginx/conf.d/exportd.conf")]
    Print {
        #[command(flatten)]
        front: FrontArgs,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Try the configuration with the nginx of this machine, and everything it relies on
    #[command(after_help = "Example:
  sudo exportd nginx check --config /etc/exportd/exportd.toml
Exits 0, or 1 when something has to be put right; it changes nothing. As root it sees most.")]
    Check {
        #[command(flatten)]
        front: FrontArgs,
        #[command(flatten)]
        checking: Checking,
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

impl Nginx {
    /// Writes it, or checks it.
    ///
    /// # Errors
    /// When the settings are wrong, or cannot be written down for nginx.
    pub fn run(self) -> Result<Exit, Failure> {
        match self.question {
            Question::Print { front, settings } => print(&front, &settings),
            Question::Check { front, checking, settings } => {
                check::run(&front, &checking, &settings.settings(Purpose::Tool)?)
            }
        }
    }
}

fn print(front: &FrontArgs, settings: &SettingsArgs) -> Result<Exit, Failure> {
    let settings = settings.settings(Purpose::Tool)?;
    let is_modern = program::find(None)
        .and_then(|nginx| program::version(&nginx))
        .is_some_and(program::has_http2_directive);
    let front = front.of(&settings, is_modern)?;
    output::result(text::written(&front).trim_end())?;
    Ok(Exit::Done)
}
