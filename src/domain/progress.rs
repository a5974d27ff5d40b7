//! How far an attempt has come.

use serde::{Deserialize, Serialize};

/// What an attempt is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Waiting for a slot.
    #[default]
    Queued,
    /// Finding out what there is.
    Scanning,
    /// Reading, compressing and writing.
    Compressing,
    /// Making a document of rows.
    Formatting,
    /// Syncing to disk and publishing.
    Finalizing,
    /// Done.
    Completed,
}

/// How far an attempt has come. Latest wins; none of it is needed to resume.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Entries packed so far.
    pub files_done: u64,
    /// Entries there will be; `None` until the scan is over.
    pub files_total: Option<u64>,
    /// Bytes of entries that there will be; `None` until the scan is over.
    pub bytes_total: Option<u64>,
    /// Bytes read from the source.
    pub bytes_read: u64,
    /// Rows that there will be, where there are rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_total: Option<u64>,
    /// Rows so far.
    #[serde(skip_serializing_if = "is_none")]
    pub rows_done: u64,
    /// Bytes written to the package.
    pub bytes_written: u64,
    /// The entry last begun.
    pub current_file: Option<String>,
}

impl Progress {
    /// How much is done, 0 to 100; only [`Phase::Completed`] is 100.
    ///
    /// By bytes where there are any to count, because one large entry is most of the work.
    pub fn percent(&self) -> u8 {
        let share = |done: u64, total: Option<u64>| {
            total.filter(|total| *total > 0).map(|total| done.min(total) * 99 / total)
        };
        match self.phase {
            Phase::Queued | Phase::Scanning => 0,
            Phase::Compressing => share(self.bytes_read, self.bytes_total)
                .or_else(|| share(self.files_done, self.files_total))
                .map_or(0, |percent| u8::try_from(percent).unwrap_or(99)),
            Phase::Formatting => share(self.rows_done, self.rows_total)
                .map_or(0, |percent| u8::try_from(percent).unwrap_or(99)),
            Phase::Finalizing => 99,
            Phase::Completed => 100,
        }
    }
}

fn is_none(rows: &u64) -> bool {
    *rows == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_completed_attempt_is_at_a_hundred_percent() {
        let mut progress = Progress {
            phase: Phase::Compressing,
            bytes_total: Some(200),
            bytes_read: 200,
            ..Progress::default()
        };
        assert_eq!(progress.percent(), 99);
        progress.bytes_read = 1_000; // a file grew while it was read
        assert_eq!(progress.percent(), 99);
        progress.phase = Phase::Completed;
        assert_eq!(progress.percent(), 100);
    }
}
