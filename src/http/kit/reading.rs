//! Reading files for bodies: at once what the page cache has, in turn what the disk has.

use std::fs::File;
use std::io;
use std::num::NonZeroU64;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{Advice, fadvise};
use rustix::io::{IoSliceMut, ReadWriteFlags, preadv2};

use super::blocks::{Block, Blocks};

/// How far the kernel is asked to read ahead of a client once a read had to wait for the disk.
const READ_AHEAD: u64 = 1024 * 1024;
/// The beginning of a block is worth handing over by itself if it is so long; what is shorter is
/// read again with the rest.
const WORTH_IT: usize = 64 * 1024;

/// Why a body ends before its end. The connection is cut, so that a client sees a broken
/// download, never a short one.
#[derive(Debug, thiserror::Error)]
pub enum FileBodyError {
    /// The file has become shorter than it was when its bytes were promised.
    #[error("file has no byte {missing}, but every byte before {promised} was promised")]
    Truncated {
        /// The first byte that was to be read and is not there.
        missing: u64,
        /// Where the range being sent was to end.
        promised: u64,
    },
    /// The disk did not give the bytes.
    #[error("file cannot be read at byte {at}")]
    Unreadable {
        /// Where.
        at: u64,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// A read under way that waits: for its turn, then for the disk. Dropped while it waits for its
/// turn, it was never there.
pub(super) type DiskRead = Pin<Box<dyn Future<Output = Result<Bytes, FileBodyError>> + Send>>;

/// The first of the next `wanted` bytes from `at` on that the page cache has; never waits. None is
/// also the answer to every error: the read from the disk that follows meets it again and tells it.
///
/// That read also settles what 0 means here: Linux 5.9 and 5.10 return it in the middle of a file
/// (preadv2(2), "Bugs").
pub(super) fn read_cached(file: &File, at: u64, wanted: u64, blocks: &Blocks) -> Option<Bytes> {
    let mut block = blocks.lend(wanted);
    let room = block.as_mut();
    let read = preadv2(file, &mut [IoSliceMut::new(room)], at, ReadWriteFlags::NOWAIT).unwrap_or(0);
    let whole = room.len();
    (read == whole || read >= WORTH_IT).then(|| block.freeze().slice(..read))
}

/// The next `wanted` bytes of `range`, or the first of them, from the disk; at most so many reads
/// of a house as [`Blocks`] has turns wait there at a time, first come, first served.
pub(super) fn read_from_disk(file: Arc<File>, range: Range<u64>, wanted: u64, blocks: Blocks) -> DiskRead {
    Box::pin(async move {
        let (turn, at) = (blocks.turn().await, range.start);
        let reading = tokio::task::spawn_blocking(move || {
            // Kept until the disk has answered, whether or not anybody still waits for it.
            let _turn = turn;
            read_whole(&file, blocks.lend(wanted), range)
        });
        reading.await.unwrap_or_else(|lost| Err(FileBodyError::Unreadable { at, source: lost.into() }))
    })
}

/// The same, from wherever the bytes are.
pub(super) async fn read(
    file: Arc<File>,
    range: Range<u64>,
    wanted: u64,
    blocks: &Blocks,
) -> Result<Bytes, FileBodyError> {
    match read_cached(&file, range.start, wanted, blocks) {
        Some(bytes) => Ok(bytes),
        None => read_from_disk(file, range, wanted, blocks.clone()).await,
    }
}

/// Fills `block` from the disk, and has the kernel fetch what comes after it. Runs on a thread
/// that may wait.
fn read_whole(file: &File, mut block: Block, range: Range<u64>) -> Result<Bytes, FileBodyError> {
    let room = block.as_mut();
    let mut filled = 0;
    while filled < room.len() {
        let at = range.start + filled as u64;
        match file.read_at(&mut room[filled..], at) {
            Ok(0) => return Err(FileBodyError::Truncated { missing: at, promised: range.end }),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(FileBodyError::Unreadable { at, source }),
        }
    }
    let next = range.start + filled as u64;
    if let Some(ahead) = NonZeroU64::new(READ_AHEAD.min(range.end - next)) {
        // Advice only: without it the next read waits, as this one did.
        let _ = fadvise(file, next, Some(ahead), Advice::WillNeed);
    }
    Ok(block.freeze())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use futures_util::FutureExt;

    use super::*;

    /// A file whose bytes are not in the page cache, if the file system lets go of them.
    fn cold(size: u64) -> Arc<File> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&vec![7; size as usize]).expect("written");
        file.sync_all().expect("synced");
        fadvise(&file, 0, None, Advice::DontNeed).expect("dropped from the page cache");
        Arc::new(file)
    }

    fn reading(blocks: &Blocks) -> DiskRead {
        read_from_disk(cold(10), 0..10, 10, blocks.clone())
    }

    #[tokio::test]
    async fn only_so_many_wait_for_the_disk_at_a_time_and_the_others_hold_nothing() {
        let blocks = Blocks::default();
        let mut taken = Vec::new();
        while let Some(turn) = blocks.turn().now_or_never() {
            taken.push(turn);
        }
        assert!((16..=64).contains(&taken.len()), "{} turns", taken.len());

        let mut waiting: Vec<_> = (0..1_000).map(|_| reading(&blocks)).collect();
        for read in &mut waiting {
            assert!(read.now_or_never().is_none(), "there is no turn for it");
        }
        assert_eq!(blocks.lent(), 0, "who waits for a turn needs no memory");
        let cached = tempfile::tempfile().expect("a file");
        cached.write_all_at(b"cached", 0).expect("written");
        let all = read(Arc::new(cached), 0..6, 6, &blocks).await.expect("read without a turn");
        assert_eq!(&all[..], b"cached");

        // Those in front go away; nothing is lost of their turns.
        let last = waiting.pop().expect("a thousand of them");
        drop(waiting);
        taken.pop();
        assert_eq!(&last.await.expect("it is its turn")[..], [7; 10]);
        assert!(blocks.turn().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_read_that_nobody_waits_for_any_more_gives_its_turn_back() {
        let blocks = Blocks::default();
        let count = |turns: &mut Vec<_>| {
            turns.extend(std::iter::from_fn(|| blocks.turn().now_or_never()));
            turns.len()
        };
        let all = count(&mut Vec::new());
        for _ in 0..all {
            let mut read = reading(&blocks);
            let _may_be_done = (&mut read).now_or_never();
            drop(read);
        }
        let mut turns = Vec::new();
        while count(&mut turns) < all {
            turns.push(blocks.turn().await);
        }
        while blocks.lent() > 0 {
            tokio::task::yield_now().await; // what was read is just being thrown away
        }
        assert_eq!(turns.len(), all);
    }
}
