//! Which responses are one download.
//!
//! Requests of one caller for one package within 15 minutes that together cover new bytes are
//! one download, complete once every byte was sent. A request for the whole package while another
//! is under way is a second download; a request for a piece joins the one that still lacks it, as
//! clients with several connections send them. A piece that nobody lacks and that does not begin
//! at the first byte goes on with the newest download: what was sent is not always what arrived,
//! and whoever begins in the middle has the beginning. Plain bookkeeping: no clock, no I/O.

use std::collections::HashMap;
use std::ops::Range;
use std::time::Duration;

use uuid::Uuid;

use crate::db::DownloadRow;
use crate::domain::{ExportId, Receiver, Spans, Timestamp, UserId};
use crate::ledger::{Report, Sending};

/// Between two requests of one download.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// One download, as it is written into its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its row.
    pub id: Uuid,
    /// Whose package.
    pub export: ExportId,
    /// Who received it, from where it began.
    pub to: Receiver,
    /// Size of the whole package.
    pub size: u64,
    /// When its first response began.
    pub began_at: Timestamp,
    /// When it was last heard of.
    pub last_at: Timestamp,
    /// Bytes sent, repeated ones included.
    pub bytes: u64,
    /// Which bytes were sent.
    pub covered: Spans,
    /// Whether every byte was.
    pub complete: bool,
}

impl Download {
    /// As it is stored.
    pub fn row(&self) -> DownloadRow {
        DownloadRow {
            id: self.id.to_string(),
            export: self.export,
            to: self.to.clone(),
            began_at: self.began_at,
            last_at: self.last_at,
            size: self.size,
            bytes: self.bytes,
            covered: self.covered.ranges().to_vec(),
            complete: self.complete,
        }
    }

    /// As it was stored; `None` when the row is not of this version's making.
    pub fn of_row(row: DownloadRow) -> Option<Self> {
        Some(Self {
            id: row.id.parse().ok()?,
            export: row.export,
            to: row.to,
            size: row.size,
            began_at: row.began_at,
            last_at: row.last_at,
            bytes: row.bytes,
            covered: row.covered.into_iter().collect(),
            complete: row.complete,
        })
    }
}

/// A download that may still go on.
#[derive(Debug)]
struct Open {
    download: Download,
    in_flight: HashMap<u64, Vec<Range<u64>>>,
    is_written: bool,
}

/// Downloads that may still go on, and which of their rows are to be written.
#[derive(Debug, Default)]
pub struct Book {
    open: HashMap<Uuid, Open>,
    by_receiver: HashMap<(ExportId, UserId), Vec<Uuid>>,
    in_flight: HashMap<u64, Uuid>,
}

impl Book {
    /// Goes on with a download that an earlier process began.
    pub fn reopen(&mut self, download: Download) {
        self.insert(Open { download, in_flight: HashMap::new(), is_written: true });
    }

    /// Enters a report.
    pub fn enter(&mut self, report: Report) {
        match report {
            Report::Began { transfer, sending, at } => self.begin(transfer, sending, at),
            Report::Ended { transfer, sent, at } => self.end(transfer, sent, at),
        }
    }

    /// The downloads that changed since the last call.
    pub fn take_changed(&mut self) -> Vec<Download> {
        let changed = self.open.values_mut().filter(|open| !open.is_written);
        changed
            .map(|open| {
                open.is_written = true;
                open.download.clone()
            })
            .collect()
    }

    /// The last [`Book::take_changed`] could not be written: hands those downloads out again.
    pub fn put_back(&mut self, unwritten: &[Download]) {
        for download in unwritten {
            if let Some(open) = self.open.get_mut(&download.id) {
                open.is_written = false;
            }
        }
    }

    /// Forgets downloads that nothing can join any more.
    pub fn forget_before(&mut self, now: Timestamp) {
        let over = |open: &Open| open.is_written && open.in_flight.is_empty() && is_over(&open.download, now);
        self.open.retain(|_, open| !over(open));
        let open = &self.open;
        self.by_receiver.retain(|_, downloads| {
            downloads.retain(|id| open.contains_key(id));
            !downloads.is_empty()
        });
    }

