//! What nginx tells of the bytes that it has sent: its access log, one line for each response
//! that was handed over to it.
//!
//! A line is `{"ticket":"…","sent":1234,"done":"OK"}`, where `ticket` is the [`Ticket`] that went
//! along, `sent` nginx's `$body_bytes_sent` and `done` its `$request_completion`; `status`, its
//! `$status`, may be there too. How far the lines were read is
//! [recorded](crate::db::Downloads::record) in one transaction with what they told.
//!
//! What is lost: lines of a file that was deleted, compressed or copied and truncated before it was
//! read, which takes 5 seconds at most while exportd runs (logrotate's `delaycompress`, and not
//! `copytruncate`, lose nothing); and what nginx was sending when it was killed.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::ledger::Ticket;

use super::tail::{Read, Tail};

/// Between two looks while something is being sent.
const WHILE_SENDING: Duration = Duration::from_millis(200);
/// Between two looks otherwise, for what an earlier process handed over.
const WHILE_IDLE: Duration = Duration::from_secs(5);

/// A line of nginx's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// What went along with the response.
    pub ticket: Ticket,
    /// So many of the planned bytes were sent.
    pub sent: u64,
}

/// nginx's report, read up to a place that is remembered.
#[derive(Debug)]
pub struct AccelLog {
    tail: Tail,
    /// Where that is, until it is recorded.
    unrecorded: Option<Json>,
    recorded: Json,
    /// Lines that nobody understood, and at how many it is said again.
    garbage: u64,
    said_at: u64,
}

#[derive(Deserialize)]
struct Line {
    ticket: String,
    sent: u64,
    #[serde(default)]
    done: String,
    #[serde(default)]
    status: Option<u16>,
}

impl AccelLog {
    /// The report at `path`, gone on with at the recorded `places`. Made when it is not there, so
    /// that nginx finds it and exportd may read it, whoever nginx is.
    pub fn open(path: &Path, places: Option<Json>) -> Self {
        make(path);
        let recorded = places.unwrap_or_default();
        let places: Vec<_> = serde_json::from_value(recorded.clone()).unwrap_or_default();
        Self { tail: Tail::resume(path, &places), unrecorded: None, recorded, garbage: 0, said_at: 1 }
    }

    /// How long to wait before the next look.
    pub const fn pause(awaits_word: bool) -> Duration {
        if awaits_word { WHILE_SENDING } else { WHILE_IDLE }
    }

    /// Reads on, away from those who wait for nothing. What was read has to be
    /// [taken](Self::take), or is read again.
    pub async fn read(&self) -> Read {
        let tail = self.tail.clone();
        tokio::task::spawn_blocking(move || tail.read()).await.expect("reading does not panic")
    }

    /// What is told by what was read.
    pub fn understood(&mut self, read: &Read) -> Vec<Told> {
        let lines = read.lines.iter().filter(|line| !line.is_empty());
        let told: Vec<_> = lines.map(|line| parse(line)).collect();
        let understood = told.iter().flatten().count();
        self.complain((told.len() - understood) as u64);
        told.into_iter().flatten().collect()
    }

    /// It counts as read from now on.
    pub fn take(&mut self, read: Read) {
        self.tail = read.tail;
        let places = serde_json::to_value(&read.places).expect("places have text keys");
        self.unrecorded = (places != self.recorded).then_some(places);
    }

    /// Where it was read to, if that is not recorded yet.
    pub const fn unrecorded(&self) -> Option<&Json> {
        self.unrecorded.as_ref()
    }

    /// That is recorded now.
    pub fn recorded(&mut self) {
        if let Some(places) = self.unrecorded.take() {
            self.recorded = places;
            self.tail.give_back();
        }
    }

