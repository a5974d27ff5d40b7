//! A body whose bytes have to be worked for.

use std::any::Any;
use std::collections::VecDeque;
use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::transfer::Segment;

use super::blocks::Blocks;
use super::file_body::Escort;

/// Where bytes come from that have to be worked for, on a thread that may wait.
pub trait Draw: Send + 'static {
    /// Waits until it may [`read`](Self::read); that lasts until what comes back is dropped.
    fn turn(&self) -> Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>>;

    /// Some bytes from `at` on into `room`; none when it has to be asked again. Works for a
    /// bounded time.
    ///
    /// # Errors
    /// When there are none to be had; the body then ends before its end.
    fn read(&mut self, at: u64, room: &mut [u8]) -> io::Result<usize>;
}

/// Work under way: its source, and what came of it.
type Drawing<D> = Pin<Box<dyn Future<Output = (Option<D>, io::Result<Bytes>)> + Send>>;

/// Streams segments of what it draws. Nothing is drawn that was not asked for: a client that
/// reads slowly holds a block at most, one that leaves stops the work, and neither holds a thread.
pub struct DrawnBody<D> {
    source: Option<D>,
    /// What is still to be handed over; the first may be the rest of a range.
    segments: VecDeque<Segment>,
    /// Bytes of all of them.
    left: u64,
    blocks: Blocks,
    drawing: Option<Drawing<D>>,
    escort: Box<dyn Escort>,
}

impl<D: Draw + Unpin> DrawnBody<D> {
    /// A body of `segments` of `source`, drawn into `blocks`, with `escort`.
    pub fn new(source: D, segments: Vec<Segment>, blocks: &Blocks, escort: impl Escort) -> Self {
        let mut segments = VecDeque::from(segments);
        segments.retain(|segment| segment.length() > 0);
        let left = segments.iter().map(Segment::length).sum();
        let (source, blocks, escort) = (Some(source), blocks.clone(), Box::new(escort));
        Self { source, segments, left, blocks, drawing: None, escort }
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            let chunk = match self.segments.front().cloned() {
                None => return Poll::Ready(None),
                Some(Segment::Literal(bytes)) => {
                    self.segments.pop_front();
                    Ok(bytes)
                }
                Some(Segment::File(range)) => {
                    let drawn = ready!(self.poll_draw(&range, cx));
                    drawn.inspect(|bytes| self.advance(&range, bytes.len() as u64))
                }
            };
            match &chunk {
                Ok(bytes) if bytes.is_empty() => continue,
                Ok(bytes) => self.left -= bytes.len() as u64,
                Err(_) => self.segments.clear(),
            }
            return Poll::Ready(Some(chunk));
        }
    }

    fn poll_draw(&mut self, range: &Range<u64>, cx: &mut Context<'_>) -> Poll<io::Result<Bytes>> {
        let drawing = match &mut self.drawing {
            Some(drawing) => drawing,
            none => {
                let wanted = ready!(self.escort.poll_leave(cx, range.end - range.start));
                let Some(source) = self.source.take() else {
                    return Poll::Ready(Err(io::Error::other("what was drawn from is gone")));
                };
                none.insert(draw(source, range.start, wanted, self.blocks.clone()))
            }
        };
        let (source, drawn) = ready!(drawing.as_mut().poll(cx));
        self.drawing = None;
        self.source = source;
        Poll::Ready(drawn)
    }

    fn advance(&mut self, range: &Range<u64>, taken: u64) {
        match self.segments.front_mut() {
            Some(Segment::File(rest)) if range.start + taken < rest.end => rest.start += taken,
            _ => drop(self.segments.pop_front()),
        }
        self.escort.handed(taken);
    }
}

fn draw<D: Draw>(mut source: D, at: u64, wanted: u64, blocks: Blocks) -> Drawing<D> {
    Box::pin(async move {
        let turn = source.turn().await;
        let worked = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let mut block = blocks.lend(wanted);
            let drawn = source.read(at, block.as_mut()).map(|got| block.freeze().slice(..got));
            (Some(source), drawn)
        });
        worked.await.unwrap_or_else(|lost| (None, Err(lost.into())))
    })
}

