//! Who is on the way, who waits, and what each may send: plain bookkeeping, told what time it is.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;
use std::task::Waker;

use tokio::time::Instant;

use crate::domain::{ExportId, LinkId, Receiver, UserId};

use super::bucket::{BURST, Bucket};
use super::shares::shares;

/// Whoever takes less than this at a time waits until it is so much, or what a bucket holds:
/// bytes leave in lumps that are worth the trouble.
const LUMP: u64 = 64 << 10;

/// Who shares with the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Party {
    User(UserId),
    /// A link counts for itself: whoever gave it away is not to suffer.
    Link(LinkId),
}

/// One download, whatever the number of its connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    export: ExportId,
    party: Party,
    /// Links are many people's; these are as well told apart as can be.
    from: Option<(IpAddr, Option<String>)>,
}

impl Route {
    /// The download of `export` by `to`.
    pub fn new(export: ExportId, to: &Receiver) -> Self {
        match to.link {
            Some(link) => {
                Self { export, party: Party::Link(link), from: Some((to.address, to.agent.clone())) }
            }
            None => Self { export, party: Party::User(to.user.clone()), from: None },
        }
    }
}

/// A download under way.
#[derive(Debug)]
struct Lane {
    connections: u64,
    waiting: u64,
    bucket: Option<Bucket>,
}

/// A connection that waits.
#[derive(Debug)]
struct Waiting {
    route: Route,
    wanted: u64,
    waker: Waker,
}

/// The way out of this node.
#[derive(Debug)]
pub struct Road {
    per_download: Option<u64>,
    total: Option<Bucket>,
    lanes: HashMap<Route, Lane>,
    /// Lanes that were left, and when they may be forgotten: before that, whoever comes back would
    /// find a full bucket again.
    left: VecDeque<(Instant, Route)>,
    /// By their turns, so whoever has waited for longest comes first.
    waiting: BTreeMap<u64, Waiting>,
    granted: HashMap<u64, u64>,
    turns: u64,
}

impl Road {
    /// A road with these limits, in bytes per second.
    pub fn new(per_download: Option<u64>, total: Option<u64>, now: Instant) -> Self {
        Self {
            per_download,
            total: total.map(|rate| Bucket::full(rate, now)),
            lanes: HashMap::new(),
            left: VecDeque::new(),
            waiting: BTreeMap::new(),
            granted: HashMap::new(),
            turns: 0,
        }
    }

    /// One more connection of a download.
    pub fn enter(&mut self, route: &Route, now: Instant) {
        self.forget(now);
        let rate = self.per_download;
        let lane = self.lanes.entry(route.clone()).or_insert_with(|| Lane {
            connections: 0,
            waiting: 0,
            bucket: rate.map(|rate| Bucket::full(rate, now)),
        });
        lane.connections += 1;
    }

    /// One connection less, which was granted `unused` bytes that did not leave.
    pub fn leave(&mut self, route: &Route, turn: Option<u64>, unused: u64, now: Instant) {
        let taken_back = turn.map_or(0, |turn| self.give_up(turn));
        self.put_back(route, unused + taken_back);
        if let Some(lane) = self.lanes.get_mut(route) {
            lane.connections -= 1;
            if lane.connections == 0 {
                self.left.push_back((now + BURST, route.clone()));
            }
        }
        self.forget(now);
    }

    /// What a connection of `route` that wants `wanted` bytes may have at once: some, where there
    /// are enough and nobody was there before.
    pub fn take(&mut self, route: &Route, wanted: u64, now: Instant) -> Option<u64> {
        let is_first = self.total.is_none() || self.waiting.is_empty();
        let lane = self.lanes.get_mut(route)?;
        if !is_first || lane.waiting > 0 {
            return None;
        }
        let mut available = wanted;
        for bucket in self.total.iter_mut().chain(&mut lane.bucket) {
            bucket.refill(now);
            if bucket.available() < wanted.min(LUMP).min(bucket.depth()) {
                return None;
            }
            available = available.min(bucket.available());
        }
        self.pay(route, available);
        Some(available)
    }

    /// Waits for a turn, whose number this is.
    pub fn wait(&mut self, route: &Route, wanted: u64, waker: Waker) -> u64 {
        self.turns += 1;
        if let Some(lane) = self.lanes.get_mut(route) {
            lane.waiting += 1;
        }
        self.waiting.insert(self.turns, Waiting { route: route.clone(), wanted, waker });
        self.turns
    }

    /// What turn `turn` got; nothing yet, and then `waker` is woken when it is something.
    pub fn collect(&mut self, turn: u64, waker: &Waker) -> Option<u64> {
        if let Some(waiting) = self.waiting.get_mut(&turn) {
            waiting.waker.clone_from(waker);
        }
        self.granted.remove(&turn)
    }

