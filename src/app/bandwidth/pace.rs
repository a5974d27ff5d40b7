//! The pace of one body, and the ticker that keeps those who wait going.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::domain::{ExportId, Receiver};

use super::road::Road;
use super::route::Route;
use crate::app::DownloadConfig;

/// How often those who wait get something; half of what comes together in the meantime at most
/// would be lost if a tick came as late as the next.
const TICK: Duration = Duration::from_millis(25);
/// A ticker goes when nobody has waited for so many ticks.
const IDLE_TICKS: u32 = 4;

/// How fast bytes of packages leave this node. Cheap to clone; all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Bandwidth(Arc<ArcSwapOption<Traffic>>);

#[derive(Debug)]
struct Traffic {
    road: Mutex<Ticked>,
}

#[derive(Debug)]
struct Ticked {
    road: Road,
    is_ticking: bool,
}

impl Bandwidth {
    /// What `download.rate_limit` and `download.total_rate_limit` say.
    pub fn new(config: &DownloadConfig) -> Self {
        Self(Arc::new(ArcSwapOption::new(Traffic::of(config))))
    }

    /// What these say now. Connections that are under way go on as they were.
    pub fn change(&self, config: &DownloadConfig) {
        self.0.store(Traffic::of(config));
    }

    /// The pace for one more connection that carries bytes of `export` to `to`; none where there
    /// is no limit. It counts as under way until it is dropped.
    pub fn enter(&self, export: ExportId, to: &Receiver) -> Option<Pace> {
        let traffic = self.0.load_full()?;
        let route = Route::new(export, to);
        let carrier = traffic.ticked().road.enter(route.clone(), Instant::now());
        Some(Pace { traffic, route, carrier })
    }

    /// Bytes per second for a response that somebody else sends: the download's limit, divided by
    /// its connections that are under way with a [`Pace`]; none where it has no limit of its own.
    pub fn rate(&self, export: ExportId, to: &Receiver) -> Option<u64> {
        self.0.load_full()?.ticked().road.rate(&Route::new(export, to))
    }
}

impl Traffic {
    /// Traffic within these limits, if there are any.
    fn of(config: &DownloadConfig) -> Option<Arc<Self>> {
        let (one, all) = (config.rate_limit, config.total_rate_limit);
        let road = || Ticked { road: Road::new(one, all, Instant::now()), is_ticking: false };
        (one.is_some() || all.is_some()).then(|| Arc::new(Self { road: Mutex::new(road()) }))
    }

