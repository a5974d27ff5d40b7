//! Following an export: long polls and server-sent events.

use std::collections::VecDeque;
use std::fmt::Write;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use serde::Serialize;
use tokio::time::{Instant, timeout_at};
use tracing::{Instrument, Span};

use crate::app::{Desk, ExportError};
use crate::bell::Changes;
use crate::domain::{Caller, Export, ExportEvent, ExportId};

use super::kit::{Answer, Body};
use super::views::{ProgressView, StatusEvent};

/// An export is looked at this often in case its ring came from another node or was lost.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Not more often than this, however much it rings: a person sees no more, and each look is a query.
const AT_MOST_EVERY: Duration = Duration::from_millis(100);
/// A proxy or a browser takes a connection that says nothing for longer to be dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The export `id` once it has ended, or as it stands after `longest` or when the house closes.
///
/// # Errors
/// When it does not exist or is not the caller's.
pub async fn seen_to_its_end(
    desk: &Desk,
    caller: &Caller,
    id: ExportId,
    longest: Duration,
) -> Result<Export, ExportError> {
    tokio::select! {
        ended = desk.exports().until_ended(caller, id, longest) => ended,
        () = desk.house().draining() => desk.exports().show(caller, id).await,
    }
}

/// One client that follows one export.
pub struct Following {
    desk: Desk,
    caller: Caller,
    id: ExportId,
    changes: Changes,
    /// Number of the last event told.
    told: i64,
    progress: Option<ProgressView>,
    pending: VecDeque<Bytes>,
    /// When something was last said.
    said: Instant,
    /// The final status is among what is pending, or has been told.
    over: bool,
}

impl Following {
    /// Begins after the event that `Last-Event-ID` names, or before the first.
    ///
    /// # Errors
    /// When the export does not exist or is not the caller's.
    pub async fn begin(desk: Desk, caller: Caller, id: ExportId, asked: &HeaderMap) -> Answer<Self> {
        let changes = desk.exports().changes();
        let mut following = Self {
            desk,
            caller,
            id,
            changes,
            told: last_event_id(asked),
            progress: None,
            pending: VecDeque::new(),
            said: Instant::now(),
            over: false,
        };
        following.look().await?;
        Ok(following)
    }

    /// The events as a body that ends after the final status; `None` when that was told already.
    pub fn into_body(self) -> Option<Body> {
        if self.over && self.pending.is_empty() {
            return None;
        }
        // Events are told after the request was answered, but are still its story.
        let request = Span::current();
        let frames = futures_util::stream::unfold(self, move |mut following| {
            let next = async move {
                let event = following.next().await?;
                Some((Ok::<_, io::Error>(Frame::data(event)), following))
            };
            next.instrument(request.clone())
        });
        Some(StreamBody::new(frames).boxed_unsync())
    }

    async fn next(&mut self) -> Option<Bytes> {
        loop {
            if let Some(event) = self.pending.pop_front() {
                self.said = Instant::now();
                return Some(event);
            }
            if self.over || self.desk.house().is_draining() {
                return None;
            }
            if self.said.elapsed() >= KEEP_ALIVE {
                self.pending.push_back(Bytes::from_static(b": keep-alive\n\n"));
                continue;
            }
            self.pause().await;
            if let Err(error) = self.look().await {
                match error {
                    // The database may be back in a moment; whoever listens would only come back too.
                    ExportError::Store(error) => tracing::warn!(%error, "events wait for the store"),
                    ExportError::Unknown(_)
                    | ExportError::Foreign
                    | ExportError::NotCancellable(_)
                    | ExportError::StillActive(_)
                    | ExportError::NotKept(_)
                    | ExportError::Retention(_) => return None,
                }
            }
        }
    }

    /// Waits for a ring, but neither too short nor too long.
    async fn pause(&mut self) {
        let now = Instant::now();
        tokio::time::sleep_until(now + AT_MOST_EVERY).await;
        let patience = (now + LOOK_AGAIN).min(self.said + KEEP_ALIVE);
        tokio::select! {
            _either_way = timeout_at(patience, self.changes.of(self.id)) => {}
            () = self.desk.house().draining() => {}
        }
    }

    /// Finds out what is new. The export is looked at before its log: an end that is seen there
    /// is then in the log too.
    async fn look(&mut self) -> Result<(), ExportError> {
        let export = self.desk.exports().show(&self.caller, self.id).await?;
        for event in self.desk.exports().events_after(&self.caller, self.id, self.told).await? {
            self.told = event.seq;
            self.pending.extend(status_event(&event));
        }
        let outlook = self.desk.exports().outlook(&export).await?;
        let progress = ProgressView::new(&export, outlook, self.desk.clock().now());
        if !export.status.is_active() {
            self.over = true;
        } else if self.progress.as_ref() != Some(&progress) {
            self.pending.push_back(event("progress", None, &progress));
            self.progress = Some(progress);
        }
        Ok(())
    }
}

fn status_event(line: &ExportEvent) -> Option<Bytes> {
    (line.kind == "status").then(|| event("status", Some(line.seq), &StatusEvent::from(line)))
}

/// One event on the wire. JSON has no line breaks of its own, so its data is one line.
fn event(name: &str, id: Option<i64>, data: &impl Serialize) -> Bytes {
    let mut text = format!("event: {name}\n");
    if let Some(id) = id {
        let _never_fails = writeln!(text, "id: {id}");
    }
    let data = serde_json::to_string(data).expect("views are made of texts and numbers");
    let _never_fails = write!(text, "data: {data}\n\n");
    text.into()
}

/// Where a client was when it lost us. What is no number of ours is as good as none: all is told.
fn last_event_id(headers: &HeaderMap) -> i64 {
    let id = headers.get("last-event-id").and_then(|id| id.to_str().ok()?.trim().parse().ok());
    id.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::domain::{Status, Timestamp};

    #[test]
    fn an_event_is_named_numbered_and_on_one_line() {
        let line = ExportEvent {
            seq: 7,
            at: Timestamp::from_millis(0),
            kind: "status".into(),
            status: Status::Failed,
            message: "two\nlines".into(),
        };
        let text = status_event(&line).expect("a status");
        let data = r#"{"status":"failed","at":"1970-01-01T00:00:00.000Z","message":"two\nlines"}"#;
        assert_eq!(text, format!("event: status\nid: 7\ndata: {data}\n\n"));
        assert_eq!(status_event(&ExportEvent { kind: "warning".into(), ..line }), None);
    }

    #[test]
    fn who_comes_back_is_told_the_rest_and_who_is_confused_everything() {
        for (id, from) in [("12", 12), (" 3 ", 3), ("", 0), ("x", 0), ("99999999999999999999", 0)] {
            let mut headers = HeaderMap::new();
            headers.insert("last-event-id", HeaderValue::from_static(id));
            assert_eq!(last_event_id(&headers), from);
        }
    }
}
