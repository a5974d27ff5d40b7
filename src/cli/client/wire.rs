//! Connections to servers, over TCP or TLS.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::{Request, Response};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use serde_json::Value;
use tokio::time::timeout;

use super::error::ClientError;
use super::origin::Origin;
use crate::cli::plain::plain;

/// The head of an answer; its body is still to come.
pub type Answered = Response<Incoming>;

/// The longest reason that is read, in bytes.
const LONGEST_PROBLEM: usize = 64 * 1024;

/// Connections to one server. They are opened as they are needed, and used again.
#[derive(Clone)]
pub struct Wire {
    carrier: Carrier,
    origin: Origin,
    patience: Duration,
}

#[derive(Clone)]
enum Carrier {
    Plain(Client<HttpConnector, Full<Bytes>>),
    Secure(Client<HttpsConnector<HttpConnector>, Full<Bytes>>),
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.origin)
    }
}

impl Wire {
    /// A wire to `origin`. `patience` is for how long silence is borne.
    ///
    /// # Errors
    /// [`ClientError::NoAuthorities`] when `origin` is `https` and nobody's certificate could be
    /// checked.
    pub fn to(origin: &Origin, patience: Duration) -> Result<Self, ClientError> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(patience));
        tcp.set_keepalive(Some(patience));
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new());
        let carrier = if origin.scheme().as_str() == "https" {
            tcp.enforce_http(false);
            let tls = HttpsConnectorBuilder::new().with_native_roots().map_err(ClientError::NoAuthorities)?;
            Carrier::Secure(builder.build(tls.https_only().enable_http1().wrap_connector(tcp)))
        } else {
            Carrier::Plain(builder.build(tcp))
        };
        Ok(Self { carrier, origin: origin.clone(), patience })
    }

    /// Sends `request`, which names the whole address, and waits for the head of the answer.
    ///
    /// # Errors
    /// When there is none; whatever its status, an answer is an answer.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Answered, ClientError> {
        let asked = match &self.carrier {
            Carrier::Plain(client) => client.request(request),
            Carrier::Secure(client) => client.request(request),
        };
        let answered = timeout(self.patience, asked).await.map_err(|_| ClientError::Silent(self.patience))?;
        answered.map_err(|error| ClientError::of(self.origin.clone(), &error))
    }

    /// The next bytes of an answer, and nothing at its end.
    ///
    /// # Errors
    /// When the connection breaks, or nothing comes for too long.
    pub async fn next(&self, answer: &mut Answered) -> Result<Option<Bytes>, ClientError> {
        loop {
            let frame = timeout(self.patience, answer.body_mut().frame()).await;
            let Some(frame) = frame.map_err(|_| ClientError::Silent(self.patience))? else { return Ok(None) };
            // What is no data is a trailer, which nobody here reads.
            if let Ok(bytes) = frame?.into_data() {
                return Ok(Some(bytes));
            }
        }
    }
}

/// What an answer that is none says of why (RFC 9457); `Null` when it says nothing of the kind.
pub async fn problem(answer: Answered) -> Value {
    let body = Limited::new(answer.into_body(), LONGEST_PROBLEM).collect().await;
    body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok()).unwrap_or_default()
}

/// What a problem says to a person, every field at fault by its name; fit for a terminal.
pub fn reason(problem: &Value) -> String {
    let detail = problem["detail"].as_str().unwrap_or("the server gives no reason");
    let faults = problem["errors"].as_array().map(Vec::as_slice).unwrap_or_default().iter();
    let told = faults.filter_map(|fault| {
        let (pointer, message) = (fault["pointer"].as_str()?, fault["message"].as_str()?);
        let pointer = plain(pointer.trim_start_matches('/'));
        // Of a single fault, the detail says it already.
        Some(match message == detail {
            true => format!(" ({pointer})"),
            false => format!("; {pointer} {}", plain(message)),
        })
    });
    plain(detail).into_owned() + &told.collect::<String>()
}
