//! Traces: who asked, what was done for it and how long each part took, told to a collector by
//! OpenTelemetry's protocol (OTLP over HTTP).
//!
//! A trace begins with a request, or goes on with the caller's (W3C Trace Context), and the job that
//! the request asked for belongs to it, hours later and on another node. Spans carry ids and figures,
//! as the log does: no paths of the server, no addresses, no tokens, nothing of what is packed.

mod collector;
mod config;
mod parent;
mod span;
mod tracer;

pub use config::{Header, OtelConfig};
pub use span::Span;
pub use tracer::{Tracer, TracerError};
