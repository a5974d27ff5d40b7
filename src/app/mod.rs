//! The use cases: everything a caller may do, with its permission and its limits.
//!
//! Knows neither HTTP nor the engine: it writes rows and rings the bell.

mod access;
mod actions;
mod audit;
mod bandwidth;
mod batch;
mod boarding;
mod building;
mod config;
mod data;
mod desk;
mod door_error;
mod downloads;
mod entry_bytes;
mod exports;
mod format_check;
mod gate;
mod house;
mod inside;
mod limits;
mod link_door;
mod links;
mod nonces;
mod office;
mod passwords;
mod permissions;
mod projects;
mod proof_error;
mod queue;
mod replies;
mod request_error;
mod requesting;
mod sessions;
mod settings;
mod strangers;
mod templates;
mod till;
mod tokens;
mod tree;
mod turnstile;
mod uses;
mod visitor;

pub use crate::packaging::Estimate;
pub use actions::{Acted, Deed, Did, MOST_AT_ONCE, Which};
pub use audit::{AuditConfig, AuditError, Audits, Stretches, Trail};
pub use bandwidth::{Bandwidth, Pace};
pub use batch::Unacceptable;
pub use building::{Building, CameToNothing, Fetched, Stretch};
pub use config::{AccessConfig, Config, DownloadConfig, LimitsConfig, Mode, SettingOrigin};
pub use desk::{Desk, DeskParts};
pub use door_error::DoorError;
pub use downloads::{DownloadError, Downloads, Opened};
pub use entry_bytes::EntryBytes;
pub use exports::{ExportError, Exports, Outlook};
pub use gate::HeldPass;
pub use house::{House, Part};
pub use inside::{EntriesPage, EntryError, Inside, OpenedEntry};
pub use limits::{LimitsDesk, LimitsError, OfUser, ServerLimit};
pub use link_door::{Admitted, LinkDoor};
pub use links::{LinkError, Links, NewLink, ShownLink};
pub use nonces::{NonceError, Nonces};
pub use office::{Figures, Office, OfficeError, Stock, Sweeper, Whose};
pub use permissions::{Own, PermissionError, Permissions, Said};
pub use projects::{NewProject, ProjectError, Projects};
pub use proof_error::ProofError;
pub use queue::{QueueDesk, QueueNow};
pub use replies::{Replies, ReplyError, TELL_AGAIN};
pub use request_error::{Misfit, RequestError};
pub use requesting::{PRIORITIES, Requested, Wanted};
pub use sessions::{SessionConfig, SessionError, Sessions};
pub use settings::{Changes, Dials, SettingNow, SettingsDesk, SettingsError, Unchanged};
pub use strangers::Strangers;
pub use templates::{Made, NewTemplate, Stored, TemplateError, Templates};
pub use tokens::{NewToken, TokenError, Tokens};
pub use tree::{Folder, FolderItem};
pub use turnstile::{AdmitError, HeldBytes, Turnstile, WantedBytes, Way};

pub use crate::datasets::{DataSet, DeclaredColumn, Outline, Parameter};
pub use crate::db::{
    AuditFilter, AuditPage, Begun, Cause, Cursor, DownloadMark, DownloadRow, DownloadsPage, Filter, Kept,
    Load, Lot, Middle, Node, Page, Paused, Running, Stats, StoredReply,
};
pub use crate::packaging::{Check, ExcludeReason, ManifestEntry, Verification};
pub use crate::reports::{Template, TemplateFault};
pub use crate::security::{PublicKey, PublicKeys};
