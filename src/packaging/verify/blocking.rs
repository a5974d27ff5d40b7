//! A package for a reader that could wait, and here never does.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_lite::io::{AsyncBufRead, AsyncRead, AsyncSeek};
use tokio_util::sync::CancellationToken;

use crate::packaging::reading::{Damage, Input, ReadAt};

/// A buffered package whose every read is ready at once.
///
/// Unlike other adapters it keeps its buffer when it is only asked where it is: async_zip asks
/// after every record of the central directory.
pub struct Blocking {
    input: Input,
    length: u64,
}

impl Blocking {
    /// Reads `package`, which has `length` bytes.
    pub fn new(package: Arc<dyn ReadAt>, cancel: CancellationToken, length: u64) -> Self {
        Self { input: Input::new(package, cancel), length }
    }

    fn go_to(&mut self, target: SeekFrom) -> io::Result<u64> {
        let target = match target {
            SeekFrom::Start(target) => Some(target),
            SeekFrom::Current(by) => self.input.position().checked_add_signed(by),
            SeekFrom::End(by) => self.length.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        self.input.go_to(target);
        Ok(target)
    }
}

fn told(damage: Damage) -> io::Error {
    match damage {
        Damage::Disk(error) => error,
        other => io::Error::other(other),
    }
}

impl AsyncRead for Blocking {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, room: &mut [u8]) -> Poll<io::Result<usize>> {
        let read = self.input.fill().map(|bytes| {
            let read = bytes.len().min(room.len());
            room[..read].copy_from_slice(&bytes[..read]);
            read
        });
        if let Ok(read) = read {
            self.input.take(read);
        }
        Poll::Ready(read.map_err(told))
    }
}

impl AsyncBufRead for Blocking {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Poll::Ready(self.get_mut().input.fill().map_err(told))
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.input.take(amount);
    }
}

impl AsyncSeek for Blocking {
    fn poll_seek(mut self: Pin<&mut Self>, _: &mut Context<'_>, target: SeekFrom) -> Poll<io::Result<u64>> {
        Poll::Ready(self.go_to(target))
    }
}
