//! An export is seen to its end, whatever happens to the connection.

use std::time::Duration;

use hyper::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use hyper::{Method, StatusCode};
use serde_json::Value;
use tokio::time::sleep;

use super::asking::path_of;
use super::events::{Event, Events};
use super::told::has_ended;
use super::watching::Watch;
use crate::cli::client::{Answered, Client, ClientError, Patience, Told};
use crate::cli::outcome::Failure;
use crate::cli::server_args::refused;
use crate::domain::ExportId;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// A server that lives says so every 15 seconds.
const SILENCE: Duration = Duration::from_secs(40);
/// When to ask again where no events come, if the server has no opinion; and the longest of those.
const LOOK_AGAIN: Duration = Duration::from_secs(2);
const LOOK_AGAIN_AT_LAST: Duration = Duration::from_secs(10);
/// Between two streams, so that one that ends at once does not become a storm.
const PAUSE: Duration = Duration::from_millis(300);
/// So many streams in a row that bring nothing, and events are given up.
const BARREN: u32 = 3;
/// Failures in a row that are borne: with their waits, some three minutes.
const RETRIES: u32 = 12;

/// Follows one export: over events as long as they come, else by asking again and again.
#[derive(Debug)]
pub struct Follower<'w> {
    client: Client,
    listener: Client,
    id: ExportId,
    watch: &'w mut Watch,
    last_id: Option<String>,
    /// Where the stream that is listened to goes on from; the first one from the beginning.
    last_id_before: Option<String>,
    /// How far it was when it was looked at.
    seen: u8,
    patience: Patience,
    /// How often anything came: what came before is no reason to give up.
    heard: u64,
    barren: u32,
}

/// How a stream of events came to its end.
enum Stream {
    /// The server said that nothing more will happen.
    Over,
    /// It broke, and so many events had come.
    Broken(u64),
    /// There are none to be had here.
    None,
}

impl<'w> Follower<'w> {
    /// Follows `id` with `client`, and tells `watch`.
    ///
    /// # Errors
    /// When there can be no further connection.
    pub fn new(client: &Client, id: ExportId, watch: &'w mut Watch) -> Result<Self, Failure> {
        let listener = client.with_patience(SILENCE).map_err(|error| refused(&error))?;
        let patience = Patience::new(RETRIES);
        Ok(Self {
            client: client.clone(),
            listener,
            id,
            watch,
            last_id: None,
            last_id_before: None,
            seen: 0,
            patience,
            heard: 0,
            barren: 0,
        })
    }

    /// The export once it has ended.
    ///
    /// # Errors
    /// When it is not there, or not for the caller; or the server stays away for minutes.
    pub async fn end(mut self) -> Result<Value, Failure> {
        let ended = self.followed().await;
        self.watch.end();
        ended
    }

    async fn followed(&mut self) -> Result<Value, Failure> {
        loop {
            let told = self.look().await?;
            if has_ended(&told.body) {
                return Ok(told.body);
            }
            self.watch.progress(&told.body["progress"], told.body["position"].as_u64());
            self.seen = self.seen.max(rank(told.body["status"].as_str().unwrap_or_default()));
            if self.barren >= BARREN {
                sleep(told.after().unwrap_or(LOOK_AGAIN).clamp(PAUSE, LOOK_AGAIN_AT_LAST)).await;
                continue;
            }
            match self.listen().await {
                Stream::Over => {}
                Stream::Broken(events) => {
                    self.barren = if events > 0 { 0 } else { self.barren + 1 };
                    sleep(PAUSE).await;
                }
                Stream::None => self.barren = BARREN,
            }
            if self.barren == BARREN {
                self.watch.note("events do not come through; asking every few seconds instead");
            }
        }
    }

    /// The export as it is, asked for until there is an answer.
    async fn look(&mut self) -> Result<Told, Failure> {
        loop {
            match self.client.ask(Method::GET, &path_of(self.id), &[], Value::Null).await {
                Ok(told) => {
                    self.heard += 1;
                    return Ok(told);
                }
                Err(error) if error.passes() => self.again(&error).await?,
                Err(error) => return Err(refused(&error)),
            }
        }
    }

    async fn again(&mut self, error: &ClientError) -> Result<(), Failure> {
        let Some(wait) = self.patience.failed(self.heard, error.after()) else { return Err(refused(error)) };
        self.watch.trouble(format_args!("{error}; trying again in {:.1} s", wait.as_secs_f64()));
        sleep(wait).await;
        Ok(())
    }

    async fn listen(&mut self) -> Stream {
        let mut headers = vec![(ACCEPT, "text/event-stream".to_owned())];
        self.last_id_before.clone_from(&self.last_id);
        headers.extend(self.last_id.clone().map(|id| (LAST_EVENT_ID, id)));
        // What is wrong is found out when the export is looked at, which has words for it.
        let Ok(answer) = self.listener.open(&format!("{}/events", path_of(self.id)), &headers).await else {
            return Stream::Broken(0);
        };
        match answer.status() {
            StatusCode::NO_CONTENT => Stream::Over,
            StatusCode::OK if is_events(&answer) => self.hear(answer).await,
            status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => {
                Stream::Broken(0)
            }
            _ => Stream::None,
        }
    }

    async fn hear(&mut self, mut answer: Answered) -> Stream {
        let (mut events, mut count) = (Events::default(), 0);
        while let Ok(Some(bytes)) = self.listener.next(&mut answer).await {
            let Ok(read) = events.take(&bytes) else { return Stream::None };
            // What could not be sent back as a header is no id of exportd's.
            let id = events
                .last_id()
                .filter(|id| id.len() <= 64 && id.bytes().all(|byte| byte.is_ascii_graphic()));
            self.last_id = id.map(ToOwned::to_owned).or(self.last_id.take());
            for event in read {
                (self.heard, count) = (self.heard + 1, count + 1);
                if self.tell(&event) {
                    return Stream::Over;
                }
            }
        }
        Stream::Broken(count)
    }

    /// Whether that was the last one.
    fn tell(&mut self, event: &Event) -> bool {
        let Ok(data) = serde_json::from_str::<Value>(&event.data) else { return false };
        match event.name.as_str() {
            "progress" => self.watch.progress(&data, None),
            "status" => {
                let status = data["status"].as_str().unwrap_or_default();
                // A first stream begins with all that was before it; that would read as a step back.
                // While it waits, nothing else tells what for.
                let is_news = rank(status) > self.seen || status == "scheduled";
                if self.last_id_before.is_some() || is_news {
                    self.watch.status(status);
                }
                return has_ended(&data);
            }
            _ => {}
        }
        false
    }
}

/// How far a status is on an export's way.
fn rank(status: &str) -> u8 {
    match status {
        "scheduled" => 1,
        "queued" => 2,
        "processing" => 3,
        "cancelling" => 4,
        _ => 5,
    }
}

fn is_events(answer: &Answered) -> bool {
    let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.starts_with("text/event-stream")
}
