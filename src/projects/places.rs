//! Finding a project, and deciding whether a folder may be one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::db::{self, StoreError};
use crate::domain::{Caller, Project, ProjectId, ProjectSource, UserId};

use super::Config;

/// Why a place is no project's.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// Not below a folder that the operator allows, or below another user's.
    #[error("the source must be an existing folder below one of the operator's `projects.allowed_roots`")]
    NotAllowed,
    /// The folder is not there, or is no folder.
    #[error("the project's folder is not there")]
    Missing,
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
}

impl Places {
    /// Places below the folders of `config`, and those registered in `registry`.
    pub fn new(config: &Config, registry: db::Projects) -> Self {
        Self { root: config.root.clone(), allowed_roots: config.allowed_roots.clone(), registry }
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
            let ProjectSource::Directory { path } = &project.source;
            let folder = path.canonicalize().map_err(|_| PlaceError::Missing)?;
            let registered = project.registered_at.is_some();
            if !folder.is_dir() {
                return Err(PlaceError::Missing);
            }
            let still_allowed = if registered {
                // Registered without a link in it; one in it now leads somewhere never checked.
                folder == *path && places.below_an_allowed_root(&folder)
            } else {
                places.found(&project.owner, &project.id).is_some()
            };
            if still_allowed { Ok(folder) } else { Err(PlaceError::NotAllowed) }
        })
        .await
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
        let ProjectSource::Directory { path } = source;
        let folder = path.canonicalize().map_err(|_| PlaceError::NotAllowed)?;
        let below_root = real(&self.root).is_ok_and(|root| folder.starts_with(root));
        let own = real(&self.root.join(caller.user.as_str())).is_ok_and(|home| folder.starts_with(home));
        let may = if below_root { own || caller.is_admin() } else { self.below_an_allowed_root(&folder) };
        if path.is_absolute() && folder.is_dir() && may {
            Ok(ProjectSource::Directory { path: folder })
        } else {
            Err(PlaceError::NotAllowed)
        }
    }

    fn below_an_allowed_root(&self, folder: &Path) -> bool {
        let mut roots = self.allowed_roots.iter().chain([&self.root]);
        roots.any(|root| real(root).is_ok_and(|root| folder.starts_with(root)))
    }
}

fn real(path: &Path) -> io::Result<PathBuf> {
    path.canonicalize()
}

fn is_real_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir())
}

/// Runs what waits for the disk where waiting hurts nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("looking at folders does not panic")
}
