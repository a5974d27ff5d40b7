//! What an export *is* and what may happen to it: nouns and their rules.
//!
//! No I/O, no async, no clock: whoever calls brings the time.

pub mod audit;
mod caller;
mod credential;
mod data_selection;
mod export;
mod format;
mod id;
mod invisible;
mod limits;
pub mod line;
mod link;
mod mode;
mod name;
mod package;
pub mod pass;
mod permission;
mod progress;
mod project;
mod retention;
mod selection;
mod size;
mod spans;
mod status;
mod swept;
mod template;
mod time;
mod version;

pub use caller::{Caller, Proof, Role, Scope};
pub use credential::{ApiToken, ApiTokenId, Scopes, Session, SessionId};
pub use data_selection::{
    AnalyticsSelector, BulkSelector, ConversationSelector, CustomSelector, DateRange, Granularity,
    TraceSelector, UserDataSelector,
};
pub use export::{Export, ExportEvent, Failure, FailureCode, NewExport, Origin, Tally};
pub use format::{Archive, Compression, Format, Options, Profile};
pub use id::{ExportId, IdError, ProjectId, UserId, VersionId};
pub use invisible::is_invisible;
pub use limits::{Allowance, Limit, Limits, PerPolicy, Policy, Refusal, SetLimits, Unit};
pub use line::{Foretold, InLine, Line};
pub use link::{LONGEST_AGENT, Link, LinkEnd, LinkId, PasswordHash, Receiver};
pub use mode::Mode;
pub use name::{file_name, slug};
pub use package::{Package, PackageKey, Sha256, Warning, WarningCode};
pub use pass::Pass;
pub use permission::{Rule, may_ask};
pub use progress::{Phase, Progress};
pub use project::{Project, ProjectSource};
pub use retention::{RetentionError, expires_at};
pub use selection::{ExportType, Kind, ProjectSelector, Selection, WhichVersion};
pub use size::human_size;
pub use spans::Spans;
pub use status::Status;
pub use swept::{Occasion, PastSweep, Swept};
pub use template::{StoredTemplate, TemplateId, TemplateKey};
pub use time::Timestamp;
pub use version::{Pins, Snapshot, Version, VersionKind, VersionMark};
