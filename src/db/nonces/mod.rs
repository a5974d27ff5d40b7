//! The nonces of signed requests: each is good once, on every node and whatever restarts.

mod mark;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use tokio::sync::oneshot;

use crate::domain::Timestamp;

use mark::Mark;

use super::row::big;
use super::statement::{change, sql};
use super::{Database, StoreError};

/// Rows that one statement writes: few sizes, so that each is prepared once and used again.
const SIZES: [usize; 4] = [64, 16, 4, 1];
/// The most that one commit writes: others wait for it.
const MOST: usize = 512;
/// How much longer than necessary a nonce is kept: no clock of another node is further behind.
const GRACE: Duration = Duration::from_secs(300);
/// Nothing that was signed before is believed any more, by any clock.
const OLD_MARK: Duration = Duration::from_secs(3600);
/// Rows deleted at a time.
const BATCH: u64 = 5_000;

/// The rows of `nonces`.
///
/// A commit costs as much for a hundred nonces as for one, and requests come many at a time: so
/// whatever waits while one commit is under way is written by the next. Nobody waits for others to
/// come. SQLite's commits do not wait for the disk either, see `Mark`; PostgreSQL's do, because
/// nobody here would notice if it went down and came back.
#[derive(Debug, Clone)]
pub struct Nonces {
    database: Database,
    queue: Arc<Mutex<Queue>>,
    mark: Arc<Mark>,
}

/// A nonce that somebody wants to spend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewNonce {
    /// The name of the key that has signed it.
    pub key: String,
    /// What no other signature of that key has.
    pub nonce: String,
    /// When it was signed.
    pub created: Timestamp,
    /// Until when it would be believed.
    pub good_until: Timestamp,
}

impl NewNonce {
    fn pair(&self) -> (String, String) {
        (self.key.clone(), self.nonce.clone())
    }
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Waiting>,
    /// Whether there is a task that writes what waits.
    is_served: bool,
}

#[derive(Debug)]
struct Waiting {
    new: NewNonce,
    asked_at: Timestamp,
    answer: oneshot::Sender<Result<bool, StoreError>>,
}

/// Keys with their nonces.
type Pairs = HashSet<(String, String)>;

impl Nonces {
    pub(super) fn new(database: Database) -> Self {
        Self { database, queue: Arc::default(), mark: Arc::new(Mark::new()) }
    }

