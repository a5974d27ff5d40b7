//! Files that go to the disk while they are written.

use std::fs::File;
use std::io::{self, Write};
use std::thread::{self, JoinHandle};

use crossbeam_channel::{Sender, TrySendError, bounded};

/// So many bytes are worth waking the disk for.
const ENOUGH: usize = 8 << 20;

/// A file whose bytes are sent to the disk while more of them are made, so that the sync at its
/// end has little left to wait for. A short file is an ordinary one.
#[derive(Debug)]
pub struct Ahead {
    file: File,
    unsynced: usize,
    syncing: Option<(Sender<()>, JoinHandle<io::Result<()>>)>,
}

impl Ahead {
    /// A file that is about to be written.
    pub fn new(file: File) -> Self {
        Self { file, unsynced: 0, syncing: None }
    }

    /// Has all that was written on the disk.
    ///
    /// # Errors
    /// Those of any sync since the beginning: the system tells each of them once.
    pub fn sync(&mut self) -> io::Result<()> {
        if let Some((bell, thread)) = self.syncing.take() {
            drop(bell);
            thread.join().expect("syncing does not panic")?;
        }
        self.file.sync_all()
    }

    /// Begins to send what was written; goes on at once. One sync at a time is enough.
    fn send(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        let (bell, _) = match &mut self.syncing {
            Some(syncing) => syncing,
            none => none.insert(begin(self.file.try_clone()?)),
        };
        match bell.try_send(()) {
            Ok(()) | Err(TrySendError::Full(())) => Ok(()),
            // It ended because it failed.
            Err(TrySendError::Disconnected(())) => self.sync(),
        }
    }
}

fn begin(file: File) -> (Sender<()>, JoinHandle<io::Result<()>>) {
    let (bell, rung) = bounded(1);
    (bell, thread::spawn(move || rung.iter().try_for_each(|()| file.sync_data())))
}

impl Write for Ahead {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.unsynced += written;
        if self.unsynced >= ENOUGH {
            self.send()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_written_is_there_however_much_it_is() {
        for blocks in [0, 1, 40] {
            let kept = tempfile::NamedTempFile::new().expect("a file");
            let mut file = Ahead::new(kept.reopen().expect("a file"));
            for block in 0..blocks {
                file.write_all(&[block; 1 << 20]).expect("written");
            }
            assert_eq!(file.syncing.is_some(), blocks > 8);
            file.sync().expect("synced");
            let read = std::fs::read(kept.path()).expect("a file");
            assert_eq!(read.len(), usize::from(blocks) << 20);
            assert!(
                read.chunks(1 << 20).zip(0..).all(|(block, number)| block.iter().all(|byte| *byte == number))
            );
        }
    }

    #[test]
    fn a_sync_that_failed_on_the_way_fails_the_sync_at_the_end() {
        // A pipe can be written to and not be synced.
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let drained = thread::spawn(move || io::copy(&mut reader, &mut io::sink()));
        let mut file = Ahead::new(File::from(std::os::fd::OwnedFd::from(writer)));
        let written = file.write_all(&vec![0; ENOUGH]);
        assert!(written.is_err() || file.sync().is_err());
        drop(file);
        drained.join().expect("no panic").expect("drained");
    }
}
