//! Finding a project, and deciding whether a folder may be one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::db::{self, Database, StoreError};
use crate::domain::{Caller, Project, ProjectId, ProjectSource, Role, Snapshot, UserId, VersionId};

use super::Config;

/// Snapshots of one project that are listed.
const MOST_SNAPSHOTS: u32 = 20_000;

/// Why a place is no project's.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Not below a folder that the operator allows, or below another user's.
    #[error("the source must be an existing folder below one of the operator's `projects.allowed_roots`")]
    NotAllowed,
    /// The folder is not there, or is no folder.
    #[error("the project's folder is not there")]
    Missing,
    /// It was to be a git repository, and is none.
    #[error("the source must be a git repository: a bare one, or a work tree with its own `.git` folder")]
    NoRepository,
    /// The registry did not answer.
    #[error("the project registry failed")]
    Store(#[from] StoreError),
}

/// Knows where every user's projects lie.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
    allowed_roots: Vec<PathBuf>,
    registry: db::Projects,
    snapshots: db::Snapshots,
}

impl Places {
    /// Places below the folders of `config`, and those registered in `database`.
    pub fn new(config: &Config, database: &Database) -> Self {
        let (root, allowed_roots) = (config.root.clone(), config.allowed_roots.clone());
        Self { root, allowed_roots, registry: database.projects(), snapshots: database.snapshots() }
    }

    /// The project `id` of `owner`: as registered, or the folder of that name.
    ///
    /// # Errors
    /// [`PlaceError::Store`] when the registry does not answer.
    pub async fn find(&self, owner: &UserId, id: &ProjectId) -> Result<Option<Project>, PlaceError> {
        if let Some(registered) = self.registry.find(owner, id).await? {
            return Ok(Some(registered));
        }
        let (places, owner, id) = (self.clone(), owner.clone(), id.clone());
        Ok(blocking(move || places.found(&owner, &id)).await)
    }

    /// Up to `most` projects of `owner` by id, from after `after` on.
    ///
    /// # Errors
    /// [`PlaceError::Store`] when the registry does not answer.
    pub async fn list(
        &self,
        owner: &UserId,
        after: Option<&ProjectId>,
        most: usize,
    ) -> Result<Vec<Project>, PlaceError> {
        let registered = self.registry.list(owner, after, most as u64).await?;
        let (places, owner, after) = (self.clone(), owner.clone(), after.cloned());
        let found = blocking(move || places.found_after(&owner, after.as_ref())).await;
        let mut projects: BTreeMap<_, _> =
            found.into_iter().map(|project| (project.id.clone(), project)).collect();
        projects.extend(registered.into_iter().map(|project| (project.id.clone(), project)));
        Ok(projects.into_values().take(most).collect())
    }

    /// Registers `project`, or replaces what was registered under its id.
    ///
    /// # Errors
    /// [`PlaceError::NotAllowed`] when its source lies where `caller` may not point.
    pub async fn register(&self, caller: &Caller, project: Project) -> Result<(), PlaceError> {
        let (places, who, source) = (self.clone(), caller.clone(), project.source.clone());
        let source = blocking(move || places.allowed(&source, &who)).await?;
        Ok(self.registry.put(&Project { source, ..project }).await?)
    }

    /// Forgets what was registered under `id`; `false` when nothing was. No file is touched.
    ///
    /// # Errors
    /// [`PlaceError::Store`] when the registry does not answer.
    pub async fn unregister(&self, owner: &UserId, id: &ProjectId) -> Result<bool, PlaceError> {
        Ok(self.registry.delete(owner, id).await?)
    }

    /// The folder to read `project` from, without any link left in its path.
    ///
    /// Looks again each time: between registration and export the folder may have been moved
    /// away, or replaced by a link to somebody else's.
    ///
    /// # Errors
    /// [`PlaceError::Missing`] or [`PlaceError::NotAllowed`].
    pub async fn folder(&self, project: &Project) -> Result<PathBuf, PlaceError> {
        let (places, project) = (self.clone(), project.clone());
        blocking(move || {
            let path = project.source.path();
            let folder = path.canonicalize().map_err(|_| PlaceError::Missing)?;
            let registered = project.registered_at.is_some();
            if !folder.is_dir() {
                return Err(PlaceError::Missing);
            }
            let still_allowed = if registered {
                places.is_still_allowed(path, &folder)
            } else {
                places.found(&project.owner, &project.id).is_some()
            };
            if still_allowed { Ok(folder) } else { Err(PlaceError::NotAllowed) }
        })
        .await
    }

    /// The snapshot `version` of `project`, if it is registered.
    ///
    /// # Errors
    /// [`PlaceError::Store`] when the registry does not answer.
    pub async fn snapshot(
        &self,
        project: &Project,
        version: &VersionId,
    ) -> Result<Option<Snapshot>, PlaceError> {
        Ok(self.snapshots.find(&project.owner, &project.id, version).await?)
    }

