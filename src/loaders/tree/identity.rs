//! By what a file is known to be the one it was.

use std::time::{Duration, SystemTime};

use rustix::fs::Stat;
use sha2::{Digest, Sha256};

use crate::packaging::Identity;

/// How long a file must have been left alone. File systems write times in steps of up to two seconds
/// (FAT), and a second write within a step leaves no trace.
const LEFT_ALONE: Duration = Duration::from_secs(2);

/// Which file it is, and when it was last written to and changed: all that a scan learns of it
/// without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    device: u64,
    inode: u64,
    modified: (i64, u32),
    changed: (i64, u32),
}

impl Stamp {
    /// Of the file that `stat` is of.
    pub fn of(stat: &Stat) -> Self {
        let nanoseconds = |field| u32::try_from(field).unwrap_or(0);
        Self {
            device: stat.st_dev,
            inode: stat.st_ino,
            modified: (stat.st_mtime, nanoseconds(stat.st_mtime_nsec)),
            changed: (stat.st_ctime, nanoseconds(stat.st_ctime_nsec)),
        }
    }
}

/// Which times can be trusted: those that were over well before a scan began. Its clock has to be
/// the file system's; a server of files that lags behind by more than two seconds may deceive it.
#[derive(Debug, Clone, Copy)]
pub struct Trust {
    /// In seconds and nanoseconds, as files have it.
    until: (i64, u32),
}

impl Trust {
    /// For a scan that begins at `began`.
    pub fn before(began: SystemTime) -> Self {
        let until =
            began.checked_sub(LEFT_ALONE).and_then(|until| until.duration_since(SystemTime::UNIX_EPOCH).ok());
        let seconds = |until: Duration| i64::try_from(until.as_secs()).unwrap_or(i64::MAX);
        Self { until: until.map_or((i64::MIN, 0), |until| (seconds(until), until.subsec_nanos())) }
    }

    /// The identity of a file of `size` bytes, if both its times are old enough: whatever wrote to it
    /// later would have moved one of them. (The second cannot be set by hand.)
    pub fn identity(&self, stamp: &Stamp, size: u64) -> Option<Identity> {
        if stamp.modified > self.until || stamp.changed > self.until {
            return None;
        }
        let mut hasher = Sha256::new();
        hasher.update(stamp.device.to_le_bytes());
        hasher.update(stamp.inode.to_le_bytes());
        hasher.update(size.to_le_bytes());
        for (seconds, nanoseconds) in [stamp.modified, stamp.changed] {
            hasher.update(seconds.to_le_bytes());
            hasher.update(nanoseconds.to_le_bytes());
        }
        Some(Identity(hasher.finalize().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAMP: Stamp = Stamp { device: 1, inode: 2, modified: (1_000, 7), changed: (1_000, 9) };

    fn trust(nanoseconds: u32) -> Trust {
        Trust::before(SystemTime::UNIX_EPOCH + Duration::new(1_002, nanoseconds))
    }

    #[test]
    fn a_file_written_to_two_seconds_ago_or_later_has_none() {
        assert!(trust(9).identity(&STAMP, 5).is_some());
        assert!(trust(8).identity(&STAMP, 5).is_none(), "changed too late");
        let future = Stamp { modified: (9_000, 0), ..STAMP };
        assert!(trust(9).identity(&future, 5).is_none(), "a time that has not come yet");
        assert!(Trust::before(SystemTime::UNIX_EPOCH).identity(&STAMP, 5).is_none());
    }

    #[test]
    fn every_part_of_it_counts() {
        let one = trust(9).identity(&STAMP, 5);
        assert_eq!(one, trust(500).identity(&STAMP, 5), "and the scan's own time does not");
        for other in [
            Stamp { device: 2, ..STAMP },
            Stamp { inode: 3, ..STAMP },
            Stamp { modified: (1_000, 6), ..STAMP },
            Stamp { changed: (999, 9), ..STAMP },
        ] {
            assert_ne!(one, trust(9).identity(&other, 5));
        }
        assert_ne!(one, trust(9).identity(&STAMP, 6));
    }
}
