//! exportd's API, as one caller.

use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use hyper::{Method, Request, StatusCode};
use serde_json::Value;

use super::error::{Came, ClientError};
use super::origin::{Base, Origin};
use super::retry::retry_after;
use super::wire::{Answered, Wire, problem, reason};

/// Longest the server may say nothing: verifying a large package takes its time.
const PATIENCE: Duration = Duration::from_secs(600);
/// The longest answer that is read, in bytes: the manifest of a package of a million files.
const LONGEST: usize = 512 << 20;
const AGENT: &str = concat!("exportd/", env!("CARGO_PKG_VERSION"));

/// Asks one server, as one caller.
#[derive(Clone)]
pub struct Client {
    base: Base,
    wire: Wire,
    token: Option<String>,
}

/// The token is nobody's to see.
impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Client({})", self.base.origin())
    }
}

/// An answer that is what was asked for.
#[derive(Debug, Clone)]
pub struct Told {
    /// How it began.
    pub headers: HeaderMap,
    /// Its JSON; `Null` when there was none.
    pub body: Value,
}

impl Told {
    /// When to ask again, if the server says so.
    pub fn after(&self) -> Option<Duration> {
        retry_after(&self.headers, SystemTime::now())
    }
}

impl Client {
    /// A client of the server at `base` for whoever `token` names; for nobody without one.
    ///
    /// # Errors
    /// As [`Wire::to`].
    pub fn new(base: Base, token: Option<String>) -> Result<Self, ClientError> {
        let wire = Wire::to(base.origin(), PATIENCE)?;
        Ok(Self { base, wire, token })
    }

    /// The same for a server at this very address, over plain HTTP.
    pub fn at(address: SocketAddr, token: impl Into<String>) -> Self {
        let base = format!("http://{address}").parse().expect("an address and a port are a server's");
        let token = Some(token.into()).filter(|token| !token.is_empty());
        Self::new(base, token).expect("plain HTTP needs no authorities")
    }

    /// The same, over connections of its own that bear silence no longer than this.
    ///
    /// # Errors
    /// As [`Wire::to`].
    pub fn with_patience(&self, patience: Duration) -> Result<Self, ClientError> {
        Ok(Self { wire: Wire::to(self.base.origin(), patience)?, ..self.clone() })
    }

    /// Sends `body` (nothing for `Null`) and gives back the answer's JSON.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for every status but 2xx.
    pub async fn json(&self, method: Method, path: &str, body: Value) -> Result<Value, ClientError> {
        self.ask(method, path, &[], body).await.map(|told| told.body)
    }

    /// The same with more headers, and gives back all of the answer.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for every status but 2xx.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Value,
    ) -> Result<Told, ClientError> {
        let answer = self.send(method, path, headers, body).await?;
        let (head, body) = accepted(answer, self.base.origin()).await?.into_parts();
        let read = Limited::new(body, LONGEST).collect().await;
        let bytes = read.map_err(|error| ClientError::Broken(error.to_string()))?.to_bytes();
        let body = match bytes.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&bytes).map_err(|_| ClientError::Stranger {
                origin: self.base.origin().clone(),
                came: Came::of(head.status, &head.headers),
            })?,
        };
        Ok(Told { headers: head.headers, body })
    }

    /// The head of the answer to a GET, whatever its status; its body is still to come.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn open(&self, path: &str, headers: &[(HeaderName, String)]) -> Result<Answered, ClientError> {
        self.send(Method::GET, path, headers, Value::Null).await
    }

    /// The next bytes of an answer, and nothing at its end.
    ///
    /// # Errors
    /// As [`Wire::next`].
    pub async fn next(&self, answer: &mut Answered) -> Result<Option<Bytes>, ClientError> {
        self.wire.next(answer).await
    }

    /// Receives `path` into `out`, and tells how the answer began.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for every status but 2xx.
    pub async fn receive(
        &self,
        path: &str,
        headers: &[(HeaderName, String)],
        out: &mut impl Write,
    ) -> Result<(StatusCode, HeaderMap), ClientError> {
        let mut answer = accepted(self.open(path, headers).await?, self.base.origin()).await?;
        while let Some(bytes) = self.wire.next(&mut answer).await? {
            out.write_all(&bytes)?;
        }
        Ok((answer.status(), std::mem::take(answer.headers_mut())))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Value,
    ) -> Result<Answered, ClientError> {
        let mut request = Request::new(Full::new(match &body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        }));
        *request.method_mut() = method;
        *request.uri_mut() = self.base.address(path);
        let known = [
            (USER_AGENT, AGENT.to_owned()),
            (ACCEPT, "application/json, application/problem+json;q=0.9, */*;q=0.1".to_owned()),
            (CONTENT_TYPE, "application/json".to_owned()),
        ];
        for (name, value) in known.iter().chain(headers) {
            let value = HeaderValue::try_from(value).expect("values are made of words and numbers");
            request.headers_mut().insert(name.clone(), value);
        }
        if let Some(token) = &self.token {
            let mut bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("tokens are words");
            bearer.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, bearer);
        }
        self.wire.ask(request).await
    }
}

async fn accepted(answer: Answered, origin: &Origin) -> Result<Answered, ClientError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    // A proxy that asks everybody to sign in; exportd itself leads nobody elsewhere.
    if status.is_redirection() {
        let came = Came::of(status, answer.headers());
        return Err(ClientError::Stranger { origin: origin.clone(), came });
    }
    let after = retry_after(answer.headers(), SystemTime::now());
    let problem = problem(answer).await;
    let code = problem["code"].as_str().unwrap_or_default().to_owned();
    Err(ClientError::Refused { status, detail: reason(&problem), code, after, body: problem })
}
