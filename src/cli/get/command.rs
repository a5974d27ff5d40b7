//! `exportd get`: what can be said on the command line.

use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::address::Address;
use super::download::{Download, Got, Wanted};
use super::effort::Effort;
use super::fault::GetError;
use super::pace::Pace;
use super::progress::Progress;
use super::source::Source;
use crate::cli::client::Wire;
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::cli::plain::plain_path;
use crate::cli::server_args::ServerArgs;
use crate::cli::signals::stop_on_signal;
use crate::domain::ExportId;
use crate::security::Secret;

const PASSWORD: &str = "EXPORTD_LINK_PASSWORD";
const CONNECTIONS: u16 = 4;
const RETRIES: u32 = 10;
const SILENCE: Duration = Duration::from_secs(60);

/// Download a package: in ranges, resumed, retried, verified, whole or not at all
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd get 01987b3e-5d1c-7c3a-9f5e-0123456789ab --server https://exports.example
  exportd get https://exports.example/d/TOKEN -o shop.zip --connections 8
  exportd get https://exports.example/d/TOKEN -o - | tar -xz

What came is kept in FILE.part (and FILE.part.json) until it is whole and its SHA-256 is the promised
one; after any interruption the same command goes on from there. The token is sent to --server only.")]
pub struct Get {
    /// An export of the server; or the address of a package or of a link
    #[arg(value_name = "ID|URL")]
    what: String,
    /// Where to; a folder, or `-` for standard output [default: the server's name for it, here]
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: Option<PathBuf>,
    /// How many connections share the work
    #[arg(long, value_name = "N", default_value_t = CONNECTIONS, value_parser = clap::value_parser!(u16).range(1..=32))]
    connections: u16,
    /// At most so many bytes a second, all connections together: 2MiB
    #[arg(long, value_name = "RATE", value_parser = rate)]
    limit_rate: Option<ByteSize>,
    /// How many failures in a row are borne
    #[arg(long, value_name = "N", default_value_t = RETRIES)]
    retries: u32,
    /// How long silence is borne before a connection counts as broken
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = silence)]
    timeout: Duration,
    /// Fail, rather than wait, while the package is still being made
    #[arg(long)]
    no_wait: bool,
    /// Write over a file that is something else
    #[arg(long)]
    force: bool,
    /// A file with the link's password on its first line [or: EXPORTD_LINK_PASSWORD]
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    /// Say nothing but the result and what went wrong
    #[arg(short = 'q', long)]
    quiet: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Get {
    /// Downloads, and tells what came.
    ///
    /// # Errors
    /// When there is no package, or none that may be had, or it does not get through.
    pub fn run(self) -> Result<Exit, Failure> {
        let got = self.fetch()?;
        match (self.is_streamed(), self.json) {
            (false, true) => output::json(&got.facts())?,
            (false, false) => output::result(&got)?,
            (true, true) => output::note(got.facts()),
            (true, false) if self.quiet => {}
            (true, false) => output::note(&got),
        }
        Ok(Exit::Done)
    }

    /// Downloads, and tells nobody what came.
    ///
    /// # Errors
    /// As [`Get::run`].
    pub fn fetch(&self) -> Result<Got, Failure> {
        let address = self.address()?;
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let got = runtime.block_on(async {
            let stop = CancellationToken::new();
            stop_on_signal(stop.clone());
            let wire = Wire::to(address.origin(), self.timeout).map_err(GetError::from)?;
            let pace = Pace::new(self.limit_rate.map(|rate| rate.as_u64()));
            let source = Source::new(address, wire);
            let effort = Effort::new(source, pace, Progress::new(self.quiet), self.retries, stop);
            Download::new(effort, self.wanted()).run().await
        });
        // Whoever is still waiting for a name server would be waited for.
        runtime.shutdown_background();
        Ok(got?)
    }

    /// The download of an export's package that somebody else asks for, with all else as usual.
    pub fn of_export(
        id: ExportId,
        output: Option<PathBuf>,
        force: bool,
        quiet: bool,
        server: ServerArgs,
    ) -> Self {
        Self {
            what: id.to_string(),
            output,
            connections: CONNECTIONS,
            limit_rate: None,
            retries: RETRIES,
            timeout: SILENCE,
            no_wait: false,
            force,
            password_file: None,
            json: false,
            quiet,
            server,
        }
    }

    fn address(&self) -> Result<Address, Failure> {
        let (base, password) = (self.server.base()?, self.password()?);
        Address::of(&self.what, &base, self.server.token()?.as_deref(), password.as_ref())
            .map_err(|error| Failure::new(Exit::WrongUse, error.to_string()))
    }

    fn password(&self) -> Result<Option<Secret>, Failure> {
        let Some(path) = &self.password_file else {
            // On the command line everybody could read it.
            return Ok(std::env::var(PASSWORD).ok().map(Secret::new));
        };
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::new(Exit::WrongUse, format!("{} cannot be read: {error}", plain_path(path)))
        })?;
        Ok(Some(Secret::new(text.lines().next().unwrap_or_default())))
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            output: self.output.clone(),
            connections: self.connections,
            force: self.force,
            waits: !self.no_wait,
        }
    }

    fn is_streamed(&self) -> bool {
        self.output.as_ref().is_some_and(|output| output.as_os_str() == "-")
    }
}

fn rate(text: &str) -> Result<ByteSize, String> {
    let rate = text.trim_end_matches("/s").parse::<ByteSize>();
    match rate {
        Ok(rate) if rate.as_u64() > 0 => Ok(rate),
        _ => Err("write a number of bytes above zero, as 500KiB or 2MiB".to_owned()),
    }
}

fn silence(text: &str) -> Result<Duration, String> {
    let silence = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if silence < Duration::from_millis(100) {
        return Err("must be at least 100ms, or every answer comes too late".to_owned());
    }
    Ok(silence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_size_a_second() {
        assert_eq!(rate("2MiB").map(|rate| rate.as_u64()), Ok(2 << 20));
        assert_eq!(rate("500KiB/s").map(|rate| rate.as_u64()), Ok(500 << 10));
        assert!(rate("0").is_err() && rate("fast").is_err() && rate("-1").is_err());
        assert!(silence("0s").is_err() && silence("2s").is_ok());
    }
}
