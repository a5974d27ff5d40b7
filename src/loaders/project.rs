//! Projects: from a selector to the tree it selects.

use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use async_trait::async_trait;

use crate::domain::{ProjectSelector, Selection, UserId};
use crate::packaging::{LoadError, Loader, Source};
use crate::projects::{PlaceError, Places};

use super::rules::TreeRules;
use super::tree::TreeSource;

/// Opens the tree of a user's project.
#[derive(Debug, Clone)]
pub struct ProjectLoader {
    places: Places,
    own: Vec<PathBuf>,
}

impl ProjectLoader {
    /// A loader for the projects that `places` knows. `own` are files and folders of the server,
    /// left out of every project they lie in.
    pub fn new(places: Places, own: Vec<PathBuf>) -> Self {
        Self { places, own }
    }

    async fn folder(&self, owner: &UserId, selector: &ProjectSelector) -> Result<PathBuf, LoadError> {
        let project = self.places.find(owner, &selector.project_id).await?.ok_or(LoadError::NotThere)?;
        Ok(self.places.folder(&project).await?)
    }
}

#[async_trait]
impl Loader for ProjectLoader {
    async fn open(&self, owner: &UserId, selection: &Selection) -> Result<Box<dyn Source>, LoadError> {
        let Selection::Project(selector) = selection;
        let folder = self.folder(owner, selector).await?;
        let rules = TreeRules::new(selector.export_type, &selector.paths, &[])
            .map_err(|bad| LoadError::BadGlob(bad.0))?;
        let own = self.own.clone();
        let opened = tokio::task::spawn_blocking(move || {
            let own = own.iter().filter_map(|own| within(&folder, own)).collect();
            TreeSource::open(&folder, rules.without(own))
        });
        let source =
            opened.await.expect("opening a folder does not panic").map_err(|_| LoadError::NotThere)?;
        Ok(Box::new(source))
    }
}

/// The path of `own` within `folder`, if it lies there.
fn within(folder: &Path, own: &Path) -> Option<Vec<u8>> {
    let own = own.canonicalize().ok()?;
    Some(own.strip_prefix(folder).ok()?.as_os_str().as_bytes().to_vec())
}

impl From<PlaceError> for LoadError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::NotAllowed | PlaceError::Missing => Self::NotThere,
            PlaceError::Store(error) => Self::LookUp(Box::new(error)),
        }
    }
}
