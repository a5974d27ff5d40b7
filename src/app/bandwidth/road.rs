//! Who is on the way, who waits, and what each may send: plain bookkeeping, told what time it is.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::task::Waker;

use tokio::time::Instant;

use super::bucket::{BURST, Bucket};
use super::route::Route;
use super::shares::shares;

/// Whoever could have less than this at once waits until it is so much, or all that a bucket
/// holds: bytes leave in lumps that are worth the trouble.
const LUMP: u64 = 64 << 10;
/// The most that one body has in its hands; what else it was given and did not use in time goes
/// back to the others.
const IN_HAND: u64 = 256 << 10;

/// A download under way.
#[derive(Debug)]
struct Lane {
    connections: u64,
    waiting: u64,
    bucket: Option<Bucket>,
}

/// One connection of a download.
#[derive(Debug)]
struct Carrier {
    route: Route,
    /// Bytes that it may send, and how many of them it is about to.
    credit: u64,
    in_hand: u64,
    /// When it got them.
    given_at: Instant,
    /// Its turn, if it waits.
    turn: Option<u64>,
}

/// A connection that waits.
#[derive(Debug)]
struct Waiting {
    carrier: u64,
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
    carriers: HashMap<u64, Carrier>,
    /// By their turns, so whoever has waited for longest comes first.
    waiting: BTreeMap<u64, Waiting>,
    /// The last number that was given, to a carrier or a turn.
    numbers: u64,
}

impl Road {
    /// A road with these limits, in bytes per second.
    pub fn new(per_download: Option<u64>, total: Option<u64>, now: Instant) -> Self {
        Self {
            per_download,
            total: total.map(|rate| Bucket::full(rate, now)),
            lanes: HashMap::new(),
            left: VecDeque::new(),
            carriers: HashMap::new(),
            waiting: BTreeMap::new(),
            numbers: 0,
        }
    }

    /// One more connection of a download; its number.
    pub fn enter(&mut self, route: Route, now: Instant) -> u64 {
        self.forget(now);
        let rate = self.per_download;
        let lane = self.lanes.entry(route.clone()).or_insert_with(|| Lane {
            connections: 0,
            waiting: 0,
            bucket: rate.map(|rate| Bucket::full(rate, now)),
        });
        lane.connections += 1;
        self.numbers += 1;
        let carrier = Carrier { route, credit: 0, in_hand: 0, given_at: now, turn: None };
        self.carriers.insert(self.numbers, carrier);
        self.numbers
    }

    /// One connection less. What it was given and did not send goes back.
    pub fn leave(&mut self, carrier: u64, now: Instant) {
        let Some(Carrier { route, credit, turn, .. }) = self.carriers.remove(&carrier) else { return };
        self.put_back(&route, credit);
        if let Some(lane) = self.lanes.get_mut(&route) {
            lane.waiting -= u64::from(turn.and_then(|turn| self.waiting.remove(&turn)).is_some());
            lane.connections -= 1;
            if lane.connections == 0 {
                self.left.push_back((now + BURST, route));
            }
        }
        self.forget(now);
    }

    /// How many of the next `wanted` bytes a connection may send; if none, it waits for its turn,
    /// and `waker` is woken when that has come.
    pub fn ask(&mut self, carrier: u64, wanted: u64, waker: &Waker, now: Instant) -> Option<u64> {
        let Carrier { route, credit, turn, .. } = self.carriers.get(&carrier)?;
        if *credit > 0 {
            return self.hand(carrier, wanted);
        }
        if let Some(waiting) = turn.and_then(|turn| self.waiting.get_mut(&turn)) {
            waiting.waker.clone_from(waker);
            return None;
        }
        let route = route.clone();
        if let Some(credit) = self.at_once(&route, wanted, now) {
            self.give(carrier, credit, now);
            return self.hand(carrier, wanted);
        }
        self.wait(carrier, &route, wanted, waker.clone());
        None
    }

    /// A connection has sent `bytes` of what it had in hand.
    pub fn sent(&mut self, carrier: u64, bytes: u64) {
        if let Some(carrier) = self.carriers.get_mut(&carrier) {
            carrier.credit = carrier.credit.saturating_sub(bytes);
            carrier.in_hand = 0;
        }
    }

