//! One download, as it is counted.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::db::DownloadRow;
use crate::domain::audit::Author;
use crate::domain::{ExportId, Mode, Receiver, Spans, Timestamp};
use crate::ledger::Sending;

/// Between two requests of one download.
pub const WINDOW: Duration = Duration::from_secs(15 * 60);

/// One download, as it is written into its row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Download {
    /// Its row.
    pub id: Uuid,
    /// Whose package.
    pub export: ExportId,
    /// Who received it, from where it began.
    pub to: Receiver,
    /// Who sent its first bytes.
    pub mode: Mode,
    /// Size of the whole package; not known while that is being built.
    pub size: Option<u64>,
    /// When its first response began.
    pub began_at: Timestamp,
    /// When it was last heard of.
    pub last_at: Timestamp,
    /// When its last response ended; `None` while one is under way.
    pub ended_at: Option<Timestamp>,
    /// Bytes sent, repeated ones included.
    pub bytes: u64,
    /// Which bytes were sent.
    pub covered: Spans,
    /// Whether every byte was.
    pub complete: bool,
    /// Who asked for it first, where that is known.
    pub by: Option<Arc<Author>>,
}

impl Download {
    /// The download that a response begins `at` that instant.
    pub fn opened(sending: &Sending, mode: Mode, at: Timestamp) -> Self {
        Self {
            id: sending.download.unwrap_or_else(Uuid::now_v7),
            export: sending.export,
            to: sending.to.clone(),
            mode,
            size: sending.size,
            began_at: at,
            last_at: at,
            ended_at: None,
            bytes: 0,
            covered: Spans::default(),
            complete: false,
            by: sending.by.clone(),
        }
    }

    /// It was heard of.
    pub fn heard(&mut self, at: Timestamp) {
        self.last_at = self.last_at.max(at);
    }

    /// These bytes were sent.
    pub fn sent(&mut self, ranges: impl IntoIterator<Item = Range<u64>>) {
        for range in ranges {
            self.bytes += range.end - range.start;
            self.covered.add(range);
        }
        self.judge();
    }

    /// The package has this size, if it is known.
    pub fn sized(&mut self, size: Option<u64>) {
        self.size = self.size.or(size);
        self.judge();
    }

    /// Whether no request at `now` can go on with it: it was heard of too long ago.
    pub fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.last_at) > WINDOW
    }

    /// As it is stored.
    pub fn row(&self) -> DownloadRow {
        DownloadRow {
            id: self.id,
            export: self.export,
            to: self.to.clone(),
            mode: self.mode,
            began_at: self.began_at,
            last_at: self.last_at,
            ended_at: self.ended_at,
            size: self.size.unwrap_or(0),
            bytes: self.bytes,
            covered: self.covered.ranges().to_vec(),
            complete: self.complete,
            by: self.by.clone(),
        }
    }

    fn judge(&mut self) {
        self.complete = self.size.is_some_and(|size| self.covered.covers(&(0..size)));
    }
}

impl From<DownloadRow> for Download {
    fn from(row: DownloadRow) -> Self {
        Self {
            id: row.id,
            export: row.export,
            to: row.to,
            mode: row.mode,
            size: Some(row.size).filter(|size| *size > 0),
            began_at: row.began_at,
            last_at: row.last_at,
            ended_at: row.ended_at,
            bytes: row.bytes,
            covered: row.covered.into_iter().collect(),
            complete: row.complete,
            by: row.by,
        }
    }
}