    fn begin(&mut self, transfer: u64, sending: Sending, at: Timestamp) {
        let planned = sending.planned.clone();
        let id = self.joined(&sending, at).unwrap_or_else(|| self.insert(opened(sending, at)));
        let open = self.open.get_mut(&id).expect("it was found or inserted above");
        open.download.last_at = open.download.last_at.max(at);
        open.in_flight.insert(transfer, planned);
        self.in_flight.insert(transfer, id);
    }

    fn end(&mut self, transfer: u64, sent: u64, at: Timestamp) {
        let Some(id) = self.in_flight.remove(&transfer) else { return };
        let Some(open) = self.open.get_mut(&id) else { return };
        let planned = open.in_flight.remove(&transfer).unwrap_or_default();
        let download = &mut open.download;
        download.last_at = download.last_at.max(at);
        for range in first(&planned, sent) {
            download.bytes += range.end - range.start;
            download.covered.add(range);
        }
        download.complete = download.covered.covers(&(0..download.size));
        open.is_written = false;
    }

    /// The newest download of this receiver to which these bytes would be new, or that they go on
    /// with.
    fn joined(&self, sending: &Sending, at: Timestamp) -> Option<Uuid> {
        let planned: Spans = sending.planned.iter().cloned().collect();
        let receiver = (sending.export, sending.to.user.clone());
        let goes_on = |open: &&Open| !is_over(&open.download, at) || !open.in_flight.is_empty();
        let newest_first = self.by_receiver.get(&receiver)?.iter().rev().map(|id| &self.open[id]);
        let candidates: Vec<_> = newest_first.filter(goes_on).collect();
        let lacks = |open: &&&Open| {
            let mut known = open.download.covered.clone();
            if planned.covers(&(0..sending.size)) {
                open.in_flight.values().flatten().for_each(|range| known.add(range.clone()));
            }
            !known.covers_all(&planned)
        };
        let begins_in_the_middle = planned.ranges().first().is_some_and(|range| range.start > 0);
        let joined = candidates.iter().find(lacks);
        joined.or(candidates.first().filter(|_| begins_in_the_middle)).map(|open| open.download.id)
    }

    fn insert(&mut self, open: Open) -> Uuid {
        let id = open.download.id;
        let receiver = (open.download.export, open.download.to.user.clone());
        self.by_receiver.entry(receiver).or_default().push(id);
        self.open.insert(id, open);
        id
    }
}

fn opened(sending: Sending, at: Timestamp) -> Open {
    let download = Download {
        id: Uuid::now_v7(),
        export: sending.export,
        to: sending.to,
        size: sending.size,
        began_at: at,
        last_at: at,
        bytes: 0,
        covered: Spans::default(),
        complete: false,
    };
    Open { download, in_flight: HashMap::new(), is_written: false }
}

/// The first `count` bytes of `ranges`.
fn first(ranges: &[Range<u64>], mut count: u64) -> Vec<Range<u64>> {
    let mut taken = Vec::new();
    for range in ranges {
        let length = count.min(range.end - range.start);
        taken.push(range.start..range.start + length);
        count -= length;
    }
    taken
}

