//! A body of a file that is still being written.

use std::fs::File;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};

use super::blocks::Blocks;
use super::body::Body;
use super::file_body::Escort;
use super::reading::read;

/// Where a file comes from that is still being written.
pub trait Grow: Send + 'static {
    /// Waits until there is more than the first `at` bytes, or until that was all.
    ///
    /// # Errors
    /// When it will never be whole; the body then ends before its end.
    fn beyond(&mut self, at: u64) -> impl Future<Output = io::Result<Grown>> + Send;
}

/// What there is of it from some byte on.
#[derive(Debug)]
pub enum Grown {
    /// Bytes up to this one, in this file. It may be another file the next time, with the same bytes.
    Bytes(Arc<File>, u64),
    /// No more, and what is to be said at the end.
    End(HeaderMap),
}

/// A body of all that `source` gives, read into `blocks`, with `escort`. It has no length, and
/// ends properly only when its source does.
pub fn growing(source: impl Grow, blocks: &Blocks, escort: impl Escort) -> Body {
    let sent = Sending { source, at: 0, is_whole: false, blocks: blocks.clone(), escort: Box::new(escort) };
    let frames = futures_util::stream::unfold(Some(sent), |sending| async move {
        let mut sending = sending.filter(|sending| !sending.is_whole)?;
        match sending.next().await {
            Ok(frame) => Some((Ok(frame), Some(sending))),
            Err(error) => Some((Err(error), None)),
        }
    });
    StreamBody::new(frames).boxed_unsync()
}

struct Sending<G> {
    source: G,
    at: u64,
    is_whole: bool,
    blocks: Blocks,
    escort: Box<dyn Escort>,
}

impl<G: Grow> Sending<G> {
    /// One block, or the end. The source is asked for each: what it gave before may be gone.
    async fn next(&mut self) -> io::Result<Frame<Bytes>> {
        let (file, end) = match self.source.beyond(self.at).await? {
            Grown::Bytes(file, end) => (file, end),
            Grown::End(trailers) => {
                self.is_whole = true;
                return Ok(Frame::trailers(trailers));
            }
        };
        let wanted = poll_fn(|cx| self.escort.poll_leave(cx, end - self.at)).await;
        let bytes = read(file, self.at..end, wanted, &self.blocks).await.map_err(io::Error::other)?;
        self.at += bytes.len() as u64;
        self.escort.handed(bytes.len() as u64);
        Ok(Frame::data(bytes))
    }
}

impl<G> Drop for Sending<G> {
    fn drop(&mut self) {
        self.escort.over(self.is_whole);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::os::unix::fs::FileExt;
    use std::sync::mpsc;

    use http::HeaderValue;

    use super::*;

    /// Gives what it is told to, in order.
    struct Steps(VecDeque<io::Result<Grown>>);

    impl Grow for Steps {
        async fn beyond(&mut self, at: u64) -> io::Result<Grown> {
            tokio::task::yield_now().await;
            if let Some(Ok(Grown::Bytes(file, end))) = self.0.front()
                && at < *end
            {
                return Ok(Grown::Bytes(Arc::clone(file), *end));
            }
            self.0.pop_front();
            match self.0.front() {
                Some(Ok(Grown::Bytes(file, end))) => Ok(Grown::Bytes(Arc::clone(file), *end)),
                _ => self.0.pop_front().expect("nobody asks after the end"),
            }
        }
    }

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

    fn body(last: io::Result<Grown>) -> (Body, mpsc::Receiver<(u64, bool)>, Blocks) {
        let whole = vec![7; 600_000];
        let [one, other] = [(); 2].map(|()| {
            let file = tempfile::tempfile().expect("a file");
            file.write_all_at(&whole, 0).expect("written");
            Arc::new(file)
        });
        let steps = VecDeque::from([
            Ok(Grown::Bytes(Arc::clone(&one), 10)),
            Ok(Grown::Bytes(one, 300_000)),
            Ok(Grown::Bytes(other, 600_000)),
            last,
        ]);
        let ((report, reported), blocks) = (mpsc::channel(), Blocks::default());
        (growing(Steps(steps), &blocks, Told(0, report)), reported, blocks)
    }

    #[tokio::test]
    async fn it_goes_on_as_its_file_does_and_ends_with_what_is_to_be_said() {
        let mut trailers = HeaderMap::new();
        trailers.insert("repr-digest", HeaderValue::from_static("sha-256=:x:"));
        let (body, reported, blocks) = body(Ok(Grown::End(trailers.clone())));
        assert_eq!(http_body::Body::size_hint(&body).exact(), None);
        let all = body.collect().await.expect("it is whole");
        assert_eq!(all.trailers(), Some(&trailers));
        assert!(all.to_bytes() == vec![7; 600_000]);
        assert_eq!((reported.recv(), blocks.lent()), (Ok((600_000, true)), 0));
    }

    #[tokio::test]
    async fn what_never_gets_whole_never_looks_so() {
        let (body, reported, _) = body(Err(io::Error::other("cancelled")));
        assert_eq!(body.collect().await.expect_err("it broke off").to_string(), "cancelled");
        assert_eq!(reported.recv(), Ok((600_000, false)));
    }

    #[tokio::test]
    async fn a_client_that_leaves_is_charged_what_it_took() {
        let (mut body, reported, blocks) = body(Ok(Grown::End(HeaderMap::new())));
        let first = body.frame().await.expect("a frame").expect("whole").into_data().expect("data");
        assert_eq!(first.len(), 10);
        drop((body, first));
        assert_eq!((reported.recv(), blocks.lent()), (Ok((10, false)), 0));
    }
}
