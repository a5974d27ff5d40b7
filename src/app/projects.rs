//! The callers' projects: found in their folder, or registered.

use std::path::PathBuf;

use crate::clock::Clock;
use crate::db::StoreError;
use crate::domain::{Caller, Project, ProjectId, ProjectSource};
use crate::projects::{PlaceError, Places};

/// Why a project cannot be told or registered.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The caller has no such project.
    #[error("there is no project {0}")]
    Unknown(ProjectId),
    /// The folder is not there, or not where sources may lie.
    #[error("the source must be an existing folder below one of the operator's `projects.allowed_roots`")]
    NotAllowed,
    /// It lies below `projects.root`, where folders are projects by themselves.
    #[error("project {0} was found in its folder; it was never registered, so there is nothing to delete")]
    NotRegistered(ProjectId),
    /// The database did not answer.
    #[error("the store failed")]
    Store(#[source] StoreError),
}

impl From<PlaceError> for ProjectError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::NotAllowed | PlaceError::Missing => Self::NotAllowed,
            PlaceError::Store(error) => Self::Store(error),
        }
    }
}

/// What a caller wants to register.
#[derive(Debug, Clone)]
pub struct NewProject {
    /// What people call it; its id when not said.
    pub name: Option<String>,
    /// What it is built with, for people.
    pub framework: Option<String>,
    /// The folder its source lies in.
    pub folder: PathBuf,
}

/// The callers' projects.
#[derive(Debug)]
pub struct Projects {
    places: Places,
    clock: Clock,
}

impl Projects {
    pub(super) fn new(places: Places, clock: Clock) -> Self {
        Self { places, clock }
    }

    /// Up to `limit` of the caller's projects by id, from after `after` on, and whether that
    /// was all.
    ///
    /// # Errors
    /// [`ProjectError::Store`].
    pub async fn list(
        &self,
        caller: &Caller,
        after: Option<&ProjectId>,
        limit: usize,
    ) -> Result<(Vec<Project>, bool), ProjectError> {
        let mut projects = self.places.list(&caller.user, after, limit + 1).await?;
        let was_all = projects.len() <= limit;
        projects.truncate(limit);
        Ok((projects, was_all))
    }

    /// One project of the caller's.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`].
    pub async fn get(&self, caller: &Caller, id: &ProjectId) -> Result<Project, ProjectError> {
        self.places.find(&caller.user, id).await?.ok_or_else(|| ProjectError::Unknown(id.clone()))
    }

    /// Registers a project, or replaces what was registered under its id. Tells whether it is new.
    ///
    /// # Errors
    /// [`ProjectError::NotAllowed`].
    pub async fn put(
        &self,
        caller: &Caller,
        id: &ProjectId,
        new: NewProject,
    ) -> Result<(Project, bool), ProjectError> {
        let before = self.places.find(&caller.user, id).await?;
        let registered_at = before.as_ref().and_then(|project| project.registered_at);
        let project = Project {
            owner: caller.user.clone(),
            id: id.clone(),
            name: new.name.unwrap_or_else(|| id.to_string()),
            framework: new.framework,
            source: ProjectSource::Directory { path: new.folder },
            registered_at: Some(registered_at.unwrap_or_else(|| self.clock.now())),
        };
        self.places.register(caller, project).await?;
        Ok((self.get(caller, id).await?, registered_at.is_none()))
    }

    /// Forgets a registered project. Its files and its exports stay.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`], or [`ProjectError::NotRegistered`].
    pub async fn delete(&self, caller: &Caller, id: &ProjectId) -> Result<(), ProjectError> {
        if self.places.unregister(&caller.user, id).await? {
            return Ok(());
        }
        self.get(caller, id).await?;
        Err(ProjectError::NotRegistered(id.clone()))
    }
}
