//! A body whose bytes lie in a file.

use std::collections::VecDeque;
use std::fs::File;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::Blocks;
use super::reading::{DiskRead, FileBodyError, read_cached, read_from_disk};
use crate::transfer::Segment;

/// Goes along with a body: says how much may leave when, and hears what became of it.
pub trait Escort: Send + Unpin + 'static {
    /// How many of the next `wanted` bytes (at least 1) may leave now: at least 1, or pending, and
    /// then `cx` is woken when some may.
    fn poll_leave(&mut self, _cx: &mut Context<'_>, wanted: u64) -> Poll<u64> {
        Poll::Ready(wanted)
    }

    /// So many bytes of the file, the next ones in order, were handed over. Of those that
    /// [`poll_leave`](Self::poll_leave) let go, some may not have been there to be handed over.
    fn handed(&mut self, bytes: u64);

    /// The body is finished, or was dropped before its end. Called once, and nothing after it.
    fn over(&mut self, is_whole: bool);
}

/// Streams segments of a file.
///
/// What the page cache has is read at once, on the caller's thread; only what must be fetched
/// from the disk is read on a blocking thread, in its turn, so a cold package never holds up other
/// requests, however many download it. One read is under way at a time, and at most one block
/// (256 KiB) is in its hands.
///
/// "Handed over" means taken by the connection. What lies in its buffer or in the kernel's when a
/// client goes away counts as sent; set hyper's `max_buf_size` to 64 KiB, and its share stays
/// below one block.
pub struct FileBody {
    file: Arc<File>,
    /// What is still to be handed over; the first may be the rest of a range.
    segments: VecDeque<Segment>,
    /// Bytes of all of them.
    left: u64,
    blocks: Blocks,
    /// The read of the next block, if it had to go to the disk.
    reading: Option<DiskRead>,
    escort: Box<dyn Escort>,
}

impl FileBody {
    /// A body of `segments` of `file`, read into `blocks`, with `escort`.
    pub fn new(file: Arc<File>, segments: Vec<Segment>, blocks: &Blocks, escort: impl Escort) -> Self {
        let mut segments = VecDeque::from(segments);
        segments.retain(|segment| segment.length() > 0);
        Self {
            file,
            left: segments.iter().map(Segment::length).sum(),
            segments,
            blocks: blocks.clone(),
            reading: None,
            escort: Box::new(escort),
        }
    }

