//! A connection that must make progress.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Quiet;

/// Fails with [`io::ErrorKind::TimedOut`] when nothing moves for too long: nothing arrives, or,
/// while we have something to say, nothing is taken. However slow, what moves is left alone; no
/// download is ever too long. Nor is a silence that is [ours](Quiet).
#[derive(Debug)]
pub struct Lively<T> {
    inner: T,
    /// How long nothing may move: little before the first byte, `patience` from then on.
    allowed: Duration,
    patience: Duration,
    moved: Instant,
    /// Something we said is not taken yet; then only that counts as progress, or a client could
    /// keep a response waiting by sending more requests.
    stuck: bool,
    quiet: Quiet,
    alarm: Pin<Box<Sleep>>,
}

impl<T> Lively<T> {
    /// Watches `inner`: its first byte must come within `first`, and after that something must
    /// move within every `patience`.
    pub fn new(inner: T, first: Duration, patience: Duration) -> Self {
        let moved = Instant::now();
        let alarm = Box::pin(sleep_until(moved + first));
        Self { inner, allowed: first, patience, moved, stuck: false, quiet: Quiet::default(), alarm }
    }

    /// The same, but a silence that `quiet` tells to be ours is nobody's fault.
    #[must_use]
    pub fn excused_by(self, quiet: Quiet) -> Self {
        Self { quiet, ..self }
    }

    fn progress(&mut self) {
        self.moved = Instant::now();
        self.allowed = self.patience;
    }

    /// Nothing moves just now. Arms the alarm, or tells that its time has come: moving only notes
    /// when, so the alarm may be set for too early and is put forward here.
    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if !self.stuck && self.quiet.is_our_turn() {
            self.progress();
        }
        let due = self.moved + self.allowed;
        if self.alarm.deadline() > due {
            self.alarm.as_mut().reset(due);
        }
        while self.alarm.as_mut().poll(cx).is_ready() {
            if Instant::now() >= due {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.alarm.as_mut().reset(due);
        }
        Ok(())
    }

    fn written(&mut self, written: Poll<io::Result<usize>>, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        self.stuck = written.is_pending();
        if self.stuck {
            self.check(cx)?;
        } else {
            self.progress();
        }
        written
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Lively<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.inner).poll_read(cx, into);
        if read.is_pending() {
            self.check(cx)?;
        } else if !self.stuck {
            self.progress();
        }
        read
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Lively<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.written(written, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, pieces);
        self.written(written, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn who_never_says_anything_is_left() {
        let (ours, _theirs) = duplex(64);
        let silent = Lively::new(ours, SHORT, LONG).read_u8().await;
        assert_eq!(silent.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_left_for_a_silence_of_ours_but_who_takes_nothing_still_is() {
        let (ours, mut theirs) = duplex(64);
        let quiet = Quiet::default();
        let mut ours = Lively::new(ours, LONG, LONG).excused_by(quiet.clone());
        theirs.write_all(b"?").await.expect("room");
        ours.read_u8().await.expect("a question");
        let our_turn = quiet.our_turn();
        let silence = tokio::time::timeout(20 * LONG, ours.read_u8()).await;
        assert!(silence.is_err(), "it is waited for longer than anybody asked");
        ours.write_all(&[0; 64]).await.expect("room");
        let stuck =
            tokio::time::timeout(20 * LONG, ours.write_u8(0)).await.expect("who takes nothing is left");
        assert_eq!(stuck.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        drop(our_turn);
        theirs.read_exact(&mut [0; 64]).await.expect("what was said");
        ours.write_u8(0).await.expect("room");
        let silent = ours.read_u8().await;
        assert_eq!(silent.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
    }

    #[tokio::test]
    async fn who_takes_nothing_is_left_even_if_they_keep_talking() {
        let (ours, mut theirs) = duplex(64);
        let mut ours = Lively::new(ours, LONG, SHORT);
        let talking = tokio::spawn(async move { while theirs.write_all(b"more ").await.is_ok() {} });
        let (mut reader, mut writer) = tokio::io::split(&mut ours);
        let mut heard = [0; 8];
        let writing = writer.write_all(&[0; 1024]);
        let listening = async { while reader.read(&mut heard).await.is_ok() {} };
        tokio::pin!(writing);
        let stuck = tokio::select! { biased; stuck = &mut writing => stuck, () = listening => writing.await };
        assert_eq!(stuck.map_err(|error| error.kind()), Err(io::ErrorKind::TimedOut));
        drop(ours);
        talking.await.expect("they stop when we leave");
    }

    #[tokio::test]
    async fn who_is_slow_but_moves_is_waited_for() {
        let (ours, mut theirs) = duplex(8);
        let mut ours = Lively::new(ours, LONG, LONG);
        let sending = tokio::spawn(async move { ours.write_all(&[7; 4096]).await });
        let mut taken = Vec::new();
        while taken.len() < 4096 {
            taken.push(theirs.read_u8().await.expect("a byte"));
            tokio::task::yield_now().await;
        }
        assert!(sending.await.expect("no panic").is_ok());
    }
}
