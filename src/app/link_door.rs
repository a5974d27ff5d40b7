//! The door for those who come by a link.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::clock::Clock;
use crate::db;
use crate::domain::{ExportId, Link, LinkEnd, LinkId, UserId};
use crate::security::{LinkToken, Patience, Secret, Slowing};
use crate::telemetry::Metrics;

use super::DeskParts;
use super::door_error::DoorError;
use super::gate::Gate;
use super::passwords::Passwords;
use super::visitor::neighbourhood;

/// Of one place that tries tokens which are none. Nobody guesses one; a program that tries all the
/// same is told to stop, and has its tokens looked up after everyone else's.
const OF_STRANGERS: Patience = Patience {
    free: 100,
    first_wait: Duration::from_secs(1),
    longest_wait: Duration::from_secs(60),
    forgotten_after: Duration::from_secs(600),
    remembered: 20_000,
};

/// Somebody whom a link lets in. There is no other way to be one than through [`LinkDoor::admit`].
#[derive(Debug)]
pub struct Admitted(Link);

impl Admitted {
    /// By which link.
    pub const fn link(&self) -> LinkId {
        self.0.id
    }

    /// To whose package.
    pub const fn export(&self) -> ExportId {
        self.0.export
    }

    /// Who made the link.
    pub const fn made_by(&self) -> &UserId {
        &self.0.made_by
    }

    /// Whether downloads by the link are limited.
    pub const fn is_limited(&self) -> bool {
        self.0.max_downloads.is_some()
    }

    /// Whether no more downloads may begin.
    pub fn is_used_up(&self) -> bool {
        self.0.is_used_up()
    }
}

/// Lets in whoever has a link's token, and its password if it has one.
#[derive(Debug)]
pub struct LinkDoor {
    rows: db::Links,
    passwords: Arc<Passwords>,
    strangers: Slowing<IpAddr>,
    /// Where those stand whose tokens have been none too often: one is looked at at a time.
    line: Semaphore,
    gate: Gate,
    clock: Clock,
    metrics: Metrics,
}

impl LinkDoor {
    pub(super) fn new(parts: &DeskParts, passwords: Arc<Passwords>) -> Self {
        for reason in DoorError::REASONS {
            parts.metrics.link_refusals.with_label_values(&[reason]);
        }
        Self {
            rows: parts.database.links(),
            passwords,
            strangers: Slowing::new(OF_STRANGERS),
            line: Semaphore::new(1),
            gate: Gate::new(parts),
            clock: parts.clock.clone(),
            metrics: parts.metrics.clone(),
        }
    }

    /// Lets somebody in who comes from `address` and shows a token, if it can be one, and a
    /// password, if they have any.
    ///
    /// The link's row is read for each request, so that a link ends at once everywhere. Decided in
    /// this order: is there such a link, has it ended, is this its password.
    ///
    /// # Errors
    /// As the variants of [`DoorError`] say.
    pub async fn admit(
        &self,
        token: Option<&LinkToken>,
        password: Option<Secret>,
        address: IpAddr,
    ) -> Result<Admitted, DoorError> {
        let link = match self.known(token, address).await {
            Ok(link) => self.opened(link, password, address).await,
            Err(error) => Err(error),
        };
        link.map(Admitted).inspect_err(|error| self.count(error))
    }

    pub(super) const fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Counts somebody who was not let in.
    pub(super) fn count(&self, error: &DoorError) {
        self.metrics.link_refusals.with_label_values(&[error.reason()]).inc();
        let policy = match error {
            DoorError::UnknownSlowed { .. } => "link_token",
            DoorError::PasswordSlowed { .. } => "link_password",
            _ => return,
        };
        self.metrics.rate_limited.with_label_values(&[policy]).inc();
    }

    /// The link of a token. Tokens that are none count against where they came from, but a true
    /// one is served also there: many may share an address with one who guesses.
    async fn known(&self, token: Option<&LinkToken>, address: IpAddr) -> Result<Link, DoorError> {
        let (place, now) = (neighbourhood(address), self.clock.now());
        let _turn = match self.strangers.wait(&place, now) {
            Some(_) => Some(self.line.acquire().await),
            None => None,
        };
        let found = match token {
            Some(token) => {
                self.rows.by_token(&token.hash()).await?.filter(|link| token.is_of(&link.token_hash))
            }
            None => None,
        };
        found.ok_or_else(|| match self.strangers.begin(&place, now) {
            Ok(()) => DoorError::Unknown,
            Err(wait) => DoorError::UnknownSlowed { wait },
        })
    }

    async fn opened(&self, link: Link, password: Option<Secret>, address: IpAddr) -> Result<Link, DoorError> {
        match link.end_at(self.clock.now()) {
            Some(LinkEnd::Revoked) => return Err(DoorError::Revoked),
            Some(LinkEnd::Expired { at }) => return Err(DoorError::Expired { at }),
            None => {}
        }
        if let Some(kept) = &link.password_hash {
            let password = password.ok_or(DoorError::PasswordWanted)?;
            self.passwords.prove(link.id, kept, password, address).await?;
        }
        Ok(link)
    }
}