    /// Spends `new` at `now`: `true` for the one that comes first, wherever, and for no other
    /// afterwards, whatever restarts.
    ///
    /// # Errors
    /// [`StoreError`]; the nonce may be spent then or not.
    pub async fn spend(&self, new: NewNonce, now: Timestamp) -> Result<bool, StoreError> {
        let (answer, answered) = oneshot::channel();
        let is_served = {
            let mut queue = self.queue();
            queue.waiting.push(Waiting { new, asked_at: now, answer });
            std::mem::replace(&mut queue.is_served, true)
        };
        if !is_served {
            // Not by whoever asks: they may go away, and others wait for the same commit.
            tokio::spawn(self.clone().write());
        }
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Deletes nonces that no signature in time could have any more.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn prune(&self, now: Timestamp) -> Result<(), StoreError> {
        let text = "DELETE FROM nonces WHERE (key_id, nonce) IN
            (SELECT key_id, nonce FROM nonces WHERE good_until < $1 LIMIT $2)";
        loop {
            let transaction = self.database.begin().await?;
            let values = [now.minus(GRACE).millis().into(), big(BATCH).into()];
            let pruned = change(&transaction, text, values).await?;
            transaction.commit().await?;
            if pruned < BATCH {
                break;
            }
        }
        let transaction = self.database.begin().await?;
        let text = "DELETE FROM nonce_marks WHERE signed_until < $1";
        change(&transaction, text, [now.minus(OLD_MARK).millis().into()]).await?;
        Ok(transaction.commit().await?)
    }

    /// Writes as long as somebody waits.
    async fn write(self) {
        let _service = Service(&self);
        while let Some(waiting) = self.next() {
            let written = self.insert(&waiting).await;
            let mut fresh = match written {
                Ok(fresh) => fresh,
                Err(error) => return self.fail(waiting, &error),
            };
            for Waiting { new, answer, .. } in waiting {
                // Of two with one nonce in one commit, the first has it. Who went away is not told.
                let _ = answer.send(Ok(fresh.remove(&new.pair())));
            }
        }
    }

    /// What waits, oldest first; nothing ends the service.
    fn next(&self) -> Option<Vec<Waiting>> {
        let mut queue = self.queue();
        let most = queue.waiting.len().min(MOST);
        queue.is_served = most > 0;
        queue.is_served.then(|| queue.waiting.drain(..most).collect())
    }

    /// Tells these and whoever came since that it did not work: none of them is to wait for
    /// another failure.
    fn fail(&self, waiting: Vec<Waiting>, error: &StoreError) {
        let since = {
            let mut queue = self.queue();
            queue.is_served = false;
            std::mem::take(&mut queue.waiting)
        };
        for Waiting { answer, .. } in waiting.into_iter().chain(since) {
            let _ = answer.send(Err(error.again()));
        }
    }

    /// Those of `waiting` that nobody had spent before.
    async fn insert(&self, waiting: &[Waiting]) -> Result<Pairs, StoreError> {
        let mut fresh = Pairs::with_capacity(waiting.len());
        let floor =
            if self.database.is_postgres() { None } else { Some(self.mark.floor(&self.database).await?) };
        let is_new = |waiting: &&Waiting| floor.is_none_or(|floor| waiting.new.created > floor);
        // In one order, so that two nodes never wait for each other.
        let mut ordered: Vec<&NewNonce> = waiting.iter().filter(is_new).map(|waiting| &waiting.new).collect();
        ordered.sort_unstable_by(|one, other| (&one.key, &one.nonce).cmp(&(&other.key, &other.nonce)));
        let transaction = self.begin(waiting).await?;
        let mut rest = &ordered[..];
        while !rest.is_empty() {
            let size = SIZES.into_iter().find(|size| *size <= rest.len()).unwrap_or(1);
            let (rows, others) = rest.split_at(size);
            insert_some(&transaction, rows, &mut fresh).await?;
            rest = others;
        }
        transaction.commit().await?;
        Ok(fresh)
    }

    /// A transaction that does not wait for the disk if it need not.
    async fn begin(&self, waiting: &[Waiting]) -> Result<DatabaseTransaction, StoreError> {
        let latest = waiting.iter().map(|waiting| waiting.new.created).max();
        let now = waiting.iter().map(|waiting| waiting.asked_at).max();
        let (Some(latest), Some(now)) = (latest, now) else { return self.database.begin().await };
        if !self.database.is_postgres() && self.mark.covers(&self.database, latest, now).await? {
            return self.database.begin_unsynced().await;
        }
        self.database.begin().await
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that writes what waits. Should it panic, the next one to ask starts another.
struct Service<'a>(&'a Nonces);

impl Drop for Service<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.fail(Vec::new(), &gone());
        }
    }
}

fn gone() -> StoreError {
    StoreError::Unavailable(DbErr::Custom("the nonces' writer is gone".to_owned()))
}

async fn insert_some(
    on: &DatabaseTransaction,
    rows: &[&NewNonce],
    fresh: &mut Pairs,
) -> Result<(), StoreError> {
    let places: Vec<String> = (0..rows.len())
        .map(|row| format!("(${}, ${}, ${})", row * 3 + 1, row * 3 + 2, row * 3 + 3))
        .collect();
    let text = format!(
        "INSERT INTO nonces (key_id, nonce, good_until) VALUES {}
            ON CONFLICT (key_id, nonce) DO NOTHING RETURNING key_id, nonce",
        places.join(", ")
    );
    let values = rows
        .iter()
        .flat_map(|row| [row.key.as_str().into(), row.nonce.as_str().into(), row.good_until.millis().into()]);
    for row in on.query_all_raw(sql(on, &text, values)).await? {
        fresh.insert((row.try_get("", "key_id")?, row.try_get("", "nonce")?));
    }
    Ok(())
}
