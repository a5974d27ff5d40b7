//! A small HTTP client for exportd's own API: what the command line needs and no more.

use std::io::{self, Write};
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Why there is no answer, or none of the kind that was wanted.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("no answer from {address}")]
    Unreachable {
        /// Who was asked.
        address: SocketAddr,
        /// What the system says.
        #[source]
        error: io::Error,
    },
    /// The connection broke.
    #[error("the connection broke")]
    Broken(#[from] hyper::Error),
    /// The server refused, and says why.
    #[error("{status}: {detail}")]
    Refused {
        /// What it answered.
        status: StatusCode,
        /// What to do about it.
        detail: String,
    },
    /// The answer is not what the contract says.
    #[error("the answer cannot be understood")]
    Unintelligible(#[from] serde_json::Error),
    /// What was received cannot be written.
    #[error("what was received cannot be written")]
    Output(#[from] io::Error),
}

/// Asks one server, as one caller.
#[derive(Debug, Clone)]
pub struct Client {
    address: SocketAddr,
    token: String,
}

impl Client {
    /// A client of the server at `address` for whoever `token` names.
    pub fn new(address: SocketAddr, token: impl Into<String>) -> Self {
        Self { address, token: token.into() }
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
        while let Some(frame) = answer.body_mut().frame().await {
            if let Ok(bytes) = frame?.into_data() {
                out.write_all(&bytes)?;
            }
        }
        Ok((answer.status(), std::mem::take(answer.headers_mut())))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(HeaderName, String)],
        body: Value,
    ) -> Result<Response<Incoming>, ClientError> {
        let unreachable = |error| ClientError::Unreachable { address: self.address, error };
        let socket = TcpStream::connect(self.address).await.map_err(unreachable)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
        // The connection does its work beside us; its errors reach us through the response.
        tokio::spawn(connection);
        let mut request = Request::new(Full::new(match &body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        }));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().expect("paths are made of ids and constants");
        let known = [
            (HOST, self.address.to_string()),
            (AUTHORIZATION, format!("Bearer {}", self.token)),
            (CONTENT_TYPE, "application/json".to_owned()),
        ];
        for (name, value) in known.iter().chain(headers) {
            let value = HeaderValue::try_from(value).expect("values are made of tokens and numbers");
            request.headers_mut().insert(name.clone(), value);
        }
        Ok(sender.send_request(request).await?)
    }
}

async fn accepted(answer: Response<Incoming>) -> Result<Response<Incoming>, ClientError> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    let body = answer.into_body().collect().await?.to_bytes();
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("no reason given").to_owned();
    Err(ClientError::Refused { status, detail })
}