    /// The snapshots of `project`, the last registered first; of very many the first ones only.
    ///
    /// # Errors
    /// [`PlaceError::Store`] when the registry does not answer.
    pub async fn snapshots(&self, project: &Project) -> Result<Vec<Snapshot>, PlaceError> {
        Ok(self.snapshots.list(&project.owner, &project.id, MOST_SNAPSHOTS).await?)
    }

    /// Registers `snapshot` of `project`, or replaces what was registered under its name.
    ///
    /// # Errors
    /// [`PlaceError::NotAllowed`] when it lies where `caller` may not point.
    pub async fn register_snapshot(
        &self,
        caller: &Caller,
        project: &Project,
        snapshot: Snapshot,
    ) -> Result<(), PlaceError> {
        let (places, who, path) = (self.clone(), caller.clone(), snapshot.path.clone());
        let path = blocking(move || places.allowed_folder(&path, &who)).await?;
        let snapshot = Snapshot { path, ..snapshot };
        Ok(self.snapshots.put(&project.owner, &project.id, &snapshot).await?)
    }

    /// The folder to read `snapshot` from. Looks again each time, as [`Places::folder`] does.
    ///
    /// # Errors
    /// [`PlaceError::Missing`] or [`PlaceError::NotAllowed`].
    pub async fn snapshot_folder(&self, snapshot: &Snapshot) -> Result<PathBuf, PlaceError> {
        let (places, path) = (self.clone(), snapshot.path.clone());
        blocking(move || {
            let folder =
                path.canonicalize().ok().filter(|folder| folder.is_dir()).ok_or(PlaceError::Missing)?;
            if places.is_still_allowed(&path, &folder) { Ok(folder) } else { Err(PlaceError::NotAllowed) }
        })
        .await
    }

    /// Whether what lies at `path`, a real place, may be read for `owner`: what they could
    /// register themselves. For what a project's files lead to.
    pub fn may_read(&self, owner: &UserId, path: &Path) -> bool {
        let owner = Caller::new(owner.clone(), Role::User);
        self.allowed_folder(path, &owner).is_ok_and(|real| real == path)
    }

    /// The unregistered project of that name. Neither the user's folder nor the project's may be
    /// a link: a link could lead into another user's.
    fn found(&self, owner: &UserId, id: &ProjectId) -> Option<Project> {
        let home = self.root.join(owner.as_str());
        let path = home.join(id.as_str());
        if !is_real_folder(&home) || !is_real_folder(&path) {
            return None;
        }
        Some(Project {
            owner: owner.clone(),
            id: id.clone(),
            name: id.to_string(),
            framework: None,
            source: ProjectSource::Directory { path },
            registered_at: None,
        })
    }

    fn found_after(&self, owner: &UserId, after: Option<&ProjectId>) -> Vec<Project> {
        let Ok(folders) = fs::read_dir(self.root.join(owner.as_str())) else { return Vec::new() };
        folders
            .filter_map(|folder| folder.ok()?.file_name().to_str()?.parse().ok())
            .filter(|id| after.is_none_or(|after| id > after))
            .filter_map(|id| self.found(owner, &id))
            .collect()
    }

    /// The source as `caller` may register it, with every link in its path resolved. Below
    /// `projects.root` every user has a folder of their own and may not point into another's.
    fn allowed(&self, source: &ProjectSource, caller: &Caller) -> Result<ProjectSource, PlaceError> {
        let folder = self.allowed_folder(source.path(), caller)?;
        match source {
            ProjectSource::Git { .. } if !looks_like_a_repository(&folder) => Err(PlaceError::NoRepository),
            _ => Ok(source.at(folder)),
        }
    }

    fn allowed_folder(&self, path: &Path, caller: &Caller) -> Result<PathBuf, PlaceError> {
        let folder = path.canonicalize().map_err(|_| PlaceError::NotAllowed)?;
        let below_root = real(&self.root).is_ok_and(|root| folder.starts_with(root));
        let own = real(&self.root.join(caller.user.as_str())).is_ok_and(|home| folder.starts_with(home));
        let may = if below_root { own || caller.is_admin() } else { self.below_an_allowed_root(&folder) };
        if path.is_absolute() && folder.is_dir() && may { Ok(folder) } else { Err(PlaceError::NotAllowed) }
    }

    /// Registered without a link in it; one in it now leads somewhere never checked.
    fn is_still_allowed(&self, registered: &Path, folder: &Path) -> bool {
        folder == registered && self.below_an_allowed_root(folder)
    }

    fn below_an_allowed_root(&self, folder: &Path) -> bool {
        let mut roots = self.allowed_roots.iter().chain([&self.root]);
        roots.any(|root| real(root).is_ok_and(|root| folder.starts_with(root)))
    }
}

fn real(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

/// Whether there are objects and a head; what they are is for whoever reads them.
fn looks_like_a_repository(folder: &Path) -> bool {
    [folder.join(".git"), folder.to_owned()]
        .iter()
        .any(|own| own.join("HEAD").is_file() && is_real_folder(&own.join("objects")))
}

fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Runs what waits for the disk where waiting hurts nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("looking at folders does not panic")
}
