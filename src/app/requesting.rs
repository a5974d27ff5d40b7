//! Asking for an export: may they, is there one already, is there room?

use std::time::Duration;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::db::{self, Charged, StoreError};
use crate::domain::{
    Allowance, Caller, Export, ExportId, Format, Kind, NewExport, Options, Origin, Pins, Project, Selection,
    Status, Timestamp, expires_at,
};
use crate::packaging::{Control, Estimate, Globs, LoadError, Material, Order, PackError, Shape};

use super::{Exports, RequestError};

/// Priorities that may be asked for.
pub const PRIORITIES: std::ops::RangeInclusive<i32> = -10..=10;
/// What a caller wants, parsed but not yet judged.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What, and which part of it.
    pub selection: Selection,
    /// In which shape; the kind's first when not said.
    pub format: Option<Format>,
    /// What else is chosen.
    pub options: Options,
    /// How long the package shall be kept, counted from completion.
    pub retention: Option<Duration>,
    /// Higher runs sooner; above 0 only for admins.
    pub priority: i32,
    /// Not before this instant.
    pub run_at: Option<Timestamp>,
    /// Whether an identical one will not do that has begun to read its source.
    pub fresh: bool,
}

/// The answer to a request.
#[derive(Debug, Clone)]
pub struct Requested {
    /// The export that will do, or does already.
    pub export: Export,
    /// Whether it was there before.
    pub deduplicated: bool,
    /// How much its owner has used now of the limits that count exports; nothing where none was
    /// charged.
    pub allowances: Vec<Allowance>,
}

/// Whose limits a new export is charged to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ChargedTo {
    Owner,
    Nobody,
}

impl Requested {
    fn twin(export: Export) -> Self {
        Self { export, deduplicated: true, allowances: Vec::new() }
    }
}

impl Exports {
    /// Asks for an export. An identical live one of the same owner is the answer if there is one and
    /// it will do, which is free; a new one is charged to the limits of its owner, admins' own too.
    ///
    /// # Errors
    /// Why the request is refused; nothing is left behind then.
    pub async fn request(
        &self,
        caller: &Caller,
        wanted: Wanted,
        origin: Origin,
    ) -> Result<Requested, RequestError> {
        self.ask(caller, wanted, origin, ChargedTo::Owner).await
    }

    async fn ask(
        &self,
        caller: &Caller,
        wanted: Wanted,
        origin: Origin,
        charged_to: ChargedTo,
    ) -> Result<Requested, RequestError> {
        let now = self.clock.now();
        let format = self.permitted(caller, &wanted).await?;
        self.judge_wishes(caller, &wanted, now)?;
        let rows = self.rows.acting_for(caller);
        let pinned = self.pinned(caller, &wanted, now).await;
        let key = dedup_key(caller, &wanted, format, pinned.as_ref().ok(), now);
        // The twin comes first: an answer that makes nothing needs neither project nor disk.
        let mut lost = None;
        if let Some(twin) = rows.twin(&key, now).await? {
            let has_not_begun = matches!(twin.status, Status::Scheduled | Status::Queued);
            match self.has_what_it_promises(&twin).await {
                true if has_not_begun || !wanted.fresh => return Ok(Requested::twin(twin)),
                true => {}
                false => lost = Some(twin.id),
            }
        }
        let new = self.judged(caller, wanted, format, pinned, origin, now).await?;
        if self.packages.is_short_of_space().map_err(RequestError::Storage)? {
            return Err(RequestError::DiskFull);
        }
        if let Some(lost) = lost {
            self.give_up(caller, lost, now).await?;
        }
        let (export, allowances) = match self.made(&rows, &new, &key, charged_to, now).await? {
            Charged::Twin(export) => return Ok(Requested::twin(export)),
            Charged::Refused(refusal) => {
                self.metrics.rate_limited.with_label_values(&[refusal.reached.policy.as_str()]).inc();
                return Err(RequestError::Refused(refusal));
            }
            Charged::New(export, allowances) => (export, allowances),
        };
        self.bell.ring_for_work();
        tracing::info!(
            export.id = %export.id,
            export.kind = %export.selection.kind(),
            correlation.id = %export.origin.correlation_id,
            "export requested"
        );
        Ok(Requested { export, deduplicated: false, allowances })
    }

