//! What the service manager hears of a server: that it is ready, that it lives, that it goes.
//!
//! systemd, or whatever else has set `NOTIFY_SOCKET`; without it nobody is told. One datagram for
//! each word, to a socket that outlives every restart of ours.
//!
//! Source: sd_notify(3), sd_watchdog_enabled(3).

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

/// Whoever started this process and wants to hear of it.
#[derive(Debug)]
pub struct ServiceManager {
    socket: UnixDatagram,
    /// How often it wants to hear that we live: twice as often as it would give us up.
    beat: Option<Duration>,
    /// Whether it knows that we go.
    knows_the_end: bool,
}

impl ServiceManager {
    /// The one that `variable` (of the environment) tells of, if it does.
    pub fn of(variable: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let address = variable("NOTIFY_SOCKET")?;
        match connected(&address) {
            Ok(socket) => Some(Self { socket, beat: beat(variable), knows_the_end: false }),
            Err(error) => {
                tracing::warn!(%error, "the service manager cannot be told anything");
                None
            }
        }
    }

    /// Says that requests are answered, from now on that this thread goes on, and when `stop` is
    /// cancelled that it is over soon. Ends with whatever it runs on.
    pub async fn hear(mut self, stop: CancellationToken) {
        self.say("READY=1");
        let mut beat = self.beat.map(interval);
        if let Some(beat) = &mut beat {
            beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            tokio::select! {
                () = stop.cancelled(), if !self.knows_the_end => self.tell_the_end(),
                // Also while it drains: that may take longer than a silence may.
                () = next(&mut beat) => self.say("WATCHDOG=1"),
            }
        }
    }

    fn tell_the_end(&mut self) {
        self.knows_the_end = true;
        self.say("STOPPING=1");
    }

    fn say(&self, words: &str) {
        if let Err(error) = self.socket.send(words.as_bytes()) {
            tracing::debug!(%error, words, "the service manager was not told");
        }
    }
}

/// A house with nothing to finish closes before anybody gets a turn to say so.
impl Drop for ServiceManager {
    fn drop(&mut self) {
        if !self.knows_the_end {
            self.tell_the_end();
        }
    }
}

async fn next(beat: &mut Option<tokio::time::Interval>) {
    match beat {
        Some(beat) => {
            beat.tick().await;
        }
        None => std::future::pending().await,
    }
}

/// Never waits: a manager that does not read must not keep a server from serving.
fn connected(address: &OsStr) -> io::Result<UnixDatagram> {
    let address = match address.as_bytes().split_first() {
        // One of the names that are in no file system.
        Some((b'@', name)) => SocketAddr::from_abstract_name(name)?,
        _ => SocketAddr::from_pathname(address)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.connect_addr(&address)?;
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Half of what the manager would wait for, unless it waits for somebody else.
fn beat(variable: impl Fn(&str) -> Option<OsString>) -> Option<Duration> {
    let number = |name: &str| variable(name)?.to_str()?.parse::<u64>().ok();
    let is_ours = variable("WATCHDOG_PID").is_none()
        || number("WATCHDOG_PID").is_some_and(|pid| pid == u64::from(std::process::id()));
    let micros = number("WATCHDOG_USEC").filter(|micros| *micros > 1)?;
    is_ours.then(|| Duration::from_micros(micros / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(told: &[(&str, &str)]) -> Option<ServiceManager> {
        let told = |name: &str| told.iter().find(|(told, _)| *told == name).map(|(_, value)| value.into());
        ServiceManager::of(told)
    }

    fn heard(socket: &UnixDatagram) -> String {
        let mut words = [0; 64];
        let length = socket.recv(&mut words).expect("a datagram");
        String::from_utf8_lossy(&words[..length]).into_owned()
    }

    #[tokio::test]
    async fn who_listens_hears_of_the_start_of_life_and_of_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("notify");
        let ear = UnixDatagram::bind(&path).expect("a socket");
        let path = path.to_str().expect("text");
        let manager = of(&[("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "10000000")]).expect("it listens");
        let stop = CancellationToken::new();
        let hearing = tokio::spawn(manager.hear(stop.clone()));
        let (ear, begun) = tokio::task::spawn_blocking(move || (heard(&ear), heard(&ear), ear))
            .await
            .map(|(first, second, ear)| (ear, [first, second]))
            .expect("heard");
        assert_eq!(begun, ["READY=1", "WATCHDOG=1"]);
        stop.cancel();
        let last = tokio::task::spawn_blocking(move || heard(&ear)).await.expect("heard");
        assert_eq!(last, "STOPPING=1");
        hearing.abort();
    }

    #[test]
    fn names_outside_of_any_file_system_are_reached_too() {
        let name = format!("exportd-test-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let ear = UnixDatagram::bind_addr(&address).expect("a socket");
        let manager = of(&[("NOTIFY_SOCKET", &format!("@{name}"))]).expect("it listens");
        manager.say("READY=1");
        assert_eq!(heard(&ear), "READY=1");
        // Nobody had the time to tell it.
        drop(manager);
        assert_eq!(heard(&ear), "STOPPING=1");
    }

    #[test]
    fn nobody_is_told_where_nobody_listens() {
        assert!(of(&[]).is_none());
        assert!(of(&[("NOTIFY_SOCKET", "/nowhere/notify")]).is_none());
    }

    #[test]
    fn a_watchdog_is_fed_twice_as_often_as_it_bites_and_only_our_own() {
        let beat = |told: &'static [(&str, &str)]| {
            super::beat(|name| told.iter().find(|(told, _)| *told == name).map(|(_, value)| value.into()))
        };
        assert_eq!(beat(&[("WATCHDOG_USEC", "60000000")]), Some(Duration::from_secs(30)));
        assert_eq!(beat(&[("WATCHDOG_USEC", "60000000"), ("WATCHDOG_PID", "1")]), None);
        assert_eq!(beat(&[("WATCHDOG_USEC", "soon")]), None);
        assert_eq!(beat(&[]), None);
    }
}
