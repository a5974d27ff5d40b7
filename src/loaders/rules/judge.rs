//! The rules along a way through a tree.

use crate::domain::{Warning, WarningCode};
use crate::packaging::ExcludeReason;

use super::ignore_file::{IgnoreFile, Said};
use super::{TreeRules, Verdict};

/// How many patterns are read of all the ignore files of a tree.
const MOST_PATTERNS: usize = 10_000;

/// Decides path by path, on one walk through a tree. Folders are judged before what is in them,
/// and what is in a folder that is left out is not judged at all.
#[derive(Debug)]
pub struct Judge<'r> {
    rules: &'r TreeRules,
    /// The ignore files of the folders that we are in, the nearest last.
    ignoring: Vec<IgnoreFile>,
    /// How many more patterns will be read.
    left: usize,
}

impl<'r> Judge<'r> {
    pub(super) fn new(rules: &'r TreeRules) -> Self {
        Self { rules, ignoring: Vec::new(), left: MOST_PATTERNS }
    }

    /// Takes the ignore file `name` of `folder`, which was judged already, into account for all
    /// that is in that folder; an empty `folder` is the top, others end in `/`. When a folder has
    /// both of [`IGNORE_FILES`](super::IGNORE_FILES), the last one taken has the last word.
    ///
    /// Of `text` no more than [`MOST_BYTES`](super::MOST_BYTES) are read. Warns of what is not
    /// understood or too much.
    pub fn obey(&mut self, folder: &[u8], name: &str, text: &[u8]) -> Vec<Warning> {
        self.leave_for(folder);
        let (file, faults) = IgnoreFile::read(folder, name, text, self.left);
        self.left -= file.patterns();
        let path = file.place().to_owned();
        if !file.is_empty() {
            self.ignoring.push(file);
        }
        let warn = |message| Warning { code: WarningCode::IgnoreRule, path: Some(path.clone()), message };
        faults.into_iter().map(warn).collect()
    }

    /// Why `path` is left out, if it is. A folder's has no `/` at its end.
    pub fn judge(&mut self, path: &[u8], is_folder: bool) -> Option<Verdict> {
        if let Some(verdict) = self.rules.blocked(path, is_folder) {
            return Some(verdict);
        }
        self.leave_for(path);
        match self.said(path, is_folder) {
            Some(Said::Ignored(rule)) => {
                return Some(Verdict { reason: ExcludeReason::Ignored, rule: Some(rule.into()) });
            }
            Some(Said::Included) => {}
            None => {
                if let Some(verdict) = self.rules.by_default(path, is_folder) {
                    return Some(verdict);
                }
            }
        }
        self.rules.refused(path, is_folder)
    }

    /// What the nearest ignore file says that says anything.
    fn said(&self, path: &[u8], is_folder: bool) -> Option<Said> {
        self.ignoring.iter().rev().find_map(|file| file.says(path, is_folder))
    }

    /// Forgets the ignore files of folders that `path` is not in.
    fn leave_for(&mut self, path: &[u8]) {
        while self.ignoring.last().is_some_and(|file| !file.is_above(path)) {
            self.ignoring.pop();
        }
    }
}