    async fn made(
        &self,
        rows: &db::Exports,
        new: &NewExport,
        key: &str,
        charged_to: ChargedTo,
        now: Timestamp,
    ) -> Result<Charged, StoreError> {
        match charged_to {
            ChargedTo::Owner => rows.request_within(new, key, &self.limits, now).await,
            ChargedTo::Nobody => Ok(match rows.request(new, key, now).await? {
                db::Requested::New(export) => Charged::New(export, Vec::new()),
                db::Requested::Twin(export) => Charged::Twin(export),
            }),
        }
    }

    /// Whether the package of an export that has one is there, and was not found damaged: a file may
    /// be lost that its row still tells of.
    pub(super) async fn has_what_it_promises(&self, export: &Export) -> bool {
        let Some(package) = export.package.clone() else { return true };
        let packages = self.packages.clone();
        let look = move || packages.has(&package.key, package.size);
        tokio::task::spawn_blocking(look).await.expect("looking does not panic")
    }

    /// An export whose package is lost makes room for a new one.
    async fn give_up(&self, caller: &Caller, lost: ExportId, now: Timestamp) -> Result<(), StoreError> {
        if self.rows.acting_for(caller).delete(lost, now).await? {
            tracing::error!(export.id = %lost, "its package is lost or damaged; it makes room for a new export");
            self.bell.ring_for(lost);
        }
        Ok(())
    }

    /// What an export would contain. Writes nothing.
    ///
    /// # Errors
    /// As [`Exports::request`], and when the source cannot be read.
    pub async fn estimate(&self, caller: &Caller, wanted: Wanted) -> Result<Estimate, RequestError> {
        let format = self.permitted(caller, &wanted).await?;
        let now = self.clock.now();
        let pinned = self.pinned(caller, &wanted, now).await;
        let new = self.judged(caller, wanted, format, pinned, Origin::default(), now).await?;
        let loader = self.registry.loader(new.selection.kind());
        let profile = new.options.profile();
        let order = Order {
            export: None,
            owner: new.owner,
            selection: new.selection,
            pins: new.pins,
            format,
            options: new.options,
            bench: None,
        };
        if let Some(estimate) = loader.estimate(&order).await? {
            return Ok(estimate);
        }
        let (Material::Tree(source), Some(archive)) = (loader.open(&order).await?, format.archive()) else {
            return Err(RequestError::Source(PackError::Load(LoadError::NotThere)));
        };
        let packer = self.packer.clone();
        let shape = Shape { format: archive, profile };
        let control = Control::default();
        // A caller who goes away takes the scan along.
        let _stop_with_caller = control.cancel.clone().drop_guard();
        tokio::task::spawn_blocking(move || packer.estimate(source, shape, &control))
            .await
            .expect("an estimate does not panic")
            .map_err(RequestError::Source)
    }

    /// Asks once more for what an ended export was to be, or for what was completed and is lost or
    /// damaged. A new export: an old one that ended stays as it is, and one that is lost ends.
    ///
    /// # Errors
    /// [`RequestError::NotRetryable`] while the old one is under way or has its package.
    pub async fn retry(
        &self,
        caller: &Caller,
        id: ExportId,
        origin: Origin,
    ) -> Result<Requested, RequestError> {
        let old = self.show(caller, id).await?;
        let status = old.status_at(self.clock.now());
        let is_lost = match status {
            Status::Failed | Status::Cancelled | Status::Expired => false,
            Status::Completed if !self.has_what_it_promises(&old).await => true,
            Status::Scheduled
            | Status::Queued
            | Status::Processing
            | Status::Cancelling
            | Status::Completed => {
                return Err(RequestError::NotRetryable(status));
            }
        };
        // An admin retries for the owner: the package is theirs again, but not the charge.
        let charged_to = if caller.user == old.owner { ChargedTo::Owner } else { ChargedTo::Nobody };
        let acting = (old.owner.as_str() != caller.actor()).then(|| caller.actor().to_owned());
        let owner = Caller { user: old.owner, acting, ..caller.clone() };
        let wanted = Wanted {
            selection: old.selection,
            format: Some(old.format),
            options: old.options,
            retention: Some(old.retention),
            priority: old.priority,
            run_at: None,
            fresh: false,
        };
        let requested = self.ask(&owner, wanted, origin, charged_to).await?;
        if is_lost {
            // What it was of may have changed since: then the new one is no twin of it.
            self.give_up(caller, id, self.clock.now()).await?;
        }
        let rows = self.rows.acting_for(caller);
        rows.retried(id, &requested.export, status, self.clock.now()).await?;
        Ok(requested)
    }