fn is_over(download: &Download, now: Timestamp) -> bool {
    now.since(download.last_at) > WINDOW
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: u64 = 1_000;

    struct Desk {
        book: Book,
        export: ExportId,
        transfers: u64,
        now: Timestamp,
    }

    impl Desk {
        fn open() -> Self {
            let now = Timestamp::from_millis(0);
            Self { book: Book::default(), export: ExportId::new(), transfers: 0, now }
        }

        fn begin(&mut self, user: &str, planned: Range<u64>) -> u64 {
            self.transfers += 1;
            let sending = Sending {
                export: self.export,
                to: Receiver {
                    user: user.parse().expect("a user"),
                    link: None,
                    address: [127, 0, 0, 1].into(),
                    agent: None,
                },
                download: None,
                size: SIZE,
                planned: vec![planned],
            };
            self.book.enter(Report::Began { transfer: self.transfers, sending, at: self.now });
            self.transfers
        }

        fn end(&mut self, transfer: u64, sent: Range<u64>) {
            let sent = sent.end - sent.start;
            self.book.enter(Report::Ended { transfer, sent, at: self.now });
        }

        fn downloads(&mut self) -> Vec<Download> {
            let mut downloads = self.book.take_changed();
            downloads.sort_by_key(|download| download.id);
            downloads
        }
    }

    #[test]
    fn a_download_cut_in_half_and_resumed_is_one_and_complete() {
        let mut desk = Desk::open();
        let first = desk.begin("ada", 0..SIZE);
        desk.end(first, 0..400);
        assert!(!desk.downloads()[0].complete);
        let rest = desk.begin("ada", 400..SIZE);
        desk.end(rest, 400..SIZE);
        let [download] = &desk.downloads()[..] else { panic!("one download") };
        assert!(download.complete);
        assert_eq!(download.bytes, SIZE);
    }

    #[test]
    fn eight_pieces_at_once_are_one_download() {
        let mut desk = Desk::open();
        let pieces: Vec<_> = (0..8).map(|i| i * 125..(i + 1) * 125).collect();
        let begun: Vec<_> = pieces.iter().map(|piece| desk.begin("ada", piece.clone())).collect();
        for (transfer, piece) in begun.into_iter().zip(pieces) {
            desk.end(transfer, piece);
        }
        let [download] = &desk.downloads()[..] else { panic!("one download") };
        assert!(download.complete);
    }

    #[test]
    fn pieces_join_the_whole_that_a_client_asked_for_first() {
        let mut desk = Desk::open();
        let whole = desk.begin("ada", 0..SIZE);
        let pieces = [desk.begin("ada", 250..500), desk.begin("ada", 500..SIZE)];
        desk.end(whole, 0..250);
        desk.end(pieces[0], 250..500);
        desk.end(pieces[1], 500..SIZE);
        let [download] = &desk.downloads()[..] else { panic!("one download") };
        assert!(download.complete);
    }

    #[test]
    fn a_resume_of_bytes_that_were_lost_on_the_way_is_no_other_download() {
        let mut desk = Desk::open();
        let whole = desk.begin("ada", 0..SIZE);
        desk.end(whole, 0..SIZE);
        let rest = desk.begin("ada", 600..SIZE);
        desk.end(rest, 600..SIZE);
        let [download] = &desk.downloads()[..] else { panic!("one download") };
        assert!(download.complete);
        assert_eq!(download.bytes, SIZE + 400);
    }

    #[test]
    fn the_same_bytes_again_are_another_download_even_at_once() {
        let mut desk = Desk::open();
        let (one, two) = (desk.begin("ada", 0..SIZE), desk.begin("ada", 0..SIZE));
        desk.end(one, 0..SIZE);
        desk.end(two, 0..SIZE);
        let three = desk.begin("ada", 0..SIZE);
        desk.end(three, 0..SIZE);
        let downloads = desk.downloads();
        assert_eq!(downloads.len(), 3);
        assert!(downloads.iter().all(|download| download.complete));
    }

    #[test]
    fn another_caller_or_a_quarter_of_an_hour_later_is_another_download() {
        let mut desk = Desk::open();
        let ada = desk.begin("ada", 0..500);
        desk.end(ada, 0..500);
        let bob = desk.begin("bob", 500..SIZE);
        desk.end(bob, 500..SIZE);
        let quarter = Duration::from_secs(15 * 60);
        desk.now = desk.now.plus(quarter);
        let just_in_time = desk.begin("ada", 500..700);
        desk.end(just_in_time, 500..700);
        assert_eq!(desk.downloads().len(), 2);
        desk.now = desk.now.plus(quarter + Duration::from_millis(1));
        let later = desk.begin("ada", 700..SIZE);
        desk.end(later, 700..SIZE);
        assert_eq!(desk.downloads().len(), 1, "a new one");
        assert_eq!(desk.book.open.len(), 3);
    }

    #[test]
    fn what_could_not_be_written_is_handed_out_again_and_the_old_is_forgotten() {
        let mut desk = Desk::open();
        let transfer = desk.begin("ada", 0..SIZE);
        desk.end(transfer, 0..SIZE);
        let unwritten = desk.downloads();
        assert!(desk.downloads().is_empty());
        desk.book.put_back(&unwritten);
        assert_eq!(desk.downloads(), unwritten);

        desk.book.forget_before(desk.now.plus(WINDOW * 2));
        assert!(desk.book.open.is_empty() && desk.book.by_receiver.is_empty());
    }
}
