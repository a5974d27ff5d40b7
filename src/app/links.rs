//! Links to packages, as those see them who make them.

use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::db::{self, LinkTally, MOST_LINKS, StoreError};
use crate::domain::{Caller, Export, ExportId, Link, LinkId, Timestamp};
use crate::ledger::Ledger;
use crate::security::{LinkToken, Secret};

use super::access::Access;
use super::passwords::Passwords;
use super::{DeskParts, DownloadError, Downloads, ExportError};

/// Why a link cannot be made, shown or revoked.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// There is no package to link to, or not for this caller.
    #[error(transparent)]
    Package(#[from] DownloadError),
    /// There is no such export, or not for this caller.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The export has no such link.
    #[error("this export has no link {0}")]
    Unknown(LinkId),
    /// It was to live longer than its package, or not at all.
    #[error("must be a whole number from 1 to {}: the package expires then", left.as_secs())]
    Lifetime {
        /// How long the package is still kept.
        left: Duration,
    },
    /// The export has had too many.
    #[error("this export has had {MOST_LINKS} links; make another export to share it with more")]
    TooMany,
    /// Too many passwords are being computed.
    #[error("too many passwords are being looked at just now; try again shortly")]
    Busy,
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A link that somebody wants.
#[derive(Debug, Clone, Default)]
pub struct NewLink {
    /// For so many seconds; for as long as its package when nothing is said.
    pub expires_in_seconds: Option<i64>,
    /// For so many downloads; any number when nothing is said.
    pub max_downloads: Option<u64>,
    /// What else has to be known.
    pub password: Option<Secret>,
}

/// A link as it stands.
#[derive(Debug, Clone)]
pub struct ShownLink {
    /// The link.
    pub link: Link,
    /// From when on it leads nowhere: by its own end, or its package's.
    pub expires_at: Timestamp,
    /// How many downloads came by it.
    pub downloads: u64,
    /// When one was last heard of.
    pub last_used_at: Option<Timestamp>,
}

/// Makes, shows and revokes links.
#[derive(Debug)]
pub struct Links {
    rows: db::Links,
    access: Access,
    downloads: Arc<Downloads>,
    passwords: Arc<Passwords>,
    ledger: Ledger,
    clock: Clock,
}

impl Links {
    pub(super) fn new(parts: &DeskParts, downloads: Arc<Downloads>, passwords: Arc<Passwords>) -> Self {
        Self {
            rows: parts.database.links(),
            access: parts.access(),
            downloads,
            passwords,
            ledger: parts.ledger.clone(),
            clock: parts.clock.clone(),
        }
    }

    /// Makes a link to a package. Its token is told now and never again.
    ///
    /// # Errors
    /// As a download's when there is no package; [`LinkError::Lifetime`], [`LinkError::TooMany`].
    pub async fn make(
        &self,
        caller: &Caller,
        export: ExportId,
        new: NewLink,
    ) -> Result<(ShownLink, LinkToken), LinkError> {
        let package = self.downloads.open(caller, export).await?;
        let now = self.clock.now();
        let expires_at = end(new.expires_in_seconds, now, package.expires_at)?;
        let password_hash = match new.password {
            Some(password) => Some(self.passwords.hash(password).await.ok_or(LinkError::Busy)?),
            None => None,
        };
        let token = LinkToken::new();
        let link = Link {
            id: LinkId::new(),
            export,
            made_by: caller.user.clone(),
            token_hash: token.hash(),
            password_hash,
            max_downloads: new.max_downloads,
            downloads: 0,
            created_at: now,
            expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        if !self.rows.acting_for(caller).make(&link).await? {
            return Err(LinkError::TooMany);
        }
        Ok((shown(link, package.expires_at, None), token))
    }

    /// The links of an export, oldest first, those included that have ended; with every download
    /// that was reported before this call.
    ///
    /// # Errors
    /// [`LinkError::Export`].
    pub async fn list(&self, caller: &Caller, export: ExportId) -> Result<Vec<ShownLink>, LinkError> {
        let export = self.export(caller, export).await?;
        self.ledger.settled().await;
        let rows = self.rows.acting_for(caller);
        let tallies = rows.tallies(export.id).await?;
        let links = rows.of(export.id).await?.into_iter();
        Ok(links
            .map(|link| {
                let tally = tallies.get(&link.id).copied();
                shown(link, package_end(&export), tally)
            })
            .collect())
    }

    /// One link of an export.
    ///
    /// # Errors
    /// [`LinkError::Export`], [`LinkError::Unknown`].
    pub async fn show(&self, caller: &Caller, export: ExportId, id: LinkId) -> Result<ShownLink, LinkError> {
        let links = self.list(caller, export).await?;
        links.into_iter().find(|shown| shown.link.id == id).ok_or(LinkError::Unknown(id))
    }

    /// Takes a link back: from now on it lets nobody in, on any node. Downloads under way finish.
    ///
    /// # Errors
    /// [`LinkError::Export`], [`LinkError::Unknown`].
    pub async fn revoke(&self, caller: &Caller, export: ExportId, id: LinkId) -> Result<(), LinkError> {
        let export = self.export(caller, export).await?;
        let rows = self.rows.acting_for(caller);
        rows.find(export.id, id).await?.ok_or(LinkError::Unknown(id))?;
        let now = self.clock.now();
        rows.revoke(export.id, id, &caller.user, export.status_at(now), now).await?;
        Ok(())
    }

    async fn export(&self, caller: &Caller, id: ExportId) -> Result<Export, ExportError> {
        Ok(self.access.export(caller, id).await?)
    }
}

/// When a link ends of itself that was asked for at `now`, for a package that ends at `package_end`.
fn end(seconds: Option<i64>, now: Timestamp, package_end: Timestamp) -> Result<Option<Timestamp>, LinkError> {
    let left = package_end.since(now);
    let Some(seconds) = seconds else { return Ok(None) };
    let lifetime = u64::try_from(seconds).map(Duration::from_secs).unwrap_or_default();
    if lifetime.is_zero() || lifetime > left {
        return Err(LinkError::Lifetime { left });
    }
    Ok(Some(now.plus(lifetime)))
}

fn package_end(export: &Export) -> Timestamp {
    export.expires_at.unwrap_or(export.created_at)
}

fn shown(link: Link, package_end: Timestamp, tally: Option<LinkTally>) -> ShownLink {
    let counted = tally.map_or(0, |tally| tally.count);
    ShownLink {
        expires_at: link.expires_at.map_or(package_end, |end| end.min(package_end)),
        // What a limit counts is decided before the first byte; the rest is counted after.
        downloads: if link.max_downloads.is_some() { link.downloads } else { counted },
        last_used_at: link.last_used_at.max(tally.map(|tally| tally.last_at)),
        link,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_ends_no_later_than_its_package() {
        let (now, package_end) = (Timestamp::from_millis(0), Timestamp::from_millis(60_900));
        let end = |seconds| end(seconds, now, package_end);
        assert_eq!(end(None).expect("as long as the package"), None);
        assert_eq!(end(Some(60)).expect("within"), Some(Timestamp::from_millis(60_000)));
        for wrong in [61, 0, -1, i64::MAX, i64::MIN] {
            let refused = end(Some(wrong)).expect_err("no time at all, or more than there is");
            assert_eq!(refused.to_string(), "must be a whole number from 1 to 60: the package expires then");
        }
    }
}
