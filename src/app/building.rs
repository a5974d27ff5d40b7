//! Packages that are fetched while they are being built.
//!
//! Bytes go out as soon as they are final, long before the row says `completed`. So nobody is to
//! take them for a package before that: a [`Building`] ends only when its row is completed with
//! the very package that was followed.

use std::fs::File;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use crate::bell::{Bell, Changes};
use crate::db;
use crate::domain::{Caller, Export, ExportId, PackageKey, Sha256, Status};
use crate::storage::{Growing, Grown};

use super::{DownloadError, Downloads, Opened};

/// A row is looked at this often by whoever waits for it, in case its ring was lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// A package for whoever would rather wait.
#[derive(Debug)]
pub enum Fetched {
    /// It is there.
    Whole(Arc<Opened>),
    /// It is being built.
    Building(Box<Building>),
}

/// A package that is being built on this node.
#[derive(Debug)]
pub struct Building {
    /// Whose package.
    pub export: ExportId,
    /// The name to save it under; the date in it is the request's.
    pub file_name: String,
    /// `Content-Type`.
    pub media_type: &'static str,
    growing: Growing,
    rows: db::Exports,
    bell: Bell,
}

/// What there is of it from some byte on.
#[derive(Debug)]
pub enum Stretch {
    /// Bytes up to this one. They are final, though the file may be another one the next time.
    Bytes(Arc<File>, u64),
    /// No more: it is completed, and has this digest.
    Completed(Sha256),
}

/// The package never came to be, or not the one that was followed: its job failed, was cancelled,
/// or lost its lease.
#[derive(Debug, thiserror::Error)]
#[error("the package that was being built came to nothing")]
pub struct CameToNothing;

impl Downloads {
    /// The package of `id` for a caller who may have it; while it is being built here, that. What
    /// is to be built is waited for, at most for `longest`.
    ///
    /// # Errors
    /// As [`Downloads::open`]: [`DownloadError::NotReady`] also when it is built on another node,
    /// which alone has its bytes.
    pub async fn fetch(
        &self,
        caller: &Caller,
        id: ExportId,
        longest: Duration,
    ) -> Result<Fetched, DownloadError> {
        let patience = Instant::now() + longest;
        // Listens before it looks, so that no change falls between the two.
        let mut changes = self.bell.changes();
        loop {
            let status = match self.open(caller, id).await {
                Ok(opened) => return Ok(Fetched::Whole(opened)),
                Err(DownloadError::NotReady(status)) => status,
                Err(error) => return Err(error),
            };
            let is_worth_waiting = match status {
                Status::Scheduled | Status::Queued => true,
                Status::Processing => !self.is_packed_elsewhere(id).await?,
                Status::Cancelling | Status::Cancelled | Status::Failed => false,
                // Completed by now, or expired since.
                Status::Completed | Status::Expired => true,
            };
            if !is_worth_waiting || Instant::now() >= patience {
                return Err(DownloadError::NotReady(status));
            }
            let look_again = patience.min(Instant::now() + LOOK_AGAIN);
            if let Some(building) = self.building(id, &mut changes, look_again).await? {
                return Ok(Fetched::Building(Box::new(building)));
            }
        }
    }

    /// Waits until `id` is being built, or changed, or it is time to look again.
    async fn building(
        &self,
        id: ExportId,
        changes: &mut Changes,
        look_again: Instant,
    ) -> Result<Option<Building>, DownloadError> {
        let growing = tokio::select! {
            growing = self.packages.growing(id) => growing,
            () = changes.of(id) => return Ok(None),
            () = sleep_until(look_again) => return Ok(None),
        };
        let export = self.rows.find(id).await?.ok_or(DownloadError::Unknown(id))?;
        if is_building(&export, growing.key()) {
            let (rows, bell) = (self.rows.clone(), self.bell.clone());
            let (file_name, media_type) = (export.file_name(), export.media_type());
            let building = Building { export: id, file_name, media_type, growing, rows, bell };
            return Ok(Some(building));
        }
        // An upload whose worker does not know yet that it has lost its lease, or one that is
        // published: its row will change.
        let _either_way = timeout_at(look_again, changes.of(id)).await;
        Ok(None)
    }

