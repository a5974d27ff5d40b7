//! Where a set of keys comes from: a file that changes, or an identity provider.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use sha2::{Digest, Sha256 as Hasher};

use crate::clock::Clock;

use super::jwks::KeySet;
use super::jwks_error::JwksError;
use super::schedule::Schedule;

/// What a fetch brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// A JWK Set, one hopes.
    pub bytes: Vec<u8>,
    /// For how long its owner calls it fresh.
    pub max_age: Option<Duration>,
}

/// Fetches the keys of one provider, bounded in time and bytes.
#[async_trait]
pub trait FetchKeys: fmt::Debug + Send + Sync {
    /// Asks once.
    ///
    /// # Errors
    /// Why there is no answer, or none that can be used.
    async fn fetch(&self) -> Result<Fetched, Box<dyn std::error::Error + Send + Sync>>;
}

/// Stands in where keys are never asked for.
#[derive(Debug)]
pub struct NobodyFetches;

#[async_trait]
impl FetchKeys for NobodyFetches {
    async fn fetch(&self) -> Result<Fetched, Box<dyn std::error::Error + Send + Sync>> {
        Err("nobody fetches here".into())
    }
}

/// The keys as they are now, and how to have them anew.
#[derive(Debug)]
pub struct Provider {
    set: RwLock<Option<Arc<KeySet>>>,
    /// Of the text that the set was read from, and the last complaint: so that neither is told
    /// every time.
    told: Mutex<Told>,
    origin: Origin,
}

/// The right to fetch, which one has at a time.
type Fetching = tokio::sync::OwnedMutexGuard<()>;

#[derive(Debug, Default)]
struct Told {
    read: Option<[u8; 32]>,
    fault: Option<String>,
}

#[derive(Debug)]
enum Origin {
    File(PathBuf),
    Url(Remote),
}

#[derive(Debug)]
struct Remote {
    fetcher: Arc<dyn FetchKeys>,
    clock: Clock,
    schedule: Mutex<Schedule>,
    /// Held by the one fetch there is at a time.
    fetching: Arc<tokio::sync::Mutex<()>>,
}

impl Provider {
    /// The keys in the file `path`.
    ///
    /// # Errors
    /// When there is none that tokens could be checked with.
    pub fn in_file(path: PathBuf) -> Result<Self, JwksError> {
        let provider = Self::of(Origin::File(path));
        provider.read_file()?;
        Ok(provider)
    }

    /// The keys that `fetcher` brings. None so far: a house opens whether its provider is up or
    /// not.
    pub fn elsewhere(fetcher: Arc<dyn FetchKeys>, clock: Clock) -> Self {
        let schedule = Mutex::new(Schedule::new(clock.now()));
        Self::of(Origin::Url(Remote { fetcher, clock, schedule, fetching: Arc::default() }))
    }

    fn of(origin: Origin) -> Self {
        Self { set: RwLock::default(), told: Mutex::default(), origin }
    }

    /// The keys, if there are any yet.
    pub fn set(&self) -> Option<Arc<KeySet>> {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the keys anew if it is time.
    pub async fn keep_current(self: &Arc<Self>) {
        match &self.origin {
            Origin::File(_) => {
                let this = Arc::clone(self);
                let read = tokio::task::spawn_blocking(move || this.read_file());
                if let Ok(Err(error)) = read.await {
                    self.complain(&error.to_string());
                }
            }
            Origin::Url(remote) if remote.is_due() => self.fetch(remote, None).await,
            Origin::Url(_) => {}
        }
    }

    /// A token names a key that is not here: waits for whatever is being fetched, or fetches if an
    /// unknown key is a reason to. Gives back whether there may be other keys now: also when one
    /// ended just before.
    pub async fn look_for_unknown(self: &Arc<Self>) -> bool {
        let Origin::Url(remote) = &self.origin else { return false };
        let Some(begun) = remote.admits_unknown() else {
            drop(remote.fetching.lock().await);
            return true;
        };
        // Goes on even when whoever asked goes away: it is the only one for five minutes.
        let this = Arc::clone(self);
        let fetched = tokio::spawn(async move {
            if let Origin::Url(remote) = &this.origin {
                this.fetch(remote, begun).await;
            }
        });
        fetched.await.is_ok()
    }

    /// One fetch at a time; whoever waited for one has no need of another.
    async fn fetch(&self, remote: &Remote, begun: Option<Fetching>) {
        let before = remote.schedule().ended;
        let _the_only_one = match begun {
            Some(begun) => begun,
            None => Arc::clone(&remote.fetching).lock_owned().await,
        };
        if remote.schedule().ended != before {
            return;
        }
        let taken = match remote.fetcher.fetch().await {
            Ok(Fetched { bytes, max_age }) => {
                self.take(&bytes).map(|()| max_age).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        let now = remote.clock.now();
        match taken {
            Ok(max_age) => remote.schedule().succeeded(now, max_age),
            Err(error) => {
                remote.schedule().failed(now);
                self.complain(&error);
            }
        }
    }

    fn read_file(&self) -> Result<(), JwksError> {
        let Origin::File(path) = &self.origin else { return Ok(()) };
        let text = std::fs::read(path).map_err(|error| JwksError::Unreadable(error.to_string()))?;
        self.take(&text)
    }

    pub(super) fn take(&self, text: &[u8]) -> Result<(), JwksError> {
        let digest: [u8; 32] = Hasher::digest(text).into();
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.read == Some(digest) {
            told.fault = None;
            return Ok(());
        }
        let set = KeySet::parse(text)?;
        for passed_over in &set.passed_over {
            tracing::warn!(key = passed_over, "a key of the JWK Set is passed over");
        }
        tracing::info!(keys = set.len(), "the keys of tokens are read");
        *told = Told { read: Some(digest), fault: None };
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(set));
        Ok(())
    }

    /// Tells why the keys stay as they are, once for each reason in a row.
    fn complain(&self, error: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.fault.as_deref() != Some(error) {
            let has_keys = told.read.is_some();
            tracing::warn!(error, has_keys, "the keys of tokens cannot be had anew; those there are stay");
            told.fault = Some(error.to_owned());
        }
    }
}

impl Remote {
    fn schedule(&self) -> std::sync::MutexGuard<'_, Schedule> {
        self.schedule.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_due(&self) -> bool {
        self.schedule().is_due(self.clock.now())
    }

    /// Whether an unknown key is a reason to fetch now. If it is, that fetch has begun already,
    /// unless another one is under way: whoever is told no waits for it.
    fn admits_unknown(&self) -> Option<Option<Fetching>> {
        let mut schedule = self.schedule();
        let is_reason = schedule.admits_unknown(self.clock.now());
        is_reason.then(|| Arc::clone(&self.fetching).try_lock_owned().ok())
    }
}