    /// The format that is wanted, if the caller may ask for that kind in it: decided before
    /// anything about what is selected is told.
    async fn permitted(&self, caller: &Caller, wanted: &Wanted) -> Result<Format, RequestError> {
        let (kind, format) = (wanted.selection.kind(), format_of(wanted)?);
        match self.permissions.allow(caller, kind, format).await? {
            true => Ok(format),
            false => Err(RequestError::NotPermitted { kind, format }),
        }
    }

    /// What can be wrong with a wish whatever it is for, and also where there is a twin already. How
    /// long the package is kept.
    fn judge_wishes(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<Duration, RequestError> {
        let config = self.config.load_full();
        let retention = wanted.retention.unwrap_or(config.default.min(config.max));
        expires_at(now, retention, config.max)?;
        let highest = if caller.is_admin() { *PRIORITIES.end() } else { 0 };
        if !(*PRIORITIES.start()..=highest).contains(&wanted.priority) {
            return Err(RequestError::PriorityNotAllowed(wanted.priority));
        }
        Ok(retention)
    }

    pub(super) async fn judged(
        &self,
        caller: &Caller,
        wanted: Wanted,
        format: Format,
        pinned: Result<Pinned, RequestError>,
        origin: Origin,
        now: Timestamp,
    ) -> Result<NewExport, RequestError> {
        let retention = self.judge_wishes(caller, &wanted, now)?;
        let title = match self.judge_data(caller, &wanted, format)? {
            Some(title) => title,
            None => self.project_of(caller, &wanted.selection).await?.name,
        };
        let pinned = pinned?;
        Ok(NewExport {
            owner: caller.user.clone(),
            selection: wanted.selection,
            format,
            pins: if pinned.for_good { pinned.pins } else { Pins::default() },
            options: wanted.options,
            title,
            priority: wanted.priority,
            retention,
            run_at: wanted.run_at.unwrap_or(now).max(now),
            fresh: wanted.fresh,
            max_attempts: self.max_attempts,
            origin,
        })
    }

    pub(super) async fn project_of(
        &self,
        caller: &Caller,
        selection: &Selection,
    ) -> Result<Project, RequestError> {
        let Some(selector) = selection.of_project() else {
            return Err(RequestError::Source(PackError::Load(LoadError::NotThere)));
        };
        Globs::new(&selector.paths)?;
        let project = self.places.find(&caller.user, &selector.project_id).await?;
        project.ok_or_else(|| RequestError::ProjectNotFound(selector.project_id.clone()))
    }

    /// What the versions that are asked for stand for at `now`. An export that is to run at once
    /// is of these, even if it has to wait and a branch moves; one for later is of what they
    /// stand for then.
    pub(super) async fn pinned(
        &self,
        caller: &Caller,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<Pinned, RequestError> {
        if wanted.selection.kind() != Kind::Project {
            // What an asker may see, and how the report is to look, does not wait.
            return Ok(Pinned { pins: self.data_pins(caller, wanted).await?, for_good: true });
        }
        let loader = self.registry.loader(wanted.selection.kind());
        let pins = loader.pins(&caller.user, &wanted.selection).await?;
        Ok(Pinned { pins, for_good: wanted.run_at.is_none_or(|run_at| run_at <= now) })
    }
}

/// What versions stand for.
#[derive(Debug, Serialize)]
pub(super) struct Pinned {
    pins: Pins,
    /// Whether the export will be of these, whatever happens until then.
    for_good: bool,
}

pub(super) fn format_of(wanted: &Wanted) -> Result<Format, RequestError> {
    let kind = wanted.selection.kind();
    let format = wanted.format.unwrap_or(kind.formats()[0]);
    if kind.formats().contains(&format) {
        Ok(format)
    } else {
        Err(RequestError::UnsupportedFormat { kind, format })
    }
}

/// What makes two requests the same: user, kind, selector, format and options; what the versions in
/// the selector stand for, so that a branch that has moved is another one; and when it is to run, if
/// that is later: what somebody will have then is not what they want now.
///
/// A digest, because a selector may be longer than an index entry.
fn dedup_key(
    caller: &Caller,
    wanted: &Wanted,
    format: Format,
    pinned: Option<&Pinned>,
    now: Timestamp,
) -> String {
    let selector = wanted.selection.to_json();
    let pinned = pinned.filter(|pinned| pinned.pins != Pins::default());
    let kind = wanted.selection.kind();
    let later = wanted.run_at.filter(|run_at| *run_at > now);
    let identity = (caller.user.as_str(), kind, selector, format, &wanted.options, pinned, later);
    let identity = serde_json::to_vec(&identity).expect("a selector has only text keys");
    crate::domain::Sha256(Sha256::digest(identity).into()).to_string()
}
