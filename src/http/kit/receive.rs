//! Reading what a client sends, no faster and no longer than is good for us.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, EXPECT};
use http_body::Body as _;
use http_body_util::BodyExt;

use super::body::RequestBody;
use super::problem::RequestFault;

/// The largest body taken, in bytes.
pub const LONGEST_BODY: usize = 1 << 20;

/// How long a head or a body may stand still.
pub const SLOW: Duration = Duration::from_secs(15);

/// Bytes of an unwanted body that are still taken off the wire, and for how long: a client in
/// the middle of sending would otherwise meet a reset before it reads its answer.
const LINGER: (usize, Duration) = (8 << 20, Duration::from_secs(5));

/// A request's body; read when somebody first asks for it.
pub struct Received {
    unread: Option<RequestBody>,
    read: Bytes,
    announced: Option<u64>,
    expects_continue: bool,
}

impl Received {
    /// A body that nobody has asked for yet.
    pub fn unread(headers: &HeaderMap, body: RequestBody) -> Self {
        Self {
            unread: Some(body),
            read: Bytes::new(),
            announced: headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok()),
            expects_continue: headers.contains_key(EXPECT),
        }
    }

    /// The whole body, read now unless it has been. Asking again is cheap.
    ///
    /// # Errors
    /// [`RequestFault::BodyTooLarge`] as soon as that is known, [`RequestFault::BodyTooSlow`]
    /// after [`SLOW`] without a byte, [`RequestFault::BodyBroken`] when the client went away.
    pub async fn bytes(&mut self) -> Result<Bytes, RequestFault> {
        if self.announced.is_some_and(|length| length > LONGEST_BODY as u64) {
            return Err(RequestFault::BodyTooLarge);
        }
        if let Some(body) = &mut self.unread {
            self.read = whole(body, SLOW).await?;
            self.unread = None;
        }
        Ok(self.read.clone())
    }
}

async fn whole(body: &mut RequestBody, slow: Duration) -> Result<Bytes, RequestFault> {
    let mut taken = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(slow, body.frame()).await.map_err(|_| RequestFault::BodyTooSlow)?;
        let Some(frame) = frame else { return Ok(taken.freeze()) };
        let frame = frame.map_err(|_| RequestFault::BodyBroken)?;
        let Some(bytes) = frame.data_ref() else { continue }; // trailers mean nothing here
        if taken.len() + bytes.len() > LONGEST_BODY {
            return Err(RequestFault::BodyTooLarge);
        }
        taken.extend_from_slice(bytes);
    }
}

impl Drop for Received {
    /// Lets the client finish its sentence while it is being answered. One that waits for
    /// `100 Continue` has not begun, and is not told to.
    fn drop(&mut self) {
        let Some(mut body) = self.unread.take() else { return };
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if self.expects_continue || body.is_end_stream() {
            return;
        }
        let (mut left, longest) = LINGER;
        runtime.spawn(tokio::time::timeout(longest, async move {
            while let Some(Ok(frame)) = body.frame().await {
                match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                    Some(fewer) => left = fewer,
                    None => break,
                }
            }
        }));
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::{Full, StreamBody};

    use super::super::body::boxed;
    use super::*;

    fn of_chunks(count: usize) -> RequestBody {
        let chunk = Bytes::from(vec![b'x'; 64 << 10]);
        let frames = std::iter::repeat_n(chunk, count)
            .map(|chunk| Ok::<_, std::io::Error>(http_body::Frame::data(chunk)));
        boxed(StreamBody::new(futures_util::stream::iter(frames)))
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_limit_whether_or_not_its_length_was_announced() {
        let mut headers = HeaderMap::new();
        let exact = Received::unread(&headers, of_chunks(16)).bytes().await;
        assert_eq!(exact.map(|bytes| bytes.len()), Ok(LONGEST_BODY));
        let more = Received::unread(&headers, of_chunks(17)).bytes().await;
        assert_eq!(more, Err(RequestFault::BodyTooLarge));

        headers.insert(CONTENT_LENGTH, (LONGEST_BODY + 1).into());
        let announced = Received::unread(&headers, boxed(Full::new(Bytes::new()))).bytes().await;
        assert_eq!(announced, Err(RequestFault::BodyTooLarge));
    }

    #[tokio::test]
    async fn a_body_that_stands_still_is_given_up() {
        type Frames = futures_util::stream::Pending<Result<http_body::Frame<Bytes>, std::io::Error>>;
        let stuck: StreamBody<Frames> = StreamBody::new(futures_util::stream::pending());
        let stuck = whole(&mut boxed(stuck), Duration::from_millis(1)).await;
        assert_eq!(stuck, Err(RequestFault::BodyTooSlow));
    }

    #[tokio::test]
    async fn a_body_can_be_read_twice() {
        let mut body = Received::unread(&HeaderMap::new(), boxed(Full::new(Bytes::from("once"))));
        assert_eq!(body.bytes().await, Ok(Bytes::from("once")));
        assert_eq!(body.bytes().await, Ok(Bytes::from("once")));
    }
}