    async fn is_packed_elsewhere(&self, id: ExportId) -> Result<bool, DownloadError> {
        match self.packages.held() {
            Some(store) => Ok(self.rows.is_worked_on_elsewhere(id, store).await?),
            None => Ok(true),
        }
    }
}

impl Building {
    /// Waits until there is more than the first `at` bytes, or until that was all of a completed
    /// package.
    ///
    /// # Errors
    /// [`CameToNothing`].
    pub async fn beyond(&mut self, at: u64) -> Result<Stretch, CameToNothing> {
        match self.growing.beyond(at).await {
            Grown::Bytes(file, end) => Ok(Stretch::Bytes(file, end)),
            Grown::Published(size) => self.completed(size).await.map(Stretch::Completed),
            Grown::Gone => Err(CameToNothing),
        }
    }

    /// Whether bytes are still to come.
    pub fn is_being_written(&self) -> bool {
        self.growing.is_being_written()
    }

    /// Waits until the row is completed with this package of `size` bytes. A database that does
    /// not answer is waited for: whether the package counts is written there and nowhere else.
    async fn completed(&self, size: u64) -> Result<Sha256, CameToNothing> {
        let mut changes = self.bell.changes();
        loop {
            match self.rows.find(self.export).await {
                Ok(Some(export)) if is_building(&export, self.growing.key()) => {}
                Ok(Some(Export { package: Some(package), .. }))
                    if package.key == *self.growing.key() && package.size == size =>
                {
                    return Ok(package.checksum);
                }
                Err(error) if error.is_transient() => {
                    tracing::warn!(export.id = %self.export, %error, "a download waits for the store");
                }
                Ok(_) | Err(_) => return Err(CameToNothing),
            }
            let _either_way = timeout_at(Instant::now() + LOOK_AGAIN, changes.of(self.export)).await;
        }
    }
}