    fn ticked(&self) -> MutexGuard<'_, Ticked> {
        // Numbers at worst off by what one body was granted: better than no downloads.
        self.road.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection's way to send no more than its share. Dropped, it gives back what it did not use.
#[derive(Debug)]
pub struct Pace {
    traffic: Arc<Traffic>,
    route: Route,
    carrier: u64,
}

impl Pace {
    /// How many of the next `wanted` bytes may leave now: at least 1, or pending, and then `cx` is
    /// woken when some may. What leaves is told by [`sent`](Self::sent).
    pub fn poll_leave(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<u64> {
        let mut ticked = self.traffic.ticked();
        if let Some(bytes) = ticked.road.ask(self.carrier, wanted, cx.waker(), Instant::now()) {
            return Poll::Ready(bytes);
        }
        if !std::mem::replace(&mut ticked.is_ticking, true) {
            tokio::spawn(tick(Arc::clone(&self.traffic)));
        }
        Poll::Pending
    }

    /// So many bytes have left.
    pub fn sent(&mut self, bytes: u64) {
        self.traffic.ticked().road.sent(self.carrier, bytes);
    }

    /// Bytes per second of its download, divided between its connections; none where only the
    /// node as a whole has a limit.
    pub fn rate(&self) -> Option<u64> {
        self.traffic.ticked().road.rate(&self.route)
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        self.traffic.ticked().road.leave(self.carrier, Instant::now());
    }
}

/// Deals out what there is while somebody waits. There is one for all.
async fn tick(traffic: Arc<Traffic>) {
    let mut ticks = interval_at(Instant::now() + TICK, TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut idle = 0;
    loop {
        ticks.tick().await;
        let mut ticked = traffic.ticked();
        idle = if ticked.road.is_clear() { idle + 1 } else { 0 };
        if idle == IDLE_TICKS {
            ticked.is_ticking = false;
            return;
        }
        let woken = ticked.road.deal(Instant::now());
        drop(ticked);
        woken.into_iter().for_each(std::task::Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use futures_util::FutureExt;

    use crate::domain::LinkId;

    use super::*;

    const MIB: u64 = 1 << 20;

    fn limits(one: Option<u64>, all: Option<u64>) -> Bandwidth {
        let config = DownloadConfig { rate_limit: one, total_rate_limit: all, ..DownloadConfig::default() };
        Bandwidth::new(&config)
    }

    fn user(name: &str) -> Receiver {
        let user = name.parse().expect("a user");
        Receiver { user, link: None, address: [127, 0, 0, 1].into(), agent: None }
    }

    /// Sends `wanted` at a time, as fast as it may, for `seconds` of the paused clock; how much
    /// that was.
    async fn sends(mut pace: Pace, wanted: u64, seconds: u64) -> u64 {
        let end = Instant::now() + Duration::from_secs(seconds);
        let mut sent = 0;
        loop {
            let leave = poll_fn(|cx| pace.poll_leave(cx, wanted));
            let Ok(bytes) = tokio::time::timeout_at(end, leave).await else { return sent };
            assert!((1..=wanted).contains(&bytes));
            pace.sent(bytes);
            sent += bytes;
        }
    }

    async fn all(senders: Vec<(Pace, u64)>, seconds: u64) -> Vec<u64> {
        let sending = senders.into_iter().map(|(pace, wanted)| tokio::spawn(sends(pace, wanted, seconds)));
        let sent = futures_util::future::join_all(sending).await;
        sent.into_iter().map(|sent| sent.expect("no panic")).collect()
    }

    /// Whether it is `expected`, but for what a bucket holds at the beginning and what a tick gives.
    #[track_caller]
    fn about(sent: u64, expected: u64) {
        assert!(sent.abs_diff(expected) <= expected / 50 + 2, "{sent} instead of {expected}");
    }

    #[tokio::test]
    async fn without_a_limit_there_is_no_pace() {
        assert!(limits(None, None).enter(ExportId::new(), &user("ada")).is_none());
        assert_eq!(limits(None, None).rate(ExportId::new(), &user("ada")), None);
    }

    #[tokio::test]
    async fn a_change_counts_for_connections_that_come_after_it() {
        let bandwidth = limits(None, None);
        let (export, to) = (ExportId::new(), user("ada"));
        assert!(bandwidth.enter(export, &to).is_none());
        let limited = DownloadConfig { rate_limit: Some(MIB), ..DownloadConfig::default() };
        bandwidth.clone().change(&limited);
        let pace = bandwidth.enter(export, &to).expect("a pace");
        bandwidth.change(&DownloadConfig::default());
        assert_eq!((pace.rate(), bandwidth.rate(export, &to)), (Some(MIB), None));
    }

    #[tokio::test(start_paused = true)]
    async fn one_download_has_one_limit_however_many_connections_it_has() {
        let (bandwidth, export) = (limits(Some(MIB), None), ExportId::new());
        let pace = |export, name: &str| bandwidth.enter(export, &user(name)).expect("a limit");
        let sent = all(
            vec![
                (pace(export, "ada"), MIB),
                (pace(export, "ada"), MIB),
                (pace(export, "ada"), 10_000),
                (pace(export, "bob"), MIB),
                (pace(ExportId::new(), "ada"), MIB),
            ],
            10,
        )
        .await;
        about(sent[..3].iter().sum(), 10 * MIB);
        about(sent[3], 10 * MIB);
        about(sent[4], 10 * MIB);
    }

    #[tokio::test(start_paused = true)]
    async fn the_node_is_shared_between_users_first_and_then_between_their_downloads() {
        let bandwidth = limits(None, Some(6 * MIB));
        let pace = |to: &Receiver| bandwidth.enter(ExportId::new(), to).expect("a limit");
        let link = |address: u8| Receiver {
            link: Some(LinkId::new()),
            address: [10, 0, 0, address].into(),
            ..user("ada")
        };
        let greedy = |pace| (pace, 100 * MIB);
        let mut senders = vec![greedy(pace(&user("ada"))), greedy(pace(&link(1)))];
        senders.extend((0..3).map(|_| greedy(pace(&user("bob")))));
        let sent = all(senders, 10).await;
        about(sent[0], 20 * MIB);
        about(sent[1], 20 * MIB);
        sent[2..].iter().for_each(|sent| about(*sent, 20 * MIB / 3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_one_does_not_use_goes_to_the_others() {
        let bandwidth = limits(Some(5 * MIB), Some(10 * MIB));
        let export = ExportId::new();
        let pace = |name: &str| bandwidth.enter(export, &user(name)).expect("a limit");
        // Dora's client takes what she gets and then thinks for a while.
        let mut slow = pace("dora");
        let dora = tokio::spawn(async move {
            let mut sent = 0;
            for _ in 0..100 {
                let leave = poll_fn(|cx| slow.poll_leave(cx, 1000)).await;
                slow.sent(leave);
                sent += leave;
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            sent
        });
        let sent = all(vec![(pace("ada"), MIB), (pace("bob"), MIB), (pace("carl"), MIB)], 10).await;
        let dora = dora.await.expect("no panic");
        assert!(dora > 0);
        about(sent.iter().sum::<u64>() + dora, 100 * MIB);
        sent.iter().for_each(|sent| about(*sent, (100 * MIB - dora) / 3));
    }

    #[tokio::test(start_paused = true)]
    async fn who_was_given_much_and_stalls_keeps_little_of_it() {
        let bandwidth = limits(None, Some(100 * MIB));
        let pace = |name: &str| bandwidth.enter(ExportId::new(), &user(name)).expect("a limit");
        let ada = tokio::spawn(sends(pace("ada"), 1000 * MIB, 10));
        let mut stalled = Vec::new();
        for number in 0..30 {
            let mut slow = pace(&format!("user-{number}"));
            let in_hand = poll_fn(|cx| slow.poll_leave(cx, 1000 * MIB)).await;
            assert!(in_hand <= MIB / 4);
            tokio::time::sleep(Duration::from_millis(100)).await;
            stalled.push(slow);
        }
        about(ada.await.expect("no panic"), 1000 * MIB - 30 * MIB / 4);
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_comes_or_goes_changes_the_shares_at_once() {
        let bandwidth = limits(None, Some(MIB));
        let pace = |name: &str| bandwidth.enter(ExportId::new(), &user(name)).expect("a limit");
        let ada = tokio::spawn(sends(pace("ada"), 100 * MIB, 30));
        tokio::time::sleep(Duration::from_secs(10)).await;
        about(sends(pace("bob"), 100 * MIB, 10).await, 5 * MIB);
        about(ada.await.expect("no panic"), 25 * MIB);
    }

    #[tokio::test(start_paused = true)]
    async fn the_slowest_limit_starves_nobody() {
        let bandwidth = limits(None, Some(16));
        let names: Vec<String> = (0..50).map(|number| format!("user-{number}")).collect();
        let senders = names.iter().zip(1..).map(|(name, number)| {
            (bandwidth.enter(ExportId::new(), &user(name)).expect("a limit"), number * 1000)
        });
        let sent = all(senders.collect(), 250).await;
        about(sent.iter().sum(), 4_000);
        sent.iter().for_each(|sent| about(*sent, 80));
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_gives_back_what_they_did_not_use_and_the_ticker_goes() {
        let (bandwidth, export) = (limits(Some(MIB), Some(MIB)), ExportId::new());
        let traffic = bandwidth.0.load_full().expect("a limit");
        let mut pace = bandwidth.enter(export, &user("ada")).expect("a limit");
        assert_eq!((pace.rate(), bandwidth.rate(export, &user("ada"))), (Some(MIB), Some(MIB)));
        let leave = poll_fn(|cx| pace.poll_leave(cx, 10 * MIB)).await;
        assert_eq!(leave, MIB / 20 + 1, "fifty milliseconds' worth");
        drop(pace);
        let mut again = bandwidth.enter(export, &user("ada")).expect("a limit");
        let mut other = bandwidth.enter(export, &user("ada")).expect("a limit");
        assert_eq!(again.rate(), Some(MIB / 2));
        assert_eq!(poll_fn(|cx| again.poll_leave(cx, MIB)).await, leave, "what was given back");
        again.sent(leave);
        assert!(poll_fn(|cx| other.poll_leave(cx, MIB)).now_or_never().is_none(), "it is all gone");
        assert!(traffic.ticked().is_ticking);
        drop((again, other));
        tokio::time::sleep(TICK * (IDLE_TICKS + 1)).await;
        assert!(!traffic.ticked().is_ticking && traffic.ticked().road.is_clear());
        assert_eq!(Arc::strong_count(&traffic), 2, "the ticker has gone");
    }
}
