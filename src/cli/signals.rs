//! What a signal does to a command.

use std::thread;

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::outcome::Exit;

/// The first SIGINT or SIGTERM cancels `stop`, the second ends the process at once. Runs on the
/// current runtime.
pub fn stop_on_signal(stop: CancellationToken) {
    tokio::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) =
            (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            tracing::error!("signals cannot be heard; only SIGKILL will stop this process");
            return;
        };
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        next().await;
        stop.cancel();
        next().await;
        std::process::exit(Exit::Interrupted as i32);
    });
}

/// The same for commands that have no runtime.
pub fn cancel_on_interrupt(cancel: &CancellationToken) {
    let cancel = cancel.clone();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
    thread::spawn(move || {
        runtime.block_on(async {
            stop_on_signal(cancel);
            std::future::pending::<()>().await;
        });
    });
}
