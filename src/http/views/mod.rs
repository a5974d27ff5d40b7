//! How things look on the wire: what clients send, and what they are told.

mod audit;
mod cursor;
mod download;
mod entry;
mod event;
mod export;
mod fetch;
mod link;
mod listing;
mod new_export;
mod project;
mod system;
mod version;

pub use audit::{AuditPageView, AuditQuery, AuditView};
pub use cursor::{Marker, address_of_next};
pub use download::{DownloadView, DownloadsPage, DownloadsQuery};
pub use entry::{EntriesPage, EntriesQuery, KeysView, VerificationView};
pub use event::{LogLine, LogView, StatusEvent};
pub use export::{EstimateView, ExportView, ProgressView, WarningView};
pub use fetch::DownloadQuery;
pub use link::{LinkView, LinksView, MadeLinkView, NewLinkView};
pub use listing::{ExportsPage, ExportsQuery, ProjectsPage, ProjectsQuery};
pub use new_export::{NewExport, NewProjectExport};
pub use project::{NewProjectView, ProjectView};
pub use system::{Alive, Ready};
pub use version::{NewVersionView, VersionView, VersionsPage, VersionsQuery};
