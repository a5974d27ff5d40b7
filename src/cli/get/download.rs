//! One download, from what is offered to a file of its own name.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::crew::Crew;
use super::effort::Effort;
use super::fault::{GetError, Trouble};
use super::offer::Offer;
use super::partial::{Found, Partial};
use super::place::Place;
use super::{stream, waiting};
use crate::cli::plain::{plain, plain_path};
use crate::domain::{Sha256, human_size};

/// After so many packages in a row, nobody knows which one was meant.
const PACKAGES: usize = 4;

/// What is wanted of a download.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where to; `-` is standard output.
    pub output: Option<PathBuf>,
    /// How many connections at most.
    pub connections: u16,
    /// Whether what is in the way may be written over.
    pub force: bool,
    /// Whether a package that is being made is waited for.
    pub waits: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Got {
    path: Option<PathBuf>,
    bytes: u64,
    sha256: Sha256,
    /// Whether that is the digest that the server promised; it may have promised none.
    is_verified: bool,
    /// Bytes that were there before.
    kept: u64,
    took: Duration,
    tried_again: u32,
}

impl Got {
    /// For programs.
    pub fn facts(&self) -> Value {
        json!({
            "path": self.path,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "verified": self.is_verified,
            "kept": self.kept,
            "retries": self.tried_again,
            "seconds": self.took.as_secs_f64(),
        })
    }
}

/// For people.
impl fmt::Display for Got {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            writeln!(f, "path      {}", plain_path(path))?;
        }
        let promised = if self.is_verified { "as promised" } else { "none was promised" };
        writeln!(f, "size      {} ({} bytes)", human_size(self.bytes), self.bytes)?;
        writeln!(f, "sha256    {} ({promised})", self.sha256)?;
        write!(f, "seconds   {:.2}", self.took.as_secs_f64())
    }
}

/// A download under way. The thread that drives it may wait for the disk.
#[derive(Debug)]
pub struct Download {
    effort: Arc<Effort>,
    wanted: Wanted,
    began: Instant,
    /// The server sends no parts.
    only_whole: bool,
}

impl Download {
    /// A download of what lies at the source's address.
    pub fn new(effort: Effort, wanted: Wanted) -> Self {
        Self { effort: Arc::new(effort), wanted, began: Instant::now(), only_whole: false }
    }

    /// Downloads it.
    ///
    /// # Errors
    /// Whatever keeps it from being whole and where it was wanted.
    pub async fn run(mut self) -> Result<Got, GetError> {
        for _ in 0..PACKAGES {
            let attempted = self.attempt().await;
            self.effort.progress.end();
            match attempted {
                Ok(got) => return Ok(got),
                Err(Trouble::Changed) => {
                    self.effort.progress.note("another package lies at the address now; starting anew");
                }
                Err(Trouble::OnlyWhole) => {
                    self.effort.progress.note("the server sends no parts; starting anew over one connection");
                    self.only_whole = true;
                }
                Err(Trouble::Final(error)) => return Err(error),
                Err(Trouble::Passing { why, .. }) => return Err(GetError::GivenUp { why, retries: 0 }),
                Err(Trouble::NotReady { status, .. }) => return Err(GetError::NotReady(status)),
            }
        }
        Err(GetError::Restless)
    }

    async fn attempt(&self) -> Result<Got, Trouble> {
        let offer = waiting::offer(&self.effort, self.wanted.waits).await?;
        let offer = if self.only_whole { offer.only_whole() } else { offer };
        let output = self.wanted.output.as_deref();
        if output == Some(Path::new("-")) {
            return self.pour(&offer).await;
        }
        let place = Place::of(output, &offer, &self.effort.source.address());
        if block_in_place(|| place.is_filled(&offer, self.wanted.force, &self.effort.stop))? {
            self.effort.progress.note(format_args!("{} is there already", plain_path(&place.target)));
            let (bytes, sha256) = (offer.size.unwrap_or(0), offer.sha256.expect("it was compared"));
            return Ok(self.got(Some(place.target), &offer, sha256, bytes, bytes));
        }
        self.fill(place, &offer).await
    }

    async fn pour(&self, offer: &Offer) -> Result<Got, Trouble> {
        self.effort.progress.begin("standard output", offer.size, 0);
        let (bytes, sha256) = stream::pour(&self.effort, offer).await?;
        is_promised(offer, sha256)?;
        Ok(self.got(None, offer, sha256, bytes, 0))
    }

    async fn fill(&self, place: Place, offer: &Offer) -> Result<Got, Trouble> {
        let (partial, kept) = self.open(&place, offer)?;
        let partial = Arc::new(partial);
        if let Err(trouble) = Crew::fill(&self.effort, offer, &partial, self.wanted.connections).await {
            self.leave(&place, offer, &partial);
            return Err(trouble);
        }
        let (sha256, bytes) = block_in_place(|| self.finish(offer, &partial))?;
        Ok(self.got(Some(place.target), offer, sha256, bytes, kept))
    }

    /// The partial file, and how much of it was there.
    fn open(&self, place: &Place, offer: &Offer) -> Result<(Partial, u64), GetError> {
        let (force, address) = (self.wanted.force, self.effort.source.address());
        let opened = block_in_place(|| Partial::open(place, offer, address.identity(), force));
        let (partial, found) = opened?;
        let there = partial.there();
        let (part, progress) = (place.part(), &self.effort.progress);
        match found {
            Found::Nothing => {}
            Found::Part => {
                progress.note(format_args!("going on at {} in {}", human_size(there), plain_path(&part)));
            }
            Found::AnotherPackage => {
                progress.note(format_args!("{} is of another package; starting anew", plain_path(&part)));
            }
        }
        progress.begin(&plain(&place.name()), offer.size, there);
        Ok((partial, there))
    }

    /// Holds the whole against what was promised, and gives it its name.
    fn finish(&self, offer: &Offer, partial: &Partial) -> Result<(Sha256, u64), GetError> {
        let (sha256, bytes) = partial.digest(&self.effort.stop)?;
        if let Err(damaged) = is_promised(offer, sha256) {
            partial.discard();
            return Err(damaged);
        }
        partial.finish(self.wanted.force)?;
        Ok((sha256, bytes))
    }

    /// What came stays, if another run can go on from it.
    fn leave(&self, place: &Place, offer: &Offer, partial: &Partial) {
        let there = partial.there();
        if there == 0 || offer.in_parts().is_none() {
            partial.discard();
            return;
        }
        // If the disk does not take it, the state of a moment ago is there.
        let _ = block_in_place(|| partial.save());
        self.effort.progress.end();
        let (part, size) = (place.part(), human_size(offer.size.unwrap_or(0)));
        self.effort.progress.note(format_args!(
            "{} keeps {} of {size}; the same command goes on from there",
            plain_path(&part),
            human_size(there)
        ));
    }

    fn got(&self, path: Option<PathBuf>, offer: &Offer, sha256: Sha256, bytes: u64, kept: u64) -> Got {
        Got {
            path,
            bytes,
            sha256,
            is_verified: offer.sha256.is_some(),
            kept,
            took: self.began.elapsed(),
            tried_again: self.effort.tried_again(),
        }
    }
}

fn is_promised(offer: &Offer, found: Sha256) -> Result<(), GetError> {
    match offer.sha256 {
        Some(promised) if promised != found => Err(GetError::Damaged { found, promised }),
        _ => Ok(()),
    }
}
