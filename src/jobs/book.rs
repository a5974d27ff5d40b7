//! Which responses are one download.
//!
//! Requests of one party for one package within 15 minutes that together cover new bytes are
//! one download, complete once every byte was sent. A request for the whole package while another
//! is under way is a second download; a request for a piece joins the one that still lacks it, as
//! clients with several connections send them. A piece that nobody lacks and that does not begin
//! at the first byte goes on with the newest download: what was sent is not always what arrived,
//! and whoever begins in the middle has the beginning. Where it was settled beforehand which
//! download a response belongs to, it is that one. Plain bookkeeping: no clock, no I/O.

use std::collections::{HashMap, HashSet};
use std::net::IpAddr;

use uuid::Uuid;

use crate::db::Sent;
use crate::domain::{ExportId, LinkId, Mode, Receiver, Spans, Timestamp, UserId};
use crate::ledger::{Progress, Report, Sending, Ticket};

use super::download::Download;
use super::under_way::{Ending, Fate, GIVEN_UP, UnderWay};

/// Downloads of one party that a request may go on with; who begins more at once is no client
/// that resumes.
const CANDIDATES: usize = 64;
/// The number of a response whose end is all that is told here, while it is entered.
const OF_THE_PAST: u64 = u64::MAX;

/// Whose requests may be one download. A user is one wherever they are; behind one link there are
/// strangers, who are told apart by where they come from and with which program.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Party {
    User(UserId),
    Stranger(LinkId, IpAddr, Option<String>),
}

impl From<&Receiver> for Party {
    fn from(to: &Receiver) -> Self {
        match to.link {
            None => Self::User(to.user.clone()),
            Some(link) => Self::Stranger(link, to.address, to.agent.clone()),
        }
    }
}

/// A download that may still go on.
#[derive(Debug)]
struct Open {
    download: Download,
    under_way: HashMap<u64, UnderWay>,
    is_written: bool,
    /// A proxy may still be sending what an earlier process handed over.
    is_awaited: bool,
    /// Whether it had every byte when a response last ended.
    was_complete: bool,
}

/// Downloads that may still go on, and which of their rows are to be written.
#[derive(Debug, Default)]
pub struct Book {
    open: HashMap<Uuid, Open>,
    of_party: HashMap<(ExportId, Party), Vec<Uuid>>,
    under_way: HashMap<u64, Uuid>,
    /// Of these, how many a proxy sends.
    afar: usize,
    endings: Vec<Ending>,
    busy: HashSet<ExportId>,
}

impl Book {
    /// Goes on with a download that an earlier process began. What was under way then has ended,
    /// or a proxy ends it and tells.
    pub fn reopen(&mut self, mut download: Download) {
        let is_awaited = download.ended_at.is_none() && download.mode == Mode::Accel;
        download.ended_at.get_or_insert(download.last_at);
        let was_complete = download.complete;
        self.insert(Open { download, under_way: HashMap::new(), is_written: true, is_awaited, was_complete });
    }

    /// Whether this is a download that may still go on.
    pub fn is_open(&self, id: Uuid) -> bool {
        self.open.contains_key(&id)
    }

    /// Whether a proxy sends something just now.
    pub const fn awaits_word(&self) -> bool {
        self.afar > 0
    }

    /// Enters a report.
    pub fn enter(&mut self, report: Report) {
        match report {
            Report::Began { transfer, sending, mode, progress, at } => {
                self.begin(transfer, &sending, mode, progress, at);
            }
            Report::Ended { transfer, sent, size, at } => {
                self.sized(transfer, size);
                self.end(transfer, None, sent, at);
            }
            // Whoever reads the reports decides how often that is.
            Report::Look => {}
        }
    }

    /// Enters what a proxy told of the response that `ticket` went along with: it ended after the
    /// first `sent` bytes. `process` is the one whose reports are entered here; what another
    /// began, or what was given up, is entered from beginning to end.
    pub fn told(&mut self, ticket: &Ticket, process: Uuid, sent: u64, at: Timestamp) {
        if ticket.process == process && self.under_way.contains_key(&ticket.transfer) {
            return self.end(ticket.transfer, None, sent, at);
        }
        self.begin(OF_THE_PAST, &ticket.sending, Mode::Accel, Progress::default(), ticket.at);
        let open = self.under_way.get(&OF_THE_PAST).and_then(|id| self.open.get_mut(id));
        open.expect("it began just now").is_awaited = false;
        self.end(OF_THE_PAST, None, sent, at);
    }

    /// Looks how far the responses under way have come, and gives up those of which nobody will
    /// tell any more.
    pub fn look(&mut self, now: Timestamp) {
        for open in self.open.values_mut() {
            for response in open.under_way.values_mut() {
                let ranges = response.take();
                if !ranges.is_empty() {
                    open.download.heard(now);
                    open.download.sent(ranges);
                    open.is_written = false;
                } else if !response.is_afar() {
                    continue;
                }
                self.busy.insert(open.download.export);
            }
        }
        let given_up = |open: &Open| {
            let given_up = open.under_way.iter().filter(|(_, response)| response.is_given_up(now));
            given_up.map(|(transfer, _)| *transfer).collect::<Vec<_>>()
        };
        for transfer in self.open.values().flat_map(given_up).collect::<Vec<_>>() {
            self.end(transfer, Some(Fate::Lost), 0, now);
        }
    }

    /// How far the responses under way had come at the last look for which bytes were reserved.
    pub fn reserved(&self) -> Vec<Sent> {
        self.open.values().flat_map(|open| open.under_way.values()).filter_map(UnderWay::reserved).collect()
    }

