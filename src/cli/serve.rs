//! `exportd serve`: the server and the job engine.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::outcome::{Exit, Failure};
use super::output;
use super::service_manager::ServiceManager;
use super::settings_args::SettingsArgs;
use super::signals::stop_on_signal;
use crate::clock::Clock;
use crate::config::Purpose;
use crate::{daemon, telemetry};

/// Run the server and the job engine
#[derive(Debug, Args)]
#[command(after_help = "Example:
  EXPORTD__AUTH__JWT__SECRET_FILE=/etc/exportd/jwt.secret exportd serve --config /etc/exportd/exportd.toml
SIGTERM drains: running jobs get their grace and go back to the queue. A second signal exits at once.
systemd hears when it is ready and that it lives (Type=notify, WatchdogSec=).")]
pub struct Serve {
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Serve {
    /// Serves until a signal comes, and drains.
    ///
    /// # Errors
    /// When the house cannot be opened.
    pub fn run(self) -> Result<Exit, Failure> {
        let settings = self.settings.settings(Purpose::Serve)?;
        telemetry::init_log(&settings.log);
        // Rows and packages are people's code: nobody else on this machine reads them.
        rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o027));
        let stop = CancellationToken::new();
        let served = daemon::run(&settings, Clock::system(), &stop, |house| {
            stop_on_signal(stop.clone());
            if let Some(manager) = ServiceManager::of(|name| std::env::var_os(name)) {
                // On the actors' thread, by the runtime's timer: when either hangs, silence tells.
                tokio::task::spawn_local(manager.hear(stop.clone()));
            }
            // Nobody may be reading; the server runs all the same.
            let _ = output::result(format_args!("listening on http://{}", house.address));
        });
        served.map(|()| Exit::Done).map_err(|error| Failure::because(&error))
    }
}
