//! The callers' projects: found in their folder, or registered.

use std::path::PathBuf;
use std::sync::Arc;

use crate::clock::Clock;
use crate::db::StoreError;
use crate::domain::{
    Caller, Kind, Project, ProjectId, ProjectSource, Snapshot, Version, VersionId, VersionKind, VersionMark,
};
use crate::packaging::{LoadError, PackError, Registry};
use crate::projects::{PlaceError, Places};

use super::DeskParts;

/// Why a project cannot be told or registered.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// The caller has no such project.
    #[error("there is no project {0}")]
    Unknown(ProjectId),
    /// The folder is not there, or not where sources may lie.
    #[error("the source must be an existing folder below one of the operator's `projects.allowed_roots`")]
    NotAllowed,
    /// It was to be a git repository, and is none.
    #[error("the source must be a git repository: a bare one, or a work tree with its own `.git` folder")]
    NoRepository,
    /// The same for the folder of a snapshot.
    #[error("the path must be an existing folder below one of the operator's `projects.allowed_roots`")]
    SnapshotNotAllowed,
    /// Its versions are its commits.
    #[error(
        "project {0} is a git repository: its versions are its tags, branches and commits, and none can be registered"
    )]
    VersionsAreCommits(ProjectId),
    /// Its versions cannot be read.
    #[error("the versions cannot be read")]
    Source(#[source] PackError),
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
            PlaceError::NoRepository => Self::NoRepository,
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
    /// Where its source lies.
    pub source: ProjectSource,
}

/// The callers' projects.
#[derive(Debug)]
pub struct Projects {
    places: Places,
    registry: Arc<Registry>,
    clock: Clock,
}

impl Projects {
    pub(super) fn new(parts: &DeskParts) -> Self {
        let registry = Arc::clone(&parts.registry);
        Self { places: parts.places.clone(), registry, clock: parts.clock.clone() }
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
            source: new.source,
            registered_at: Some(registered_at.unwrap_or_else(|| self.clock.now())),
        };
        self.places.register(caller, project).await?;
        Ok((self.get(caller, id).await?, registered_at.is_none()))
    }

    /// Up to `limit` versions of a project, the newest first, from after `after` on, and whether
    /// that was all.
    ///
    /// # Errors
    /// [`ProjectError::Unknown`], [`ProjectError::Source`] when a repository cannot be read.
    pub async fn versions(
        &self,
        caller: &Caller,
        id: &ProjectId,
        after: Option<&VersionMark>,
        limit: usize,
    ) -> Result<(Vec<Version>, bool), ProjectError> {
        let loader = self.registry.loader(Kind::Project);
        let versions = loader.versions(&caller.user, id).await.map_err(|error| match error {
            LoadError::NotThere => ProjectError::Unknown(id.clone()),
            error => ProjectError::Source(PackError::Load(error)),
        })?;
        let mut marked: Vec<_> = versions.into_iter().map(|version| (version.mark(), version)).collect();
        marked.retain(|(mark, _)| after.is_none_or(|after| mark > after));
        marked.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        let was_all = marked.len() <= limit;
        Ok((marked.into_iter().take(limit).map(|(_, version)| version).collect(), was_all))
    }

    /// Registers a folder as a version of a project, or replaces what was registered under its
    /// name.
    ///
    /// # Errors
    /// [`ProjectError::VersionsAreCommits`], [`ProjectError::SnapshotNotAllowed`].
    pub async fn put_version(
        &self,
        caller: &Caller,
        id: &ProjectId,
        version: &VersionId,
        path: PathBuf,
    ) -> Result<Version, ProjectError> {
        let project = self.get(caller, id).await?;
        if matches!(project.source, ProjectSource::Git { .. }) {
            return Err(ProjectError::VersionsAreCommits(id.clone()));
        }
        let new = Snapshot { version: version.clone(), path, registered_at: self.clock.now() };
        self.places.register_snapshot(caller, &project, new).await.map_err(|error| match error {
            PlaceError::Store(error) => ProjectError::Store(error),
            _ => ProjectError::SnapshotNotAllowed,
        })?;
        let snapshot = self.places.snapshot(&project, version).await?;
        let created_at = snapshot.map_or_else(|| self.clock.now(), |snapshot| snapshot.registered_at);
        Ok(Version {
            id: version.clone(),
            kind: VersionKind::Snapshot,
            name: version.to_string(),
            commit: None,
            created_at,
            subject: None,
        })
    }

    /// Forgets a registered project and its snapshots. Its files and its exports stay.
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
