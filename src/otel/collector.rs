//! Where traces are sent.

use std::error::Error;
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use opentelemetry_http::{HttpClient, HttpError};
use tokio::runtime::{Builder, Runtime};

use super::config::Header;
use crate::outbound::{Bounds, send};

/// A collector, asked over a connection of its own for each batch.
pub(super) struct Collector {
    runtime: Runtime,
    header: Option<Header>,
    /// Whether it took the last batch. An hour without it is two lines of the log, not thousands.
    takes: AtomicBool,
}

impl Collector {
    /// One that wants `header`.
    pub(super) fn new(header: Option<Header>) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, header, takes: AtomicBool::new(true) })
    }

    fn tell(&self, failed: Option<&dyn fmt::Display>) {
        let took = self.takes.swap(failed.is_none(), Ordering::Relaxed);
        match failed {
            Some(error) if took => {
                tracing::warn!(%error, "the collector takes no traces: those of this time are lost");
            }
            None if !took => tracing::info!("the collector takes traces again"),
            _ => {}
        }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").field("takes", &self.takes).finish_non_exhaustive()
    }
}

#[async_trait]
impl HttpClient for Collector {
    /// Batches are sent from a thread that does nothing else, and may wait.
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        if let Some(Header { name, value }) = &self.header {
            request.headers_mut().insert(name, value.clone());
        }
        let sent = self.runtime.block_on(send(request, Bounds::default()));
        match &sent {
            Ok(answer) if answer.status().is_success() => self.tell(None),
            Ok(answer) => self.tell(Some(&format_args!("it answered {}", answer.status()))),
            Err(error) => self.tell(Some(error)),
        }
        sent.map_err(|error| Box::new(error) as Box<dyn Error + Send + Sync>)
    }
}
