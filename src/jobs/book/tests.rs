//! Downloads as clients make them, entered report by report.

use std::ops::Range;
use std::time::Duration;

use super::super::download::WINDOW;
use super::*;

const SIZE: u64 = 1_000;
const SECOND: Duration = Duration::from_secs(1);

struct Desk {
    book: Book,
    process: Uuid,
    export: ExportId,
    transfers: u64,
    now: Timestamp,
}

impl Desk {
    fn open() -> Self {
        let (process, export) = (Uuid::now_v7(), ExportId::new());
        let now = Timestamp::from_millis(1_763_683_200_000);
        Self { book: Book::default(), process, export, transfers: 0, now }
    }

    fn sending(&self, to: Receiver, planned: Range<u64>) -> Sending {
        Sending {
            export: self.export,
            to,
            download: None,
            reserved: None,
            size: Some(SIZE),
            planned: vec![planned],
            by: None,
        }
    }

    fn begin(&mut self, user: &str, planned: Range<u64>) -> u64 {
        let sending = self.sending(of_user(user), planned);
        self.send(sending, Mode::Direct, &Progress::default())
    }

    fn send(&mut self, sending: Sending, mode: Mode, progress: &Progress) -> u64 {
        let (transfer, progress, at) = (self.transfers, progress.clone(), self.now);
        self.transfers += 1;
        self.book.enter(Report::Began { transfer, sending, mode, progress, at });
        transfer
    }

    fn end(&mut self, transfer: u64, sent: Range<u64>) {
        let sent = sent.end - sent.start;
        self.book.enter(Report::Ended { transfer, sent, size: None, at: self.now });
    }

    fn ticket(&self, process: Uuid, transfer: u64, sending: Sending) -> Ticket {
        Ticket { process, transfer, at: self.now, sending }
    }

    fn downloads(&mut self) -> Vec<Download> {
        let mut downloads = self.book.take_changed();
        downloads.sort_by_key(|download| download.id);
        downloads
    }

    #[track_caller]
    fn only(&mut self) -> Download {
        let downloads = self.downloads();
        let [download] = &downloads[..] else { panic!("one download: {downloads:#?}") };
        download.clone()
    }
}

fn of_user(user: &str) -> Receiver {
    let user = user.parse().expect("a user id");
    Receiver { user, link: None, address: [127, 0, 0, 1].into(), agent: None }
}

#[test]
fn a_download_cut_in_half_and_resumed_is_one_and_complete() {
    let mut desk = Desk::open();
    let first = desk.begin("ada", 0..SIZE);
    desk.end(first, 0..400);
    assert!(!desk.only().complete);
    let rest = desk.begin("ada", 400..SIZE);
    desk.end(rest, 400..SIZE);
    let download = desk.only();
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
    assert!(desk.only().complete);
}

#[test]
fn pieces_join_the_whole_that_a_client_asked_for_first() {
    let mut desk = Desk::open();
    let whole = desk.begin("ada", 0..SIZE);
    let pieces = [desk.begin("ada", 250..500), desk.begin("ada", 500..SIZE)];
    desk.end(whole, 0..250);
    desk.end(pieces[0], 250..500);
    desk.end(pieces[1], 500..SIZE);
    assert!(desk.only().complete);
}

