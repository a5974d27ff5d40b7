//! The connections that fill a partial file.

use std::future::Future;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::{JoinSet, block_in_place};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::effort::Effort;
use super::fault::{GetError, Trouble};
use super::offer::Offer;
use super::partial::Partial;
use super::pieces::Pieces;

/// How much of a download a kill may cost, in time.
const SAVED: Duration = Duration::from_secs(1);

/// Connections that share what is to be fetched.
#[derive(Debug)]
pub struct Crew {
    effort: Arc<Effort>,
    offer: Offer,
    partial: Arc<Partial>,
    pieces: Mutex<Pieces>,
    /// Every byte is there.
    whole: CancellationToken,
}

impl Crew {
    /// Fetches what `partial` lacks of the offer: over so many connections, or, where the server
    /// sends no parts that are sure to belong together, over one from the first byte.
    ///
    /// # Errors
    /// The first trouble that does not pass. What has come by then is kept.
    pub async fn fill(
        effort: &Arc<Effort>,
        offer: &Offer,
        partial: &Arc<Partial>,
        connections: u16,
    ) -> Result<(), Trouble> {
        let pieces = Mutex::new(Pieces::of(partial.missing().ranges(), connections.into()));
        let (effort, partial) = (Arc::clone(effort), Arc::clone(partial));
        let crew = Self { effort, offer: offer.clone(), partial, pieces, whole: CancellationToken::new() };
        if offer.in_parts().is_none() {
            return crew.in_one().await;
        }
        let crew = Arc::new(crew);
        crew.saving(crew.in_parts(connections.into())).await
    }

    async fn in_parts(self: &Arc<Self>, connections: usize) -> Result<(), Trouble> {
        let mut all = JoinSet::new();
        for _ in 0..connections.min(self.pieces().waiting()) {
            let crew = Arc::clone(self);
            all.spawn(async move { crew.work().await });
        }
        let mut outcome = Ok(());
        while let (Ok(()), Some(ended)) = (&outcome, all.join_next().await) {
            outcome = ended.expect("nobody of the crew panics or is aborted");
        }
        // The first failure ends the others too; nobody writes any more when it is told.
        all.shutdown().await;
        outcome
    }

    /// One connection: piece after piece.
    async fn work(&self) -> Result<(), Trouble> {
        let mut patience = self.effort.patience();
        while let Some(mut piece) = self.take() {
            let began_at = piece.start;
            let fetched = self.effort.unless_stopped(self.fetch(&mut piece)).await?;
            if piece.start > began_at {
                patience.progress();
            }
            let Err(trouble) = fetched else { continue };
            let Trouble::Passing { why, after } = trouble else { return Err(trouble) };
            // Somebody else may have a connection that works.
            self.pieces().give_back(piece);
            tokio::select! {
                rested = self.effort.again(&mut patience, why, after) => rested?,
                () = self.whole.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Fetches `piece`, which then begins at the first byte that has not come.
    async fn fetch(&self, piece: &mut Range<u64>) -> Result<(), Trouble> {
        let mut answer = self.effort.source.range(piece, &self.offer).await?;
        while !piece.is_empty() {
            let bytes = self.effort.source.next(&mut answer).await?.ok_or_else(ended_early)?;
            let length = bytes.len() as u64;
            if length > piece.end - piece.start {
                return Err(GetError::Nonsense("it brings more bytes than were asked for").into());
            }
            block_in_place(|| self.partial.write(piece.start, &bytes))?;
            piece.start += length;
            self.effort.took(bytes.len()).await;
        }
        if self.partial.missing().bytes() == 0 {
            self.whole.cancel();
        }
        Ok(())
    }

    /// The whole over one connection. After a break it begins once more: nothing says that what
    /// comes then belongs to what came before.
    async fn in_one(&self) -> Result<(), Trouble> {
        self.effort
            .insist(async || {
                let mut answer = self.effort.source.whole().await?;
                if !self.offer.is_still(answer.headers()) {
                    return Err(Trouble::Changed);
                }
                self.partial.begin_again();
                self.effort.progress.begin_again();
                let mut came = 0;
                while let Some(bytes) = self.effort.source.next(&mut answer).await? {
                    block_in_place(|| self.partial.write(came, &bytes))?;
                    came += bytes.len() as u64;
                    self.effort.took(bytes.len()).await;
                }
                match self.offer.size {
                    Some(size) if size > came => Err(ended_early()),
                    Some(size) if size < came => {
                        Err(GetError::Nonsense("it brings more than it told").into())
                    }
                    _ => Ok(self.partial.ends_at(came)?),
                }
            })
            .await
    }

    /// `work`, with what came by then saved once a second; the connections are not held up by it.
    async fn saving(&self, work: impl Future<Output = Result<(), Trouble>>) -> Result<(), Trouble> {
        let saves = async {
            loop {
                sleep(SAVED).await;
                if let Err(error) = block_in_place(|| self.partial.save()) {
                    return Err(Trouble::Final(error));
                }
            }
        };
        tokio::select! {
            worked = work => worked,
            failed = saves => failed,
        }
    }

    fn take(&self) -> Option<Range<u64>> {
        self.pieces().next()
    }

    fn pieces(&self) -> MutexGuard<'_, Pieces> {
        self.pieces.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn ended_early() -> Trouble {
    Trouble::Passing { why: "the answer ended early".to_owned(), after: None }
}
