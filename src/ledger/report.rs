//! What is put down in the ledger.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::domain::audit::Author;
use crate::domain::{ExportId, Mode, Receiver, Timestamp};

/// One response that carries bytes of a package, as it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sending {
    /// Whose package.
    pub export: ExportId,
    /// Who receives it.
    pub to: Receiver,
    /// Which download it belongs to, where that was settled before it began.
    pub download: Option<Uuid>,
    /// The bytes that were reserved for it of what its receiver may download, where that is limited.
    pub reserved: Option<Uuid>,
    /// Size of the whole package in bytes, where that is known before its end.
    pub size: Option<u64>,
    /// The bytes that this response is going to carry, in the order in which they are sent.
    pub planned: Vec<Range<u64>>,
    /// Who asked for it, as far as more is known of them than `to` tells. Does not go along with a
    /// [`Ticket`](super::Ticket).
    pub by: Option<Arc<Author>>,
}

impl Sending {
    /// How many bytes the response carries when it is not broken off.
    pub fn length(&self) -> u64 {
        self.planned.iter().map(|range| range.end - range.start).sum()
    }
}

/// A report.
#[derive(Debug)]
pub enum Report {
    /// A response began; put down before its first byte leaves.
    Began {
        /// Its number, which no other response of this process has.
        transfer: u64,
        /// What it carries to whom.
        sending: Sending,
        /// Who sends it.
        mode: Mode,
        /// How far it has come, at any time; stays at 0 where somebody else sends.
        progress: Progress,
        /// When.
        at: Timestamp,
    },
    /// A response ended, whole or broken off.
    Ended {
        /// Its number.
        transfer: u64,
        /// How many of the planned bytes were handed to the connection: the first so many.
        sent: u64,
        /// Size of the whole package in bytes, where that only showed at its end.
        size: Option<u64>,
        /// When.
        at: Timestamp,
    },
    /// Somebody wants to see how far the responses under way have come.
    Look,
}

/// How many of its planned bytes a response has handed over: raised by whoever sends, looked at
/// by whoever counts. All clones are one.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<AtomicU64>);

impl Progress {
    /// So many bytes more were handed over.
    pub fn handed(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes handed over so far.
    pub fn sent(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
