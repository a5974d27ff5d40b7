//! The rules of one request.

use std::path::Path;

use crate::domain::ExportType;
use crate::packaging::{BadGlob, ExcludeReason, Globs};

use super::lists::{OWN_DATA, SECRET_FILES, SECRET_FOLDERS, defaults};
use super::names::{Kind, Names};
use super::{Judge, Verdict};

/// What of a tree was asked for, beside what no export may contain.
#[derive(Debug, Clone)]
pub struct TreeRules {
    /// Left out whoever asks.
    blocked: Names,
    /// Left out unless the project itself brings it back.
    defaults: Names,
    exclude: Globs,
    only: Globs,
    own: Vec<Vec<u8>>,
}

impl TreeRules {
    /// The rules for `export_type`. `only` takes paths that match one of it (all, when empty),
    /// `exclude` leaves out what it matches. Neither brings a secret in.
    ///
    /// # Errors
    /// [`BadGlob`].
    pub fn new(export_type: ExportType, only: &[String], exclude: &[String]) -> Result<Self, BadGlob> {
        let mut blocked = Names::default();
        blocked.add(ExcludeReason::Secret, SECRET_FILES, Kind::File);
        blocked.add(ExcludeReason::Secret, SECRET_FOLDERS, Kind::Folder);
        blocked.add(ExcludeReason::OwnData, OWN_DATA, Kind::Folder);
        let mut usual = Names::default();
        for (reason, patterns) in defaults(export_type) {
            usual.add(*reason, patterns, Kind::Any);
        }
        let (only, exclude) = (Globs::new(only)?, Globs::new(exclude)?);
        Ok(Self { blocked, defaults: usual, exclude, only, own: Vec::new() })
    }

    /// Leaves out these paths of the tree, which are the server's own.
    #[must_use]
    pub fn without(mut self, own: Vec<Vec<u8>>) -> Self {
        self.own = own;
        self
    }

    /// A judge for one walk through a tree.
    pub fn judge(&self) -> Judge<'_> {
        Judge::new(self)
    }

    /// Why `path` is left out whatever anybody says.
    pub(super) fn blocked(&self, path: &[u8], is_folder: bool) -> Option<Verdict> {
        if self.own.iter().any(|own| own == path) {
            return Some(Verdict { reason: ExcludeReason::OwnData, rule: None });
        }
        self.blocked.find(path, is_folder).map(|(reason, rule)| Verdict::by(reason, rule))
    }

    /// Why `path` is left out when nobody says anything.
    pub(super) fn by_default(&self, path: &[u8], is_folder: bool) -> Option<Verdict> {
        self.defaults.find(path, is_folder).map(|(reason, rule)| Verdict::by(reason, rule))
    }

    /// Why `path` is left out by the request.
    pub(super) fn refused(&self, path: &[u8], is_folder: bool) -> Option<Verdict> {
        let rule = self.exclude.rule(as_path(path), is_folder)?.to_owned();
        Some(Verdict { reason: ExcludeReason::Requested, rule: Some(rule.into()) })
    }

    /// Whether a file was asked for.
    pub(in crate::loaders) fn is_wanted(&self, path: &[u8]) -> bool {
        self.only.is_empty() || self.only.match_within(as_path(path), false)
    }

    /// Whether everything was asked for.
    pub(in crate::loaders) fn wants_all(&self) -> bool {
        self.only.is_empty()
    }
}

/// A path of the tree as the globs take it.
pub(super) fn as_path(path: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(path))
}
