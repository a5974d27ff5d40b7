//! The turnstile before packages: charges downloads to their users, before the first byte.
//!
//! What is charged is a download and not a request: pieces over many connections, a resume after
//! a cut and a look at the first byte belong to the one that was begun; the whole once more is
//! another. Which is which is remembered here, so that the thousand ranges of a download ask the
//! database nothing; what is charged lies in rows. A server that remembers nothing, because it
//! has just started or another one has begun the download, takes a piece for a part of what the
//! same user began of the same package within the last 15 minutes.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::runtime::Handle;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::clock::Clock;
use crate::db::{self, Charges, Counts, Fetch, Sent, StoreError, UserLimits};
use crate::domain::pass::{joined, length};
use crate::domain::{ExportId, Limits, Pass, Policy, Refusal, Timestamp, UserId};
use crate::ledger::Ledger;
use crate::telemetry::Metrics;

use super::DeskParts;
use super::till::Till;

/// Between two requests of one download.
const GOES_ON: Duration = Duration::from_secs(15 * 60);
/// Downloads that are remembered at once.
const REMEMBERED: u64 = 20_000;
/// So long it is believed that a user has no limit, or what it is of: whether one is kept is
/// always decided by the rows.
const BELIEVED: Duration = Duration::from_secs(1);

/// Why bytes are not sent just now.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// The user has used up what they may.
    #[error("a limit is reached")]
    Refused(Refusal),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// Bytes of which somebody wants to be sent some.
#[derive(Debug, Clone)]
pub struct WantedBytes<'w> {
    /// To whose limits they are charged.
    pub user: &'w UserId,
    /// Of whose package.
    pub export: ExportId,
    /// Bytes of the whole, where that is known.
    pub size: Option<u64>,
    /// Which of them.
    pub planned: &'w [Range<u64>],
    /// In what way they are asked for.
    pub way: Way,
}

/// In what way bytes are asked for, which decides what they are charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// As a download of the package.
    Download,
    /// By a link: its limits are its own, but the bytes are its maker's.
    Link,
    /// As one entry of the package, which is no download.
    Entry,
    /// Once more, because the proxy that was to send them could not.
    Again,
}

/// Bytes reserved for a response that has not begun. Dropped, they are given back.
#[derive(Debug)]
pub struct HeldBytes {
    reserved: Option<Uuid>,
    charges: Charges,
}

impl HeldBytes {
    /// The response begins: whoever hears of its end gives back what it did not send.
    pub fn begun(mut self) -> Uuid {
        self.reserved.take().expect("it is taken here and when it is dropped only")
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        let (Some(reserved), Ok(runtime)) = (self.reserved.take(), Handle::try_current()) else { return };
        let charges = self.charges.clone();
        runtime.spawn(async move {
            if let Err(error) = charges.settle(&[Sent { reserved, bytes: 0, ended: true }]).await {
                tracing::warn!(%error, "bytes that nobody sent were not given back; they count for a day");
            }
        });
    }
}

/// A download of one user, as far as it was asked for here.
#[derive(Debug, Default)]
struct Begun(Option<(Pass, Timestamp)>);

/// Lets downloads through, as far as their users' limits allow. There is one for the house.
#[derive(Debug)]
pub struct Turnstile {
    set: UserLimits,
    charges: Charges,
    till: Till,
    configured: Limits,
    limits: Cache<UserId, Limits>,
    begun: Cache<(UserId, ExportId), Arc<Mutex<Begun>>>,
    ledger: Ledger,
    clock: Clock,
    metrics: Metrics,
    store: Uuid,
}

impl Turnstile {
    pub(super) fn new(parts: &DeskParts) -> Self {
        let (charges, configured) = (parts.database.charges(), parts.limits.limits());
        Self {
            set: parts.database.user_limits(),
            till: Till::open(charges.clone(), configured, parts.clock.clone()),
            charges,
            configured,
            limits: Cache::builder().max_capacity(REMEMBERED).time_to_live(BELIEVED).build(),
            begun: Cache::builder().max_capacity(REMEMBERED).time_to_idle(GOES_ON).build(),
            ledger: parts.ledger.clone(),
            clock: parts.clock.clone(),
            metrics: parts.metrics.clone(),
            store: parts.store,
        }
    }

    /// Charges what is `wanted`, and reserves its bytes where they are limited. `by_proxy` tells
    /// whether a proxy will send them. What carries no byte is free.
    ///
    /// # Errors
    /// [`AdmitError::Refused`]; nothing is charged then.
    pub async fn admit(
        &self,
        wanted: &WantedBytes<'_>,
        by_proxy: bool,
    ) -> Result<Option<HeldBytes>, AdmitError> {
        if wanted.planned.is_empty() {
            return Ok(None);
        }
        let limits = self.limits_of(wanted.user).await?;
        let counts_downloads =
            wanted.way == Way::Download && limits[Policy::DownloadsPerMinute].most().is_some();
        let counts_bytes = limits[Policy::DownloadBytesPerDay].most().is_some();
        let admitted = match (counts_downloads, counts_bytes) {
            (false, false) => return Ok(None),
            (true, _) => self.as_download(wanted, counts_bytes, by_proxy).await,
            (false, true) => self.charge(wanted, Counts::Not, by_proxy).await.map(|(held, _)| held),
        };
        admitted.inspect_err(|error| self.count(error))
    }

