//! A package to standard output, as it comes.

use std::io::{self, Write};

use sha2::{Digest, Sha256 as Hasher};
use tokio::task::block_in_place;

use super::effort::Effort;
use super::fault::{GetError, Trouble};
use super::offer::Offer;
use crate::cli::client::Answered;
use crate::domain::Sha256;

/// Writes what is offered to standard output over one connection, resumed where it breaks; gives
/// back the bytes and their SHA-256.
///
/// # Errors
/// When it does not get through, or becomes another package after some of it has left.
pub async fn pour(effort: &Effort, offer: &Offer) -> Result<(u64, Sha256), Trouble> {
    let mut poured = Poured { offer: offer.clone(), out: 0, hasher: Hasher::new() };
    effort.insist(async || poured.go_on(effort).await).await?;
    block_in_place(|| io::stdout().flush()).map_err(GetError::Output)?;
    Ok((poured.out, Sha256(poured.hasher.finalize().into())))
}

struct Poured {
    offer: Offer,
    /// Bytes that have left.
    out: u64,
    hasher: Hasher,
}

impl Poured {
    async fn go_on(&mut self, effort: &Effort) -> Result<(), Trouble> {
        let (mut answer, mut skipped) = match self.ask(effort).await {
            Err(Trouble::OnlyWhole) => {
                self.offer = self.offer.only_whole();
                self.ask(effort).await?
            }
            Err(Trouble::Changed) if self.out > 0 => return Err(GetError::SplicedOut.into()),
            asked => asked?,
        };
        while let Some(mut bytes) = effort.source.next(&mut answer).await? {
            let length = bytes.len();
            let known = usize::try_from(skipped).unwrap_or(usize::MAX).min(length);
            skipped -= known as u64;
            let fresh = bytes.split_off(known);
            self.hasher.update(&fresh);
            block_in_place(|| io::stdout().write_all(&fresh)).map_err(GetError::Output)?;
            self.out += fresh.len() as u64;
            effort.took(length).await;
        }
        match self.offer.size {
            Some(size) if size > self.out => {
                Err(Trouble::Passing { why: "the answer ended early".to_owned(), after: None })
            }
            _ => Ok(()),
        }
    }

    /// An answer, and how many of its first bytes have left already.
    async fn ask(&self, effort: &Effort) -> Result<(Answered, u64), Trouble> {
        if let Some(size) = self.offer.in_parts().filter(|size| 0 < self.out && self.out < *size) {
            return Ok((effort.source.range(&(self.out..size), &self.offer).await?, 0));
        }
        let answer = effort.source.whole().await?;
        if self.offer.is_still(answer.headers()) { Ok((answer, self.out)) } else { Err(Trouble::Changed) }
    }
}
