//! A file for a reader that could wait, and here never does.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::io::{AsyncBufRead, AsyncRead, AsyncSeek};

/// Bytes read at a time.
const BUFFER: usize = 128 << 10;

/// A buffered file whose every read is ready at once.
///
/// Unlike other adapters it keeps its buffer when it is only asked where it is: async_zip asks
/// after every record of the central directory.
pub struct Blocking {
    file: io::BufReader<File>,
    at: u64,
}

impl Blocking {
    /// Reads `file` from its beginning.
    pub fn new(mut file: File) -> io::Result<Self> {
        file.rewind()?;
        Ok(Self { file: io::BufReader::with_capacity(BUFFER, file), at: 0 })
    }

    fn go_to(&mut self, target: SeekFrom) -> io::Result<u64> {
        let target = match target {
            SeekFrom::Start(target) => target,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).ok_or(io::ErrorKind::InvalidInput)?,
            SeekFrom::End(_) => {
                self.at = self.file.seek(target)?;
                return Ok(self.at);
            }
        };
        let by = i64::try_from(i128::from(target) - i128::from(self.at))
            .map_err(|_| io::ErrorKind::InvalidInput)?;
        self.file.seek_relative(by)?;
        self.at = target;
        Ok(target)
    }
}

impl AsyncRead for Blocking {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let read = self.file.read(buffer);
        if let Ok(read) = read {
            self.at += read as u64;
        }
        Poll::Ready(read)
    }
}

impl AsyncBufRead for Blocking {
    fn poll_fill_buf(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Poll::Ready(self.get_mut().file.fill_buf())
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        self.file.consume(amount);
        self.at += amount as u64;
    }
}

impl AsyncSeek for Blocking {
    fn poll_seek(mut self: Pin<&mut Self>, _: &mut Context<'_>, target: SeekFrom) -> Poll<io::Result<u64>> {
        Poll::Ready(self.go_to(target))
    }
}