    /// Deals out what there is to those who wait; who they are that got something.
    pub fn deal(&mut self, now: Instant) -> Vec<Waker> {
        let parties = self.parties(now);
        let wanted: Vec<u64> =
            parties.iter().map(|lanes| sum(lanes.iter().map(|lane| lane.wanted))).collect();
        let mut woken = Vec::new();
        for (lanes, share) in parties.iter().zip(shares(self.available(now), &wanted)) {
            let wanted: Vec<u64> = lanes.iter().map(|lane| lane.wanted).collect();
            for (lane, share) in lanes.iter().zip(shares(share, &wanted)) {
                let wanted: Vec<u64> = lane.turns.iter().map(|(_, wanted)| *wanted).collect();
                for ((turn, _), share) in lane.turns.iter().zip(shares(share, &wanted)) {
                    woken.extend(self.grant(*turn, share));
                }
            }
        }
        woken
    }

    /// Whether nobody waits.
    pub fn is_clear(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes per second for one more or one of the connections of `route`: its download's limit,
    /// divided between those under way.
    pub fn rate(&self, route: &Route) -> Option<u64> {
        let connections = self.lanes.get(route).map_or(1, |lane| lane.connections.max(1));
        self.per_download.map(|rate| (rate / connections).max(1))
    }

    /// Those who wait, by party and by download, each in the order of its first turn.
    fn parties(&mut self, now: Instant) -> Vec<Vec<Wish>> {
        let mut parties: Vec<Vec<Wish>> = Vec::new();
        let (mut places, mut known) = (HashMap::new(), HashMap::new());
        for (&turn, Waiting { route, wanted, .. }) in &self.waiting {
            let party = *places.entry(&route.party).or_insert_with(|| {
                parties.push(Vec::new());
                parties.len() - 1
            });
            let lanes = &mut parties[party];
            let lane = *known.entry(route).or_insert_with(|| {
                let bucket = self.lanes.get_mut(route).and_then(|lane| lane.bucket.as_mut());
                lanes.push(Wish::new(bucket, now));
                lanes.len() - 1
            });
            lanes[lane].add(turn, *wanted);
        }
        parties
    }

    fn available(&mut self, now: Instant) -> u64 {
        self.total.as_mut().map_or(u64::MAX, |total| {
            total.refill(now);
            total.available()
        })
    }

    fn grant(&mut self, turn: u64, bytes: u64) -> Option<Waker> {
        if bytes == 0 {
            return None;
        }
        let Waiting { route, waker, .. } = self.waiting.remove(&turn)?;
        if let Some(lane) = self.lanes.get_mut(&route) {
            lane.waiting -= 1;
        }
        self.pay(&route, bytes);
        self.granted.insert(turn, bytes);
        Some(waker)
    }

    /// Gives a turn up, and what it got.
    fn give_up(&mut self, turn: u64) -> u64 {
        if let Some(Waiting { route, .. }) = self.waiting.remove(&turn)
            && let Some(lane) = self.lanes.get_mut(&route)
        {
            lane.waiting -= 1;
        }
        self.granted.remove(&turn).unwrap_or(0)
    }

    fn pay(&mut self, route: &Route, bytes: u64) {
        let lane = self.lanes.get_mut(route).and_then(|lane| lane.bucket.as_mut());
        self.total.iter_mut().chain(lane).for_each(|bucket| bucket.take(bytes));
    }

    fn put_back(&mut self, route: &Route, bytes: u64) {
        let lane = self.lanes.get_mut(route).and_then(|lane| lane.bucket.as_mut());
        self.total.iter_mut().chain(lane).for_each(|bucket| bucket.put_back(bytes));
    }

    /// Forgets lanes that were left long enough ago.
    fn forget(&mut self, now: Instant) {
        while self.left.front().is_some_and(|(due, _)| *due <= now) {
            let Some((_, route)) = self.left.pop_front() else { return };
            if self.lanes.get(&route).is_some_and(|lane| lane.connections == 0) {
                self.lanes.remove(&route);
            }
        }
    }
}

/// What the connections of one download want that wait.
#[derive(Debug)]
struct Wish {
    turns: Vec<(u64, u64)>,
    wanted: u64,
    most: u64,
}

impl Wish {
    fn new(bucket: Option<&mut Bucket>, now: Instant) -> Self {
        let most = bucket.map_or(u64::MAX, |bucket| {
            bucket.refill(now);
            bucket.available()
        });
        Self { turns: Vec::new(), wanted: 0, most }
    }

    fn add(&mut self, turn: u64, wanted: u64) {
        self.turns.push((turn, wanted));
        self.wanted = self.wanted.saturating_add(wanted).min(self.most);
    }
}

fn sum(values: impl Iterator<Item = u64>) -> u64 {
    values.fold(0, u64::saturating_add)
}