    /// Others of the same download wait meanwhile: when it is decided for one, they need not ask.
    async fn as_download(
        &self,
        wanted: &WantedBytes<'_>,
        counts_bytes: bool,
        by_proxy: bool,
    ) -> Result<Option<HeldBytes>, AdmitError> {
        let begun = self.begun.get_with((wanted.user.clone(), wanted.export), async { Arc::default() }).await;
        let mut begun = begun.lock().await;
        let now = self.clock.now();
        let goes_on = begun.takes(wanted, now);
        let counts = match goes_on {
            true if !counts_bytes => {
                begun.add(wanted, now);
                return Ok(None);
            }
            true => Counts::Not,
            false if begun.is_new(now) && !is_whole(wanted) => Counts::UnlessBegun,
            false => Counts::AsOne,
        };
        let (held, was_begun) = self.charge(wanted, counts, by_proxy).await?;
        if !goes_on {
            begun.0 = Some((Pass::new(), now));
        }
        begun.add(wanted, now);
        if let Some((pass, _)) = begun.0.as_mut().filter(|_| was_begun) {
            // What was asked for elsewhere nobody knows: the whole is another download.
            pass.covered.add(0..wanted.size.unwrap_or(u64::MAX));
        }
        Ok(held)
    }

    /// Also tells whether it belongs to a download that was begun elsewhere.
    async fn charge(
        &self,
        wanted: &WantedBytes<'_>,
        counts: Counts,
        by_proxy: bool,
    ) -> Result<(Option<HeldBytes>, bool), AdmitError> {
        if wanted.way == Way::Again {
            // What was reserved the first time is free when it is written down that it came back.
            self.ledger.settled().await;
        }
        let fetch = Fetch {
            user: wanted.user.clone(),
            export: wanted.export,
            counts,
            bytes: wanted.size.map_or(0, |_| length(wanted.planned)),
            holder: (wanted.way != Way::Entry).then(|| holder(self.store, by_proxy)),
        };
        match self.till.charge(fetch).await? {
            // Nobody tells how much of an entry was sent: it is charged as it was asked for.
            db::Admitted::In { .. } if wanted.way == Way::Entry => Ok((None, false)),
            db::Admitted::In { reserved, was_begun } => {
                let held = |id| HeldBytes { reserved: Some(id), charges: self.charges.clone() };
                Ok((reserved.map(held), was_begun))
            }
            db::Admitted::Refused(refusal) => Err(AdmitError::Refused(refusal)),
        }
    }

    /// What is limited for `user`. Not how much: that is read where it is decided.
    async fn limits_of(&self, user: &UserId) -> Result<Limits, StoreError> {
        if let Some(limits) = self.limits.get(user).await {
            return Ok(limits);
        }
        let limits = self.set.in_force(user, &self.configured).await?;
        self.limits.insert(user.clone(), limits).await;
        Ok(limits)
    }

    fn count(&self, error: &AdmitError) {
        if let AdmitError::Refused(refusal) = error {
            self.metrics.rate_limited.with_label_values(&[refusal.reached.policy.as_str()]).inc();
        }
    }
}

impl Begun {
    /// Whether what is `wanted` belongs to this download.
    fn takes(&self, wanted: &WantedBytes<'_>, now: Timestamp) -> bool {
        let Some((pass, _)) = self.0.as_ref().filter(|_| !self.is_new(now)) else { return false };
        let size = wanted.size.unwrap_or(u64::MAX);
        joined(std::slice::from_ref(pass), wanted.planned, size).is_some()
    }

    /// Whether nothing was asked for lately.
    fn is_new(&self, now: Timestamp) -> bool {
        self.0.as_ref().is_none_or(|(_, last)| now.since(*last) > GOES_ON)
    }

    fn add(&mut self, wanted: &WantedBytes<'_>, now: Timestamp) {
        if let Some((pass, last)) = &mut self.0 {
            pass.spent = pass.spent.saturating_add(length(wanted.planned));
            wanted.planned.iter().for_each(|range| pass.covered.add(range.clone()));
            *last = now;
        }
    }
}

fn is_whole(wanted: &WantedBytes<'_>) -> bool {
    let planned: crate::domain::Spans = wanted.planned.iter().cloned().collect();
    wanted.size.is_none_or(|size| planned.covers(&(0..size)))
}

/// Who sends: what a process sends itself ends with it, what a proxy sends does not.
fn holder(store: Uuid, by_proxy: bool) -> String {
    if by_proxy { format!("{store}.proxy") } else { store.to_string() }
}
