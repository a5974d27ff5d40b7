//! The tags and branches of a repository.

use std::collections::HashSet;

use gix::hash::ObjectId;

use crate::domain::{Version, VersionId, VersionKind};

use super::{Repository, RevisionError};

impl Repository {
    /// Every tag and branch that stands for a commit, in no order, each with what it is asked for
    /// by: its name, a longer one where something else would be taken instead, or the commit
    /// where its name cannot be said. What leads to nothing is left out.
    ///
    /// # Errors
    /// [`RevisionError::Unreadable`].
    pub fn versions(&self) -> Result<Vec<Version>, RevisionError> {
        let (tags, branches) = (self.refs.list("refs/tags/")?, self.refs.list("refs/heads/")?);
        let names: HashSet<&[u8]> = tags.iter().map(|(name, _)| name.as_slice()).collect();
        let mut versions = Vec::new();
        for (name, id) in &tags {
            versions.extend(self.version(VersionKind::Tag, name, *id, is_taken(name)));
        }
        for (name, id) in &branches {
            let is_taken = is_taken(name) || names.contains(name.as_slice());
            versions.extend(self.version(VersionKind::Branch, name, *id, is_taken));
        }
        Ok(versions)
    }

    fn version(&self, kind: VersionKind, name: &[u8], id: ObjectId, is_taken: bool) -> Option<Version> {
        let commit = self.peeled(id).ok()??;
        let name = String::from_utf8_lossy(name);
        let whole = commit.id.to_string();
        let said = match kind {
            VersionKind::Branch if is_taken => format!("refs/heads/{name}").parse(),
            _ if is_taken => format!("refs/tags/{name}").parse(),
            _ => name.parse::<VersionId>(),
        };
        Some(Version {
            id: said.or_else(|_| whole.parse()).ok()?,
            kind,
            name: name.chars().filter(|c| !c.is_control()).collect(),
            commit: Some(whole),
            created_at: commit.at,
            subject: Some(commit.subject),
        })
    }
}

/// Whether something else comes before a tag or a branch of this name, or may do.
fn is_taken(name: &[u8]) -> bool {
    name == b"HEAD"
        || [&b"heads/"[..], b"tags/", b"remotes/", b"refs/"].iter().any(|place| name.starts_with(place))
        || ObjectId::from_hex(name).is_ok()
}