    fn poll_bytes(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, FileBodyError>>> {
        let chunk = match self.segments.front().cloned() {
            None => return Poll::Ready(None),
            Some(Segment::Literal(bytes)) => {
                self.segments.pop_front();
                Ok(bytes)
            }
            Some(Segment::File(range)) => {
                let read = ready!(self.poll_read(&range, cx));
                read.inspect(|bytes| self.advance(&range, bytes.len() as u64))
            }
        };
        match &chunk {
            Ok(bytes) => self.left -= bytes.len() as u64,
            Err(_) => self.segments.clear(),
        }
        Poll::Ready(Some(chunk))
    }

    /// The first bytes of `range`: at once if they are cached.
    fn poll_read(&mut self, range: &Range<u64>, cx: &mut Context<'_>) -> Poll<Result<Bytes, FileBodyError>> {
        if self.reading.is_none() {
            let wanted = ready!(self.escort.poll_leave(cx, range.end - range.start));
            if let Some(bytes) = read_cached(&self.file, range.start, wanted, &self.blocks) {
                return Poll::Ready(Ok(bytes));
            }
            let (file, blocks) = (Arc::clone(&self.file), self.blocks.clone());
            self.reading = Some(read_from_disk(file, range.clone(), wanted, blocks));
        }
        let Some(reading) = self.reading.as_mut() else { return Poll::Pending };
        let read = ready!(reading.as_mut().poll(cx));
        self.reading = None;
        Poll::Ready(read)
    }

    fn advance(&mut self, range: &Range<u64>, taken: u64) {
        let to = range.start + taken;
        match self.segments.front_mut() {
            Some(Segment::File(rest)) if to < rest.end => rest.start = to,
            _ => drop(self.segments.pop_front()),
        }
        self.escort.handed(taken);
    }
}

impl Body for FileBody {
    type Data = Bytes;
    type Error = FileBodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, FileBodyError>>> {
        self.poll_bytes(cx).map(|chunk| chunk.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

impl Drop for FileBody {
    fn drop(&mut self) {
        self.escort.over(self.left == 0);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::sync::mpsc;

    use http_body_util::BodyExt;
    use rustix::fs::{Advice, fadvise};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    type Reported = mpsc::Receiver<(u64, bool)>;

    /// Tells how much was handed over, and whether that was all.
    struct Told(u64, mpsc::Sender<(u64, bool)>);

    impl Escort for Told {
        fn handed(&mut self, bytes: u64) {
            self.0 += bytes;
        }

        fn over(&mut self, is_whole: bool) {
            // A test may not care.
            let _ = self.1.send((self.0, is_whole));
        }
    }

    fn nobody() -> Told {
        Told(0, mpsc::channel().0)
    }

    const MIB: u64 = 1024 * 1024;

    #[tokio::test]
    async fn every_segment_arrives_in_order_and_to_the_byte() {
        let package = Package::of(3 * MIB + 7);
        let segments = vec![
            Segment::Literal(Bytes::from_static(b"head")),
            Segment::File(2 * MIB..3 * MIB + 7),
            Segment::Literal(Bytes::new()),
            Segment::File(5..5),
            Segment::File(1..2),
            Segment::Literal(Bytes::from_static(b"tail")),
        ];
        let (body, reported) = package.body(segments);
        let expected = [b"head", package.slice(2 * MIB..3 * MIB + 7), package.slice(1..2), b"tail"].concat();
        assert_eq!(body.collect().await.expect("a whole file").to_bytes(), expected);
        assert_eq!(reported.recv(), Ok((MIB + 8, true)));
    }

    #[tokio::test]
    async fn what_is_left_is_known_at_every_moment() {
        let package = Package::of(MIB + 1);
        let (mut body, _reported) = package.body(vec![Segment::File(0..MIB + 1)]);
        let mut left = MIB + 1;
        while let Some(frame) = body.frame().await {
            left -= frame.expect("a whole file").data_ref().map_or(0, Bytes::len) as u64;
            assert_eq!(body.size_hint().exact(), Some(left));
            assert_eq!(body.is_end_stream(), left == 0);
        }
        assert_eq!(left, 0);
    }

    #[tokio::test]
    async fn a_file_that_nobody_has_read_yet_arrives_like_any_other() {
        let package = Package::of(5 * MIB);
        package.file.sync_all().expect("synced");
        fadvise(&package.file, 0, None, Advice::DontNeed).expect("dropped from the page cache");
        let (body, _reported) = package.body(vec![Segment::File(MIB - 3..5 * MIB)]);
        let got = body.collect().await.expect("a whole file").to_bytes();
        assert!(got == package.slice(MIB - 3..5 * MIB));
    }

    #[tokio::test]
    async fn holes_are_zeros() {
        let file = tempfile::tempfile().expect("a file");
        file.set_len(2 * MIB).expect("a hole");
        let body =
            FileBody::new(Arc::new(file), vec![Segment::File(0..2 * MIB)], &Blocks::default(), nobody());
        assert!(body.collect().await.expect("a whole file").to_bytes() == vec![0; 2 * MIB as usize]);
    }

    #[tokio::test]
    async fn a_client_that_leaves_is_charged_what_it_took() {
        let package = Package::of(2 * MIB);
        let (mut body, reported) = package.body(vec![Segment::File(10..20), Segment::File(MIB..2 * MIB)]);
        let mut taken = 0;
        for _ in 0..2 {
            let frame = body.frame().await.expect("a frame").expect("a whole file");
            taken += frame.data_ref().map_or(0, Bytes::len) as u64;
        }
        drop(body);
        assert_eq!(reported.recv(), Ok((taken, false)));
    }

    #[tokio::test]
    async fn a_body_of_nothing_is_whole() {
        let package = Package::of(0);
        let (body, reported) = package.body(vec![]);
        assert!(body.is_end_stream());
        drop(body);
        assert_eq!(reported.recv(), Ok((0, true)));
    }

    #[tokio::test]
    async fn a_file_that_was_cut_is_an_error_and_not_a_shorter_body() {
        let package = Package::of(MIB);
        let (mut body, reported) = package.body(vec![Segment::File(0..MIB)]);
        body.frame().await.expect("a frame").expect("the file is whole still");
        package.file.set_len(600_000).expect("cut");
        let error = loop {
            match body.frame().await.expect("an error before the end") {
                Ok(_) => {}
                Err(error) => break error,
            }
        };
        assert!(matches!(error, FileBodyError::Truncated { missing: 600_000, promised: MIB }), "{error}");
        assert!(body.frame().await.is_none(), "nothing comes after an error");
        drop(body);
        assert_eq!(reported.recv(), Ok((600_000, false)));
    }

    #[tokio::test]
    async fn a_client_sees_a_broken_download_where_a_file_was_cut() {
        let package = Package::of(MIB);
        let (body, reported) = package.body(vec![Segment::File(0..MIB)]);
        package.file.set_len(600_000).expect("cut");

        let (mut client, server) = tokio::io::duplex(64 * 1024);
        let answer = std::sync::Mutex::new(Some(http::Response::new(body)));
        let only_once = hyper::service::service_fn(move |_| {
            let answer = answer.lock().ok().and_then(|mut answer| answer.take()).ok_or("asked twice");
            std::future::ready(answer)
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(hyper_util::rt::TokioIo::new(server), only_once);
        let mut got = Vec::new();
        let (served, read) = tokio::join!(connection, async {
            client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await?;
            client.read_to_end(&mut got).await
        });
        assert!(served.is_err() && read.is_ok(), "the server hangs up");
        let head = String::from_utf8_lossy(&got[..got.len().min(200)]);
        assert!(head.contains("content-length: 1048576\r\n"), "{head}");
        assert!(got.len() < 600_000 + 200, "nothing is made up");
        assert!(matches!(reported.recv(), Ok((_, false))));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_is_an_error() {
        let folder = File::open(std::env::temp_dir()).expect("a folder");
        let body = FileBody::new(Arc::new(folder), vec![Segment::File(0..10)], &Blocks::default(), nobody());
        let error = body.collect().await.expect_err("a folder has no bytes");
        assert!(matches!(error, FileBodyError::Unreadable { at: 0, .. }), "{error}");
    }

    #[tokio::test]
    async fn five_hundred_stalled_clients_share_a_bounded_memory() {
        let package = Package::of(MIB);
        let blocks = Blocks::default();
        let mut stalled = Vec::new();
        for _ in 0..512 {
            let whole = vec![Segment::File(0..MIB)];
            let mut body = FileBody::new(Arc::clone(&package.file), whole, &blocks, nobody());
            stalled.push((body.frame().await, body));
        }
        assert!(blocks.lent() < 64 * MIB as usize, "{}", blocks.lent());
        for (frame, body) in stalled {
            let first = frame.expect("a frame").expect("a whole file").into_data().expect("data");
            let rest = body.collect().await.expect("a whole file").to_bytes();
            assert!([first, rest].concat() == package.bytes);
        }
        assert_eq!(blocks.lent(), 0);
    }

    /// A file whose bytes tell their place.
    struct Package {
        file: Arc<File>,
        bytes: Vec<u8>,
    }

    impl Package {
        fn of(length: u64) -> Self {
            let bytes: Vec<u8> = (0..length).map(|at| ((at % 251) ^ (at >> 16)) as u8).collect();
            let mut file = tempfile::tempfile().expect("a file");
            file.write_all(&bytes).expect("written");
            Self { file: Arc::new(file), bytes }
        }

        fn slice(&self, range: Range<u64>) -> &[u8] {
            &self.bytes[range.start as usize..range.end as usize]
        }

        fn body(&self, segments: Vec<Segment>) -> (FileBody, Reported) {
            let (report, reported) = mpsc::channel();
            let told = Told(0, report);
            (FileBody::new(Arc::clone(&self.file), segments, &Blocks::default(), told), reported)
        }
    }
}