    /// The downloads that changed since the last call.
    pub fn take_changed(&mut self) -> Vec<Download> {
        let changed = self.open.values_mut().filter(|open| !open.is_written);
        let mut changed: Vec<_> = changed
            .map(|open| {
                open.is_written = true;
                open.download.clone()
            })
            .collect();
        // In one order, so that two who write the same rows never wait for each other.
        changed.sort_by_key(|download| (download.export, download.id));
        changed
    }

    /// The last [`Book::take_changed`] could not be written: hands those downloads out again.
    pub fn put_back(&mut self, unwritten: &[Download]) {
        for download in unwritten {
            if let Some(open) = self.open.get_mut(&download.id) {
                open.is_written = false;
            }
        }
    }

    /// The responses that ended since the last call.
    pub fn take_endings(&mut self) -> Vec<Ending> {
        std::mem::take(&mut self.endings)
    }

    /// The packages of which bytes were asked for, sent or awaited since the last call.
    pub fn take_busy(&mut self) -> HashSet<ExportId> {
        std::mem::take(&mut self.busy)
    }

    /// Forgets downloads that nothing can join any more.
    pub fn forget_before(&mut self, now: Timestamp) {
        let goes_on = |open: &Open| {
            let is_awaited = open.is_awaited && now.since(open.download.last_at) <= GIVEN_UP;
            !open.is_written || !open.under_way.is_empty() || is_awaited || !open.download.is_over(now)
        };
        self.open.retain(|_, open| goes_on(open));
        let open = &self.open;
        self.of_party.retain(|_, downloads| {
            downloads.retain(|id| open.contains_key(id));
            !downloads.is_empty()
        });
    }

    fn begin(&mut self, transfer: u64, sending: &Sending, mode: Mode, progress: Progress, at: Timestamp) {
        let known = match sending.download {
            Some(settled) => Some(settled).filter(|id| self.is_open(*id)),
            None => self.joined(sending, at),
        };
        let id = known.unwrap_or_else(|| self.insert(opened(sending, mode, at)));
        let open = self.open.get_mut(&id).expect("it was found or inserted above");
        open.download.heard(at);
        open.download.sized(sending.size);
        // Only what the row shows has to be written before the end.
        open.is_written &= open.download.ended_at.take().is_none();
        open.under_way.insert(transfer, UnderWay::new(sending, mode, progress, at));
        self.under_way.insert(transfer, id);
        self.afar += usize::from(mode == Mode::Accel);
        self.busy.insert(sending.export);
    }

    fn sized(&mut self, transfer: u64, size: Option<u64>) {
        if let Some(open) = self.under_way.get(&transfer).and_then(|id| self.open.get_mut(id)) {
            open.download.sized(size);
        }
    }

    fn end(&mut self, transfer: u64, fate: Option<Fate>, sent: u64, at: Timestamp) {
        let Some(id) = self.under_way.remove(&transfer) else { return };
        let Some(open) = self.open.get_mut(&id) else { return };
        let Some(mut response) = open.under_way.remove(&transfer) else { return };
        self.afar -= usize::from(response.is_afar());
        let download = &mut open.download;
        download.sent(response.take_until(sent));
        if fate != Some(Fate::Lost) {
            download.heard(at);
            self.busy.insert(download.export);
        }
        if open.under_way.is_empty() {
            download.ended_at = Some(download.last_at);
        }
        open.is_written = false;
        let fate = fate.unwrap_or_else(|| response.fate(sent));
        let now = open.download.clone();
        let brought_the_rest = now.complete && !std::mem::replace(&mut open.was_complete, now.complete);
        let ending = response.ending(transfer != OF_THE_PAST, fate, sent, at, now);
        self.endings.push(Ending { brought_the_rest, ..ending });
    }

    /// The newest download of this party to which these bytes would be new, or that they go on
    /// with.
    fn joined(&self, sending: &Sending, at: Timestamp) -> Option<Uuid> {
        let planned: Spans = sending.planned.iter().cloned().collect();
        let goes_on = |open: &&Open| !open.download.is_over(at) || !open.under_way.is_empty();
        let of_party = self.of_party.get(&(sending.export, Party::from(&sending.to)))?;
        let newest_first = of_party.iter().rev().take(CANDIDATES).map(|id| &self.open[id]);
        let candidates: Vec<_> = newest_first.filter(goes_on).collect();
        let lacks = |open: &&&Open| {
            let mut known = open.download.covered.clone();
            // Nobody asks for a part of what is still being built.
            if sending.size.is_none_or(|size| planned.covers(&(0..size))) {
                let planned = open.under_way.values().flat_map(UnderWay::planned);
                planned.for_each(|range| known.add(range));
            }
            !known.covers_all(&planned)
        };
        let begins_in_the_middle = planned.ranges().first().is_some_and(|range| range.start > 0);
        let joined = candidates.iter().find(lacks);
        joined.or(candidates.first().filter(|_| begins_in_the_middle)).map(|open| open.download.id)
    }

    fn insert(&mut self, open: Open) -> Uuid {
        let id = open.download.id;
        let party = (open.download.export, Party::from(&open.download.to));
        self.of_party.entry(party).or_default().push(id);
        self.open.insert(id, open);
        id
    }
}

fn opened(sending: &Sending, mode: Mode, at: Timestamp) -> Open {
    let download = Download::opened(sending, mode, at);
    Open { download, under_way: HashMap::new(), is_written: false, is_awaited: false, was_complete: false }
}

#[cfg(test)]
mod tests;