/// Whether `export` is under way and its package will be `key`.
fn is_building(export: &Export, key: &PackageKey) -> bool {
    export.status == Status::Processing && PackageKey::new(export.id, export.lease, export.format) == *key
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use crate::db::{Claim, Database, Held, Requested};
    use crate::domain::{
        ExportType, Format, NewExport, Options, Origin, Package, Pins, ProjectSelector, Selection, Timestamp,
    };
    use crate::storage::{self, Packages, Upload};
    use crate::telemetry::Metrics;

    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);
    const MINUTE: Duration = Duration::from_secs(60);
    const CONTENT: &[u8] = b"all of it";

    /// An export whose package is written but not published, and who follows that.
    struct Scene {
        _folder: tempfile::TempDir,
        rows: db::Exports,
        bell: Bell,
        export: Export,
        upload: Upload,
        building: Building,
    }

    impl Scene {
        async fn set() -> Self {
            let folder = tempfile::tempdir().expect("a folder");
            let url = format!("sqlite://{}", folder.path().join("exportd.db").display());
            let config = db::Config { url, ..db::Config::default() };
            let database = Database::open(&config, Metrics::new("test")).await.expect("a database");
            let (rows, bell) = (database.exports(), Bell::default());
            let asked = rows.request(&wanted(), "shop", NOW).await;
            assert!(matches!(asked, Ok(Requested::New(_))), "{asked:?}");
            let claim = Claim { worker: "w".to_owned(), slots: 1, per_user: 1, lease_for: MINUTE, now: NOW };
            let export = rows.claim(&claim).await.expect("a claim").pop().expect("it is claimed");

            let config = storage::Config { root: folder.path().to_owned(), ..storage::Config::default() };
            let packages = Packages::open(&config, Metrics::new("test")).expect("a store");
            let key = PackageKey::new(export.id, export.lease, export.format);
            let mut upload = packages.begin(&key).expect("room");
            upload.write_all(CONTENT).expect("written");
            let growing = packages.growing(export.id).await;
            let (file_name, media_type) = (export.file_name(), export.media_type());
            let (to_follow, rung) = (rows.clone(), bell.clone());
            let building =
                Building { export: export.id, file_name, media_type, growing, rows: to_follow, bell: rung };
            Self { _folder: folder, rows, bell, export, upload, building }
        }

        fn held(&self) -> Held {
            Held { id: self.export.id, lease: self.export.lease }
        }
    }

    fn package(export: &Export) -> Package {
        Package {
            key: PackageKey::new(export.id, export.lease, export.format),
            size: CONTENT.len() as u64,
            file_count: 1,
            source_bytes: 9,
            rows: None,
            checksum: Sha256([7; 32]),
            snapshot_at: NOW,
        }
    }

    fn wanted() -> NewExport {
        NewExport {
            owner: "ada".parse().expect("a user"),
            selection: Selection::Project(ProjectSelector {
                project_id: "shop".parse().expect("a project"),
                version_id: None,
                export_type: ExportType::SourceCode,
                paths: Vec::new(),
                since: None,
            }),
            format: Format::Zip,
            pins: Pins::default(),
            options: Options::default(),
            title: "shop".to_owned(),
            priority: 0,
            retention: MINUTE,
            run_at: NOW,
            fresh: false,
            max_attempts: 3,
            origin: Origin::default(),
        }
    }

    #[tokio::test]
    async fn it_ends_when_its_row_is_completed_and_not_when_its_file_is_there() {
        let mut scene = Scene::set().await;
        let (held, package) = (scene.held(), package(&scene.export));
        scene.upload.publish(b"{}", b"").expect("published");
        let Ok(Stretch::Bytes(_, 9)) = scene.building.beyond(0).await else { panic!("all nine bytes") };
        let early = timeout_at(Instant::now() + Duration::from_millis(50), scene.building.beyond(9)).await;
        assert!(early.is_err(), "its row does not say that it counts");

        let (rows, bell) = (scene.rows.clone(), scene.bell.clone());
        let (ended, written) = tokio::join!(scene.building.beyond(9), async {
            let written = rows.complete(&held, &package, &[], NOW, NOW.plus(MINUTE)).await;
            bell.ring_for(held.id);
            written
        });
        assert!(written.expect("an answer"));
        assert!(matches!(ended, Ok(Stretch::Completed(Sha256([7, ..])))), "{ended:?}");
        // Whoever was slow hears the same after its expiry.
        scene.rows.expire_due(NOW.plus(2 * MINUTE), 10).await.expect("expired");
        assert!(matches!(scene.building.beyond(9).await, Ok(Stretch::Completed(_))));
    }

    #[tokio::test]
    async fn a_package_whose_row_was_lost_never_looks_whole() {
        let mut scene = Scene::set().await;
        let held = scene.held();
        assert!(scene.rows.requeue(&held, NOW, NOW, None, false).await.expect("an answer"), "it was rescued");
        scene.upload.publish(b"{}", b"").expect("published");
        assert!(scene.building.beyond(9).await.is_err(), "nobody has it now");

        let claim = Claim { worker: "v".to_owned(), slots: 1, per_user: 1, lease_for: MINUTE, now: NOW };
        let again = scene.rows.claim(&claim).await.expect("a claim").pop().expect("it is claimed");
        assert!(scene.building.beyond(9).await.is_err(), "another worker has it");
        let (theirs, held) = (package(&again), Held { id: again.id, lease: again.lease });
        let written = scene.rows.complete(&held, &theirs, &[], NOW, NOW.plus(MINUTE)).await;
        assert!(written.expect("an answer"));
        assert!(scene.building.beyond(9).await.is_err(), "theirs is another package");
    }

    #[tokio::test]
    async fn a_package_that_somebody_wants_cancelled_never_looks_whole() {
        let mut scene = Scene::set().await;
        scene.upload.publish(b"{}", b"").expect("published");
        scene.rows.ask_cancel(scene.export.id, NOW).await.expect("an answer");
        assert!(scene.building.beyond(9).await.is_err());
    }
}