#[test]
fn a_resume_of_bytes_that_were_lost_on_the_way_is_no_other_download() {
    let mut desk = Desk::open();
    let whole = desk.begin("ada", 0..SIZE);
    desk.end(whole, 0..SIZE);
    let rest = desk.begin("ada", 600..SIZE);
    desk.end(rest, 600..SIZE);
    let download = desk.only();
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
fn strangers_behind_one_link_are_told_apart_and_a_user_is_one_everywhere() {
    let mut desk = Desk::open();
    let link = LinkId::new();
    let stranger = |address: [u8; 4], agent: &str| Receiver {
        link: Some(link),
        address: address.into(),
        agent: Some(agent.to_owned()),
        ..of_user("ada")
    };
    let elsewhere = |address: [u8; 4]| Receiver { address: address.into(), ..of_user("ada") };
    let mut fetch = |to: Receiver, planned: Range<u64>| {
        let sending = desk.sending(to, planned.clone());
        let transfer = desk.send(sending, Mode::Direct, &Progress::default());
        desk.end(transfer, planned);
    };
    for half in [0..500, 500..SIZE] {
        fetch(stranger([10, 0, 0, 1], "curl"), half.clone());
        fetch(stranger([10, 0, 0, 1], "Wget"), half.clone());
        fetch(stranger([10, 0, 0, 2], "curl"), half.clone());
    }
    fetch(elsewhere([10, 0, 0, 1]), 0..500);
    fetch(elsewhere([10, 9, 9, 9]), 500..SIZE);
    let downloads = desk.downloads();
    assert_eq!(downloads.len(), 4);
    assert!(downloads.iter().all(|download| download.complete && download.bytes == SIZE));
}

#[test]
fn what_was_settled_before_is_not_guessed() {
    let mut desk = Desk::open();
    let ids = [Uuid::now_v7(), Uuid::now_v7()];
    for half in [0..500, 500..SIZE] {
        for id in ids {
            let sending = Sending { download: Some(id), ..desk.sending(of_user("ada"), half.clone()) };
            let transfer = desk.send(sending, Mode::Direct, &Progress::default());
            desk.end(transfer, half.clone());
        }
    }
    let downloads = desk.downloads();
    assert_eq!(downloads.iter().map(|download| download.id).collect::<Vec<_>>(), ids);
    assert!(downloads.iter().all(|download| download.complete));
    let endings = desk.book.take_endings();
    assert_eq!(endings.iter().filter(|ending| ending.settled == Some(ids[0])).count(), 2);
    assert!(endings.iter().all(|ending| ending.sent == 500 && ending.fate == Fate::Whole));
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
    assert!(desk.book.open.is_empty() && desk.book.of_party.is_empty());
}

#[test]
fn how_far_a_response_has_come_is_known_before_its_end_and_counted_once() {
    let mut desk = Desk::open();
    let progress = Progress::default();
    let two = Sending { planned: vec![0..300, 600..SIZE], ..desk.sending(of_user("ada"), 0..0) };
    let transfer = desk.send(two, Mode::Direct, &progress);
    assert_eq!((desk.only().bytes, desk.book.take_busy().len()), (0, 1));

    desk.book.look(desk.now);
    assert!(desk.downloads().is_empty(), "nothing has moved");
    assert!(desk.book.take_busy().is_empty());
    progress.handed(400);
    desk.now = desk.now.plus(SECOND);
    desk.book.look(desk.now);
    let seen = desk.only();
    assert_eq!((seen.bytes, seen.covered.ranges()), (400, &[0..300, 600..700][..]));
    assert_eq!((seen.last_at, seen.ended_at), (desk.now, None));
    assert_eq!(desk.book.take_busy(), HashSet::from([desk.export]));

    progress.handed(300);
    desk.end(transfer, 0..700);
    let seen = desk.only();
    assert_eq!((seen.bytes, seen.covered.ranges()), (700, &[0..300, 600..SIZE][..]));
    assert_eq!(seen.ended_at, Some(desk.now));
}

#[test]
fn a_download_is_active_until_its_last_response_has_ended() {
    let mut desk = Desk::open();
    let (one, two) = (desk.begin("ada", 0..500), desk.begin("ada", 500..SIZE));
    desk.end(one, 0..500);
    assert_eq!(desk.only().ended_at, None);
    desk.now = desk.now.plus(SECOND);
    desk.end(two, 500..700);
    assert_eq!(desk.only().ended_at, Some(desk.now));
    let rest = desk.begin("ada", 700..SIZE);
    assert_eq!(desk.only().ended_at, None, "the row tells at once that it goes on");
    desk.end(rest, 700..SIZE);
    assert!(desk.only().complete);
}

#[test]
fn what_was_fetched_while_it_was_built_is_complete_when_its_size_is_known() {
    let mut desk = Desk::open();
    let progress = Progress::default();
    let [whole, broken] = [(); 2].map(|()| {
        let sending = Sending { size: None, ..desk.sending(of_user("ada"), 0..u64::MAX) };
        desk.send(sending, Mode::Direct, &progress)
    });
    progress.handed(300);
    desk.book.look(desk.now);
    assert!(desk.downloads().iter().all(|download| download.bytes == 300 && !download.complete));
    let size = Some(SIZE);
    desk.book.enter(Report::Ended { transfer: whole, sent: SIZE, size, at: desk.now });
    desk.end(broken, 0..400);
    let downloads = desk.downloads();
    let [whole, broken] = &downloads[..] else { panic!("two downloads") };
    assert_eq!((whole.complete, whole.size, whole.row().size), (true, size, SIZE));
    assert_eq!((broken.complete, broken.size, broken.row().size), (false, None, 0));
    assert_eq!(&Download::from(broken.row()), broken);

    let rest = desk.begin("ada", 400..SIZE);
    desk.end(rest, 400..SIZE);
    let resumed = desk.only();
    assert_eq!((resumed.id, resumed.complete), (broken.id, true), "it goes on with the one that broke");
}

#[test]
fn what_a_proxy_sends_is_awaited_and_ends_by_its_word() {
    let mut desk = Desk::open();
    let sending = desk.sending(of_user("ada"), 0..SIZE);
    let transfer = desk.send(sending.clone(), Mode::Accel, &Progress::default());
    assert!(desk.book.awaits_word());
    assert_eq!((desk.only().mode, desk.book.take_busy().len()), (Mode::Accel, 1));
    desk.book.look(desk.now);
    assert_eq!(desk.book.take_busy().len(), 1, "it may be moving");

    let ticket = desk.ticket(desk.process, transfer, sending);
    desk.book.told(&ticket, desk.process, 400, desk.now);
    let download = desk.only();
    assert_eq!((download.bytes, download.complete, download.ended_at), (400, false, Some(desk.now)));
    assert!(!desk.book.awaits_word());
    let [ending] = &desk.book.take_endings()[..] else { panic!("one ending") };
    assert_eq!((ending.fate, ending.is_ours, ending.sent), (Fate::Broken, true, 400));
}

#[test]
fn what_a_proxy_never_tells_of_is_given_up_and_a_late_word_still_counts() {
    let mut desk = Desk::open();
    let sending = desk.sending(of_user("ada"), 0..SIZE);
    let transfer = desk.send(sending.clone(), Mode::Accel, &Progress::default());
    let (ticket, began) = (desk.ticket(desk.process, transfer, sending), desk.now);
    desk.now = desk.now.plus(GIVEN_UP);
    desk.book.look(desk.now);
    assert!(desk.book.awaits_word());
    desk.now = desk.now.plus(SECOND);
    desk.book.look(desk.now);
    let download = desk.only();
    assert_eq!((download.bytes, download.ended_at), (0, Some(began)));
    assert!(!desk.book.awaits_word());
    assert_eq!(desk.book.take_endings()[0].fate, Fate::Lost);

    desk.book.told(&ticket, desk.process, SIZE, desk.now);
    let late = desk.only();
    assert_eq!((late.id, late.complete), (download.id, true));
    assert!(!desk.book.take_endings()[0].is_ours, "it is in flight no more");
}

#[test]
fn what_an_earlier_process_handed_over_goes_on_with_its_download() {
    let mut desk = Desk::open();
    let sending = desk.sending(of_user("ada"), 0..SIZE);
    desk.send(sending.clone(), Mode::Accel, &Progress::default());
    let before = desk.only();
    let ticket = desk.ticket(desk.process, 0, sending.clone());

    let mut later = Desk { export: desk.export, now: desk.now.plus(WINDOW * 4), ..Desk::open() };
    later.book.reopen(before.clone());
    later.book.forget_before(later.now);
    let fresh = later.send(sending, Mode::Accel, &Progress::default());
    assert_ne!(later.only().id, before.id, "an hour later the whole is another download");
    later.book.told(&ticket, later.process, SIZE, later.now);
    let told = later.only();
    assert_eq!((told.id, told.complete, told.began_at), (before.id, true, before.began_at));
    assert!(later.book.under_way.contains_key(&fresh), "one of the same number is another");

    later.book.forget_before(later.now.plus(WINDOW * 2));
    assert!(!later.book.is_open(before.id), "nothing more is awaited of it");
}

#[test]
fn a_word_of_what_nobody_knows_makes_a_download_of_its_own() {
    let mut desk = Desk::open();
    let ticket = desk.ticket(Uuid::now_v7(), 5, desk.sending(of_user("ada"), 0..SIZE));
    desk.now = desk.now.plus(SECOND);
    desk.book.told(&ticket, desk.process, 300, desk.now);
    let download = desk.only();
    assert_eq!((download.began_at, download.last_at, download.bytes), (ticket.at, desk.now, 300));
    assert_eq!(download.ended_at, Some(desk.now));
}