impl<D: Draw + Unpin> Body for DrawnBody<D> {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.poll_bytes(cx).map(|chunk| chunk.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl<D> Drop for DrawnBody<D> {
    fn drop(&mut self) {
        self.escort.over(self.left == 0);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use http_body_util::BodyExt;
    use tokio::sync::Semaphore;

    use super::*;

    /// Lets few bytes go at a time, and not at once.
    struct Slow(u64, bool);

    impl Escort for Slow {
        fn poll_leave(&mut self, cx: &mut Context<'_>, wanted: u64) -> Poll<u64> {
            self.1 = !self.1;
            if self.1 {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(wanted.min(700))
        }

        fn handed(&mut self, bytes: u64) {
            assert!(bytes <= 700);
            self.0 += bytes;
        }

        fn over(&mut self, is_whole: bool) {
            assert!(!is_whole || self.0 == 8_302, "{}", self.0);
        }
    }

    fn slow() -> Slow {
        Slow(0, false)
    }

    /// Counts from some byte on, a few bytes at a time and often none; breaks where it is told.
    struct Counting {
        turns: Arc<Semaphore>,
        asked: u64,
        breaks_at: u64,
    }

    impl Counting {
        fn new(turns: usize, breaks_at: u64) -> Self {
            Self { turns: Arc::new(Semaphore::new(turns)), asked: 0, breaks_at }
        }
    }

    impl Draw for Counting {
        fn turn(&self) -> Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>> {
            let turns = Arc::clone(&self.turns);
            Box::pin(async move { Box::new(turns.acquire_owned().await) as Box<dyn Any + Send> })
        }

        fn read(&mut self, at: u64, room: &mut [u8]) -> io::Result<usize> {
            assert_eq!(self.turns.available_permits(), 0, "it is its turn");
            self.asked += 1;
            if at >= self.breaks_at {
                return Err(io::Error::other("broken"));
            }
            let got = if self.asked.is_multiple_of(3) { 0 } else { room.len().min(1000) };
            for (byte, at) in room[..got].iter_mut().zip(at..) {
                *byte = at as u8;
            }
            Ok(got)
        }
    }

    #[tokio::test]
    async fn every_segment_arrives_in_order_however_it_is_drawn() {
        let blocks = Blocks::default();
        let segments = vec![
            Segment::Literal(Bytes::from_static(b"head")),
            Segment::File(700..9_000),
            Segment::Literal(Bytes::from_static(b"tail")),
            Segment::File(5..7),
        ];
        let body = DrawnBody::new(Counting::new(1, u64::MAX), segments, &blocks, slow());
        assert_eq!(body.size_hint().exact(), Some(8_310));
        let got = body.collect().await.expect("whole").to_bytes();
        let counted: Vec<u8> = (700..9_000u64).map(|at| at as u8).collect();
        assert!(got == [b"head", &counted[..], b"tail", &[5, 6]].concat());
        drop(got);
        assert_eq!(blocks.lent(), 0);
    }

    #[tokio::test]
    async fn what_breaks_ends_the_body_before_its_end() {
        let blocks = Blocks::default();
        let mut body =
            DrawnBody::new(Counting::new(1, 2_500), vec![Segment::File(0..9_000)], &blocks, slow());
        let mut got = 0;
        let error = loop {
            match body.frame().await.expect("an error before the end") {
                Ok(frame) => got += frame.into_data().expect("data").len(),
                Err(error) => break error,
            }
        };
        assert_eq!((got, error.to_string().as_str()), (2_800, "broken"));
        assert!(body.frame().await.is_none() && !body.is_end_stream());
    }

    #[tokio::test]
    async fn whoever_waits_for_a_client_holds_no_turn() {
        let (blocks, source) = (Blocks::default(), Counting::new(1, u64::MAX));
        let turns = Arc::clone(&source.turns);
        let mut body = DrawnBody::new(source, vec![Segment::File(0..9_000)], &blocks, slow());
        let first = body.frame().await.expect("a frame").expect("whole");
        assert_eq!(turns.available_permits(), 1);
        drop((body, first));
        assert_eq!((turns.available_permits(), blocks.lent()), (1, 0));
    }
}
