//! The words for what can be done.

/// Declares the actions once: variant, word, meaning.
macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// What somebody did, or wanted to do. The words are kept for years: none is ever changed or
        /// used for something else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)+
        }

        impl Action {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The word, `what.done`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)+
                }
            }
        }
    };
}

actions! {
    /// An export was asked for; a new one.
    ExportRequested = "export.requested",
    /// An export was asked for that is there already.
    ExportDeduplicated = "export.deduplicated",
    /// An export was stopped.
    ExportCancelled = "export.cancelled",
    /// An export that had ended was asked for once more.
    ExportRetried = "export.retried",
    /// A package was deleted before its time.
    ExportDeleted = "export.deleted",
    /// A package was kept for longer.
    ExportExtended = "export.extended",
    /// Something was done to many exports at once; each of them has its own entry beside.
    ExportsActedOn = "export.bulk_action",
    /// A package was read again and held against its manifest.
    ExportVerified = "export.verified",
    /// A download of a package began.
    PackageDownloaded = "package.downloaded",
    /// Every byte of a package was sent in one download.
    PackageCompleted = "package.download_completed",
    /// A single file was read out of a package.
    EntryDownloaded = "entry.downloaded",
    /// A link to a package was made.
    LinkMade = "link.made",
    /// A link was revoked.
    LinkRevoked = "link.revoked",
    /// A project was registered, or registered anew.
    ProjectRegistered = "project.registered",
    /// A project is not registered any more.
    ProjectForgotten = "project.forgotten",
    /// A snapshot was registered as a version.
    VersionRegistered = "version.registered",
    /// An API token was made.
    TokenMade = "token.made",
    /// An API token was revoked.
    TokenRevoked = "token.revoked",
    /// Somebody signed in at the page.
    SessionBegun = "session.begun",
    /// Somebody signed out.
    SessionEnded = "session.ended",
    /// What somebody may do was changed.
    PermissionChanged = "permission.changed",
    /// How often somebody may do it was changed.
    LimitsChanged = "limits.changed",
    /// A setting was changed at run time.
    ConfigChanged = "config.changed",
    /// The queue was paused or resumed.
    QueueChanged = "queue.changed",
    /// A sweep was asked for.
    CleanupRun = "cleanup.run",
    /// A schedule was made, changed, run or deleted.
    ScheduleChanged = "schedule.changed",
    /// A webhook was made, changed or deleted.
    WebhookChanged = "webhook.changed",
    /// A report template was made, changed or deleted.
    TemplateChanged = "template.changed",
    /// The audit was read.
    AuditRead = "audit.read",
    /// Records past their retention were deleted, from the oldest end.
    AuditCut = "audit.cut",
    /// Entries came faster than they could be written: so many were lost.
    AuditDropped = "audit.dropped",
    /// A request was refused that belongs to no other action; or so many were, of which the detail tells.
    AccessRefused = "access.refused",
}

impl Action {
    /// The action of this word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_has_a_word_of_its_own_and_is_found_by_it() {
        let words: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(words.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::parse(action.as_str()), Some(*action));
            let (what, done) = action.as_str().split_once('.').expect("`what.done`");
            assert!(!what.is_empty() && done.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
        }
        assert_eq!(Action::parse("export.eaten"), None);
    }
}
