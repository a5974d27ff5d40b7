//! exportd's API, as one caller.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde_json::Value;

use super::error::ClientError;
use super::origin::Base;
use super::wire::{Answered, Wire, problem};

/// Longest the server may say nothing: verifying a large package takes its time.
const PATIENCE: Duration = Duration::from_secs(600);

/// Asks one server, as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    base: Base,
    wire: Wire,
    token: String,
}

impl Client {
    /// A client of the server at `base` for whoever `token` names.
    ///
    /// # Errors
    /// As [`Wire::to`].
    pub fn new(base: Base, token: impl Into<String>) -> Result<Self, ClientError> {
        let wire = Wire::to(base.origin(), PATIENCE)?;
        Ok(Self { base, wire, token: token.into() })
    }

    /// The same for a server at this very address, over plain HTTP.
    pub fn at(address: SocketAddr, token: impl Into<String>) -> Self {
        let base = format!("http://{address}").parse().expect("an address and a port are a server's");
        Self::new(base, token).expect("plain HTTP needs no authorities")
    }

    /// Sends `body` (nothing for `Null`) and gives back the answer's JSON.
    ///
    /// # Errors
    /// [`ClientError::Refused`] for every status but 2xx.
    pub async fn json(&self, method: Method, path: &str, body: Value) -> Result<Value, ClientError> {
        let answer = self.send(method, path, &[], body).await?;
        let answer = accepted(answer).await?;
        Ok(serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?)
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
        let mut answer = accepted(self.send(Method::GET, path, headers, Value::Null).await?).await?;
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
            (AUTHORIZATION, format!("Bearer {}", self.token)),
            (CONTENT_TYPE, "application/json".to_owned()),
        ];
        for (name, value) in known.iter().chain(headers) {
            let value = HeaderValue::try_from(value).expect("values are made of tokens and numbers");
            request.headers_mut().insert(name.clone(), value);
        }
        self.wire.ask(request).await
    }
}

async fn accepted(answer: Answered) -> Result<Answered, ClientError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let problem = problem(answer).await;
    let detail = problem["detail"].as_str().unwrap_or("no reason given").to_owned();
    Err(ClientError::Refused { status, detail })
}
