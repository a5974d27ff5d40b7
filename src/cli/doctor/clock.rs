//! Whether the clock can be relied on: tokens, expiry and leases go by it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use crate::cli::finding::Finding;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::Timestamp;

/// The day of the first release; a machine without a battery starts in 1970.
const EARLIEST: &str = "2025-01-01T00:00:00Z";
/// systemd-timesyncd says here that it has heard the time.
const HEARD: &str = "/run/systemd/timesync/synchronized";
/// For so long both clocks are watched.
const WATCHED: Duration = Duration::from_millis(50);

/// Everything about it.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let now = Clock::system().now();
    let mut findings = vec![plausible(now, &settings.storage.root)];
    findings.extend(steady());
    findings.extend(synchronised());
    findings
}

fn plausible(now: Timestamp, store: &Path) -> Finding {
    let set = "set the clock (`timedatectl set-ntp true`) before anything expires";
    if Timestamp::parse(EARLIEST).is_ok_and(|earliest| now < earliest) {
        return Finding::wrong(format!("it is {now}, before there was an exportd"), set);
    }
    // What was written later than now was written by a clock that was ahead, or this one went back.
    let written = std::fs::metadata(store.join("exportd.lock")).and_then(|lock| lock.modified());
    let later =
        written.ok().map(Timestamp::from).filter(|written| written.since(now) > Duration::from_secs(60));
    match later {
        Some(written) => Finding::wrong(format!("it is {now}, and the store was opened at {written}"), set),
        None => Finding::ok(format!("it is {now}")),
    }
}

/// Wall clock and monotonic clock go equally fast, unless somebody is setting one.
fn steady() -> Option<Finding> {
    let (wall, monotonic) = (SystemTime::now(), Instant::now());
    std::thread::sleep(WATCHED);
    let (wall, monotonic) = (wall.elapsed(), monotonic.elapsed());
    let apart = wall.map_or(Duration::MAX, |wall| wall.abs_diff(monotonic));
    (apart > Duration::from_millis(500)).then(|| {
        let next = "something sets it while it runs: let one program do that, such as chrony";
        Finding::wrong("the clock jumped while it was looked at", next)
    })
}

/// Whether this machine hears the time from others, where that can be known.
fn synchronised() -> Option<Finding> {
    let asked = Command::new("timedatectl").args(["show", "-p", "NTPSynchronized", "--value"]).output();
    let said = asked.ok().filter(|asked| asked.status.success());
    let said = said.map(|asked| String::from_utf8_lossy(&asked.stdout).trim().to_owned());
    match said.as_deref() {
        Some("yes") => Some(Finding::ok("it is kept right by NTP")),
        Some("no") => Some(Finding::note(
            "it is not kept right by NTP",
            "`timedatectl set-ntp true`, or install chrony",
        )),
        _ if Path::new(HEARD).exists() => Some(Finding::ok("it is kept right by NTP")),
        // In a container nobody knows; the machine below does.
        _ => None,
    }
}

/// Whether the database's clock and ours show the same: leases are written with ours and looked at
/// by other nodes.
pub fn compared(ours: Timestamp, theirs: Timestamp) -> Finding {
    let apart = ours.since(theirs).max(theirs.since(ours));
    let shown =
        humantime::format_duration(Duration::from_millis(apart.as_millis() as u64 / 100 * 100)).to_string();
    match apart {
        apart if apart > Duration::from_secs(10) => Finding::wrong(
            format!("the database's clock and this machine's are {shown} apart"),
            "synchronise both (chrony, systemd-timesyncd): leases and expiry go by them",
        ),
        apart if apart > Duration::from_secs(2) => Finding::note(
            format!("the database's clock and this machine's are {shown} apart"),
            "synchronise both before they are further apart",
        ),
        _ => Finding::ok("the database's clock and this machine's agree"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::Verdict;

    #[test]
    fn clocks_may_be_apart_by_a_moment_and_no_more() {
        let at = |millis: i64| Timestamp::from_millis(1_800_000_000_000 + millis);
        assert_eq!(compared(at(0), at(1_500)).verdict, Verdict::Ok);
        assert_eq!(compared(at(5_000), at(0)).verdict, Verdict::Note);
        assert_eq!(compared(at(0), at(60_000)).verdict, Verdict::Wrong);
    }

    #[test]
    fn a_clock_before_our_time_is_wrong() {
        let nowhere = Path::new("/nowhere");
        assert_eq!(plausible(Timestamp::from_millis(0), nowhere).verdict, Verdict::Wrong);
        assert_eq!(plausible(Clock::system().now(), nowhere).verdict, Verdict::Ok);
    }
}
