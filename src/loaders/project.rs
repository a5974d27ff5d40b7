//! Projects: from a selector to the tree it selects.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;

use crate::domain::{
    Pins, Project, ProjectId, ProjectSelector, ProjectSource, Selection, UserId, Version, VersionId,
    VersionKind, WhichVersion,
};
use crate::packaging::{LoadError, Loader, Material, Order, Provenance, Source};
use crate::projects::{PlaceError, Places};

use super::edition::{Edition, OpenEdition, Shelf};
use super::rules::TreeRules;
use super::versioned::Versioned;

/// Opens the tree of a user's project, as it is now or at one of its versions.
#[derive(Debug, Clone)]
pub struct ProjectLoader {
    places: Places,
    own: Arc<[PathBuf]>,
}

impl ProjectLoader {
    /// A loader for the projects that `places` knows. `own` are files and folders of the server,
    /// left out of every project they lie in.
    pub fn new(places: Places, own: Vec<PathBuf>) -> Self {
        Self { places, own: own.into() }
    }

    async fn project(&self, owner: &UserId, id: &ProjectId) -> Result<Project, LoadError> {
        self.places.find(owner, id).await?.ok_or(LoadError::NotThere)
    }

    /// Where the versions of `project` are kept.
    async fn shelf(&self, project: &Project) -> Result<Shelf, LoadError> {
        let (places, owner) = (self.places.clone(), project.owner.clone());
        Ok(Shelf {
            folder: self.places.folder(project).await?,
            is_git: matches!(project.source, ProjectSource::Git { .. }),
            may_read: Arc::new(move |path| places.may_read(&owner, path)),
        })
    }

    /// The version that `asked` names; one that is pinned is what it was pinned to.
    async fn edition(
        &self,
        project: &Project,
        asked: Option<&VersionId>,
        which: WhichVersion,
        pin: Option<&str>,
    ) -> Result<OpenEdition, LoadError> {
        let shelf = self.shelf(project).await?;
        if let (Some(version), false) = (asked, shelf.is_git)
            && let Some(snapshot) = self.places.snapshot(project, version).await?
        {
            let folder = self.places.snapshot_folder(&snapshot).await?;
            return Ok(OpenEdition::snapshot(folder, snapshot.registered_at));
        }
        let edition = Edition { asked: asked.cloned(), which, pin: pin.map(str::to_owned) };
        blocking(move || edition.open(&shelf)).await
    }
}

#[async_trait]
impl Loader for ProjectLoader {
    async fn open(&self, order: &Order) -> Result<Material, LoadError> {
        let Order { owner, selection, pins, .. } = order;
        let selector = selection.of_project().ok_or(LoadError::NotThere)?;
        let project = self.project(owner, &selector.project_id).await?;
        let version = selector.version_id.as_ref();
        let newer = self.edition(&project, version, WhichVersion::Selected, pins.version.as_deref()).await?;
        let older = match &selector.since {
            None => None,
            Some(since) => {
                Some(self.edition(&project, Some(since), WhichVersion::Since, pins.since.as_deref()).await?)
            }
        };
        let (selector, own) = (selector.clone(), Arc::clone(&self.own));
        blocking(move || source(&selector, newer, older, &own)).await.map(Material::Tree)
    }

    async fn pins(&self, owner: &UserId, selection: &Selection) -> Result<Pins, LoadError> {
        let selector = selection.of_project().ok_or(LoadError::NotThere)?;
        let project = self.project(owner, &selector.project_id).await?;
        let mut pins = Pins::default();
        if selector.version_id.is_some() || matches!(project.source, ProjectSource::Git { .. }) {
            let version = selector.version_id.as_ref();
            pins.version = self.edition(&project, version, WhichVersion::Selected, None).await?.pin();
        }
        if let Some(since) = &selector.since {
            pins.since = self.edition(&project, Some(since), WhichVersion::Since, None).await?.pin();
        }
        Ok(pins)
    }

    async fn versions(&self, owner: &UserId, project: &ProjectId) -> Result<Vec<Version>, LoadError> {
        let project = self.project(owner, project).await?;
        let shelf = self.shelf(&project).await?;
        let snapshots = if shelf.is_git { Vec::new() } else { self.places.snapshots(&project).await? };
        let mut versions = blocking(move || shelf.versions()).await?;
        // Where both are there, the snapshot is what a name asks for.
        versions.retain(|version| snapshots.iter().all(|snapshot| snapshot.version != version.id));
        versions.extend(snapshots.into_iter().map(|snapshot| Version {
            name: snapshot.version.to_string(),
            id: snapshot.version,
            kind: VersionKind::Snapshot,
            commit: None,
            created_at: snapshot.registered_at,
            subject: None,
        }));
        Ok(versions)
    }
}

/// What `selector` selects of `newer`. The only place where the rules are made and handed on.
fn source(
    selector: &ProjectSelector,
    newer: OpenEdition,
    older: Option<OpenEdition>,
    own: &[PathBuf],
) -> Result<Box<dyn Source>, LoadError> {
    let rules = TreeRules::new(selector.export_type, &selector.paths, &[])
        .map_err(|bad| LoadError::BadGlob(bad.0))?;
    if selector.version_id.is_none() && older.is_none() && newer.commit().is_none() {
        return newer.source(rules, own);
    }
    let provenance = Provenance {
        version: selector.version_id.as_ref().map(ToString::to_string),
        commit: newer.commit(),
        since: selector.since.as_ref().map(ToString::to_string),
        since_commit: older.as_ref().and_then(OpenEdition::commit),
    };
    let newer = newer.source(rules.clone(), own)?;
    Ok(Box::new(match older {
        Some(older) => Versioned::since(older.source(rules, own)?, newer, provenance),
        None => Versioned::whole(newer, provenance),
    }))
}

impl From<PlaceError> for LoadError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::NotAllowed | PlaceError::Missing | PlaceError::NoRepository => Self::NotThere,
            PlaceError::Store(error) => Self::LookUp(Box::new(error)),
        }
    }
}

/// Runs what waits for the disk where waiting hurts nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.expect("opening a project does not panic")
}
