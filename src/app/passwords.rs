//! Trying passwords: a few at a time, slower for those who fail, and at once for those who did not.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::domain::{LinkId, PasswordHash};
use crate::security::{Mark, Marker, Patience, Secret, Slowing, hash_password, is_password};

use super::door_error::DoorError;
use super::visitor::neighbourhood;

/// Digests computed at a time, each of which has a core and 19 MiB to itself.
const AT_ONCE: usize = 2;
/// A request waits this long for its turn to have one computed.
const TURN: Duration = Duration::from_secs(10);
/// A password that was right is known again for so long after its last use.
const REMEMBERED: Duration = Duration::from_secs(15 * 60);
/// And so many are.
const MOST_REMEMBERED: u64 = 10_000;

/// Of one place that tries passwords for one link. The tenth wrong password costs half a minute,
/// the fifteenth a quarter of an hour.
const OF_PLACE: Patience = Patience {
    free: 5,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(15 * 60),
    forgotten_after: Duration::from_secs(24 * 3600),
    remembered: 20_000,
};
/// Of all places together that have failed at one link.
const OF_LINK: Patience = Patience {
    free: 20,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(5 * 60),
    forgotten_after: Duration::from_secs(24 * 3600),
    remembered: 10_000,
};
/// Of all places together that have not failed at this link yet: whoever knows the password gets
/// in, also while others guess. Who has very many places still gets no more than one try each two
/// seconds.
const OF_NEWCOMERS: Patience = Patience { longest_wait: Duration::from_secs(2), ..OF_LINK };

/// Tries passwords of links.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    right: Cache<Mark, ()>,
    marker: Marker,
    of_place: Slowing<(LinkId, IpAddr)>,
    of_link: Slowing<LinkId>,
    of_newcomers: Slowing<LinkId>,
    clock: Clock,
}

/// Why a password opened nothing.
#[derive(Debug, Clone, Copy)]
enum Refused {
    Wrong,
    Slowed(Duration),
    Busy,
}

impl From<Refused> for DoorError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Wrong => Self::PasswordWrong,
            Refused::Slowed(wait) => Self::PasswordSlowed { wait },
            Refused::Busy => Self::Busy,
        }
    }
}

impl Passwords {
    pub(super) fn new(clock: Clock) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            right: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_idle(REMEMBERED).build(),
            marker: Marker::new(),
            of_place: Slowing::new(OF_PLACE),
            of_link: Slowing::new(OF_LINK),
            of_newcomers: Slowing::new(OF_NEWCOMERS),
            clock,
        }
    }

    /// The digest of a new password. `None` when too many are being computed just now.
    pub async fn hash(&self, password: Secret) -> Option<PasswordHash> {
        self.computed(move || hash_password(&password)).await
    }

    /// Tries `password` on a link, from `address`. The same password tried many times at once is
    /// one try; a right one is remembered, so that the second range of a thousand costs nothing.
    ///
    /// # Errors
    /// [`DoorError::PasswordWrong`], [`DoorError::PasswordSlowed`], [`DoorError::Busy`].
    pub async fn prove(
        &self,
        link: LinkId,
        kept: &PasswordHash,
        password: Secret,
        address: IpAddr,
    ) -> Result<(), DoorError> {
        let mark = self.marker.mark(&password, kept);
        let trying = self.attempt(link, kept.clone(), password, neighbourhood(address));
        self.right.try_get_with(mark, trying).await.map_err(|refused| DoorError::from(*refused))
    }

    async fn attempt(
        &self,
        link: LinkId,
        kept: PasswordHash,
        password: Secret,
        place: IpAddr,
    ) -> Result<(), Refused> {
        let now = self.clock.now();
        let is_newcomer = !self.of_place.has_failed(&(link, place), now);
        let others = if is_newcomer { &self.of_newcomers } else { &self.of_link };
        // Whoever waits for the place's sake does not add to the link's failures.
        if let Some(wait) = self.of_place.wait(&(link, place), now) {
            return Err(Refused::Slowed(wait));
        }
        others.begin(&link, now).map_err(Refused::Slowed)?;
        self.of_place.begin(&(link, place), now).map_err(Refused::Slowed)?;
        let is_right = self.computed(move || is_password(&password, &kept)).await;
        if is_right != Some(false) {
            others.forgive(&link);
            self.of_place.forgive(&(link, place));
        }
        match is_right {
            Some(true) => Ok(()),
            Some(false) => Err(Refused::Wrong),
            None => Err(Refused::Busy),
        }
    }

    /// What `compute` comes to, on a thread that may take its time; `None` when it had no turn.
    async fn computed<T: Send + 'static>(&self, compute: impl FnOnce() -> T + Send + 'static) -> Option<T> {
        let turn = timeout(TURN, Arc::clone(&self.turns).acquire_owned()).await.ok()?;
        // The turn goes along: it lasts as long as the computing, whoever went away meanwhile.
        let computing = move || {
            let _turn = turn.expect("nobody closes it");
            compute()
        };
        Some(tokio::task::spawn_blocking(computing).await.expect("a digest does not panic"))
    }
}
