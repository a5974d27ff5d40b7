//! The use cases: everything a caller may do, with its permission and its limits.
//!
//! Knows neither HTTP nor the engine: it writes rows and rings the bell.

mod bandwidth;
mod boarding;
mod building;
mod config;
mod desk;
mod door_error;
mod downloads;
mod entry_bytes;
mod exports;
mod gate;
mod house;
mod inside;
mod limits;
mod link_door;
mod links;
mod passwords;
mod projects;
mod replies;
mod requesting;
mod till;
mod turnstile;
mod visitor;

pub use crate::packaging::Estimate;
pub use bandwidth::{Bandwidth, Pace};
pub use building::{Building, CameToNothing, Fetched, Stretch};
pub use config::{Config, DownloadConfig, LimitsConfig, Mode, SettingOrigin};
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
pub use projects::{NewProject, ProjectError, Projects};
pub use replies::{Replies, ReplyError};
pub use requesting::{PRIORITIES, RequestError, Requested, Wanted};
pub use turnstile::{AdmitError, HeldBytes, Turnstile, WantedBytes, Way};

pub use crate::db::{Begun, Cursor, DownloadMark, DownloadRow, DownloadsPage, Filter, Page, StoredReply};
pub use crate::packaging::{Check, ManifestEntry, Verification};
pub use crate::security::{PublicKey, PublicKeys};
