//! Begins traces and sends them away.

use std::time::Duration;

use opentelemetry::trace::{SpanKind, TraceContextExt, Tracer as _, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{Sampler, SdkTracer, SdkTracerProvider};

use super::collector::Collector;
use super::config::{Header, OtelConfig};
use super::parent;
use super::span::Span;

/// The longest that is waited, when the house closes, for what was not sent yet.
const LAST_SENDING: Duration = Duration::from_secs(3);

/// Why nothing can be traced.
#[derive(Debug, thiserror::Error)]
pub enum TracerError {
    /// `otel.header` is no header.
    #[error("`otel.header` is not like `Name: value`")]
    Header,
    /// `otel.endpoint` is no address of a collector.
    #[error("`otel.endpoint` is not a collector's address")]
    Endpoint(#[from] ExporterBuildError),
    /// The system gives no thread.
    #[error("no thread sends traces")]
    Thread(#[from] std::io::Error),
}

/// Begins spans; silent when no collector is configured.
#[derive(Debug, Clone, Default)]
pub struct Tracer(Option<Sending>);

#[derive(Debug, Clone)]
struct Sending {
    tracer: SdkTracer,
    provider: SdkTracerProvider,
}

impl Tracer {
    /// Sends what is traced to the collector that `config` names, if it names one.
    ///
    /// # Errors
    /// [`TracerError`]. A collector that is away is none: it may come.
    pub fn open(config: &OtelConfig) -> Result<Self, TracerError> {
        let Some(endpoint) = &config.endpoint else { return Ok(Self(None)) };
        let header = config.header.as_ref().map(|text| Header::parse(text).ok_or(TracerError::Header));
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Collector::new(header.transpose()?)?)
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .build()?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(sampler(config.one_in))
            .with_resource(resource(config))
            .build();
        Ok(Self(Some(Sending { tracer: provider.tracer("exportd"), provider })))
    }

    /// A request that came with this `traceparent`.
    pub fn request(&self, method: &'static str, traceparent: Option<&str>) -> Span {
        self.begin(method, SpanKind::Server, traceparent)
    }

    /// Work on behalf of a request that was answered long ago, with this `traceparent`.
    pub fn work(&self, name: &'static str, traceparent: Option<&str>) -> Span {
        self.begin(name, SpanKind::Consumer, traceparent)
    }

    fn begin(&self, name: &'static str, kind: SpanKind, traceparent: Option<&str>) -> Span {
        let Some(Sending { tracer, .. }) = &self.0 else { return Span::default() };
        let parent = traceparent.and_then(parent::read);
        let parent =
            parent.map_or_else(Context::new, |parent| Context::new().with_remote_span_context(parent));
        let span = tracer.build_with_context(tracer.span_builder(name).with_kind(kind), &parent);
        Span::of(tracer.clone(), Context::new().with_span(span))
    }

    /// Sends what has ended and was not sent yet. Blocks for three seconds at most.
    pub fn close(&self) {
        let Some(Sending { provider, .. }) = &self.0 else { return };
        if let Err(error) = provider.shutdown_with_timeout(LAST_SENDING) {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn sampler(one_in: u32) -> Sampler {
    let share = 1.0 / f64::from(one_in.max(1));
    Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share)))
}

fn resource(config: &OtelConfig) -> Resource {
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    Resource::builder().with_service_name(config.service_name.clone()).with_attribute(version).build()
}