    /// Deals out what there is to those who wait; who they are that got something.
    pub fn deal(&mut self, now: Instant) -> Vec<Waker> {
        self.take_back(now);
        let parties = self.parties(now);
        let wanted: Vec<u64> =
            parties.iter().map(|lanes| sum(lanes.iter().map(|lane| lane.wanted))).collect();
        let mut woken = Vec::new();
        for (lanes, share) in parties.iter().zip(shares(self.available(now), &wanted)) {
            let wanted: Vec<u64> = lanes.iter().map(|lane| lane.wanted).collect();
            for (lane, share) in lanes.iter().zip(shares(share, &wanted)) {
                let wanted: Vec<u64> = lane.turns.iter().map(|(_, wanted)| *wanted).collect();
                for ((turn, _), share) in lane.turns.iter().zip(shares(share, &wanted)) {
                    woken.extend(self.grant(*turn, share, now));
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

    /// What a connection of `route` that wants `wanted` bytes may have at once: some, where there
    /// are enough and nobody was there before.
    fn at_once(&mut self, route: &Route, wanted: u64, now: Instant) -> Option<u64> {
        let is_first = self.total.is_none() || self.waiting.is_empty();
        let lane = self.lanes.get_mut(route).filter(|lane| is_first && lane.waiting == 0)?;
        let mut available = wanted;
        for bucket in self.total.iter_mut().chain(&mut lane.bucket) {
            bucket.refill(now);
            if bucket.available() < wanted.min(LUMP).min(bucket.depth()) {
                return None;
            }
            available = available.min(bucket.available());
        }
        Some(available)
    }

    fn wait(&mut self, carrier: u64, route: &Route, wanted: u64, waker: Waker) {
        self.numbers += 1;
        if let Some(lane) = self.lanes.get_mut(route) {
            lane.waiting += 1;
        }
        if let Some(carrier) = self.carriers.get_mut(&carrier) {
            carrier.turn = Some(self.numbers);
        }
        self.waiting.insert(self.numbers, Waiting { carrier, wanted, waker });
    }

    /// Those who wait, by party and by download, each in the order of its first turn.
    fn parties(&mut self, now: Instant) -> Vec<Vec<Wish>> {
        let mut parties: Vec<Vec<Wish>> = Vec::new();
        let (mut places, mut known) = (HashMap::new(), HashMap::new());
        for (&turn, Waiting { carrier, wanted, .. }) in &self.waiting {
            let Some(Carrier { route, .. }) = self.carriers.get(carrier) else { continue };
            let party = *places.entry(route.party()).or_insert_with(|| {
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

    fn grant(&mut self, turn: u64, bytes: u64, now: Instant) -> Option<Waker> {
        if bytes == 0 {
            return None;
        }
        let Waiting { carrier, waker, .. } = self.waiting.remove(&turn)?;
        let route = &self.carriers.get(&carrier)?.route;
        if let Some(lane) = self.lanes.get_mut(route) {
            lane.waiting -= 1;
        }
        self.give(carrier, bytes, now);
        Some(waker)
    }

    /// A connection gets `bytes` that were there for it.
    fn give(&mut self, carrier: u64, bytes: u64, now: Instant) {
        let Some(carrier) = self.carriers.get_mut(&carrier) else { return };
        (carrier.credit, carrier.given_at, carrier.turn) = (bytes, now, None);
        let lane = self.lanes.get_mut(&carrier.route).and_then(|lane| lane.bucket.as_mut());
        self.total.iter_mut().chain(lane).for_each(|bucket| bucket.take(bytes));
    }

    /// What a connection takes in hand of what it was given.
    fn hand(&mut self, carrier: u64, wanted: u64) -> Option<u64> {
        let carrier = self.carriers.get_mut(&carrier)?;
        carrier.in_hand = carrier.credit.min(wanted).min(IN_HAND);
        Some(carrier.in_hand)
    }

    /// Takes back what was not used for as long as it would have taken to come in.
    fn take_back(&mut self, now: Instant) {
        let is_idle = |carrier: &&mut Carrier| {
            carrier.credit > carrier.in_hand && now.saturating_duration_since(carrier.given_at) >= BURST
        };
        let unused = self.carriers.values_mut().filter(is_idle).map(|carrier| {
            let unused = carrier.credit - carrier.in_hand;
            carrier.credit = carrier.in_hand;
            (carrier.route.clone(), unused)
        });
        for (route, unused) in unused.collect::<Vec<_>>() {
            self.put_back(&route, unused);
        }
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