    /// Never says what a line was: it tells who downloads what. Says it at the first line, at the
    /// second, the fourth, the eighth, …: who writes nonsense does not fill our log with it.
    fn complain(&mut self, lines: u64) {
        self.garbage += lines;
        if lines > 0 && self.garbage >= self.said_at {
            self.said_at = self.garbage * 2;
            tracing::warn!(
                lines = self.garbage,
                "lines of nginx's report are not understood; see `nginx print`"
            );
        }
    }
}

fn parse(line: &[u8]) -> Option<Told> {
    // Where a file was given back to the disk, it reads as zeros.
    let begin = line.iter().position(|byte| *byte != 0)?;
    let line: Line = serde_json::from_slice(&line[begin..]).ok()?;
    let ticket: Ticket = line.ticket.parse().ok()?;
    let (planned, several) = (ticket.sending.length(), ticket.sending.planned.len() > 1);
    let sent = match line.status {
        // A page that tells of an error is nothing of the package.
        Some(status) if !(200..300).contains(&status) => 0,
        // Between several ranges there are heads of parts: only the end is told exactly.
        _ if several && line.done != "OK" => line.sent.min(planned.saturating_sub(1)),
        _ => line.sent.min(planned),
    };
    Some(Told { ticket, sent })
}

/// Beside what nginx makes as root, which it may read and not write, one of its own.
fn make(path: &Path) {
    let made = std::fs::OpenOptions::new().create(true).append(true).open(path);
    match made {
        Ok(_) => {}
        Err(_) if path.exists() => {}
        Err(error) => {
            let folder = path.parent().map(PathBuf::from).unwrap_or_default();
            tracing::warn!(%error, folder = %folder.display(), "nginx's report cannot be made; nginx has to");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{ExportId, Receiver, Timestamp};
    use crate::ledger::Sending;

    fn ticket(planned: Vec<std::ops::Range<u64>>) -> Ticket {
        let user = "ada".parse().expect("a user id");
        let to = Receiver { user, link: None, address: [127, 0, 0, 1].into(), agent: None };
        let sending = Sending {
            export: ExportId::new(),
            to,
            download: None,
            reserved: None,
            size: Some(1_000),
            planned,
            by: None,
        };
        Ticket { process: uuid::Uuid::now_v7(), transfer: 3, at: Timestamp::from_millis(1), sending }
    }

    fn one(range: std::ops::Range<u64>) -> Vec<std::ops::Range<u64>> {
        std::iter::once(range).collect()
    }

    fn sent(planned: Vec<std::ops::Range<u64>>, rest: &str) -> Option<u64> {
        let ticket = ticket(planned);
        let told = parse(format!("{{\"ticket\":\"{ticket}\",{rest}}}").as_bytes())?;
        assert_eq!(told.ticket, ticket);
        Some(told.sent)
    }

    #[test]
    fn a_line_tells_how_much_of_what_was_planned_was_sent() {
        let (whole, parts) = (one(0..1_000), vec![0..10, 500..600]);
        assert_eq!(sent(whole.clone(), r#""sent":1000,"done":"OK""#), Some(1_000));
        assert_eq!(sent(whole.clone(), r#""sent":400,"done":"""#), Some(400));
        assert_eq!(sent(whole.clone(), r#""sent":153,"done":"OK","status":404"#), Some(0));
        assert_eq!(sent(whole, r#""sent":1000,"done":"OK","status":200,"new":[]"#), Some(1_000));
        assert_eq!(sent(parts.clone(), r#""sent":333,"done":"OK""#), Some(110));
        assert_eq!(sent(parts, r#""sent":333,"done":"""#), Some(109), "never taken for the whole");
    }

    #[test]
    fn what_is_no_line_is_passed_over() {
        for garbage in
            ["", "{", "{}", "[]", "null", r#"{"ticket":"","sent":1,"done":"OK"}"#, "\0\0", "\u{fc}"]
        {
            assert_eq!(parse(garbage.as_bytes()), None, "{garbage}");
        }
        assert_eq!(sent(one(0..9), r#""sent":-1,"done":"""#), None);
    }
}
