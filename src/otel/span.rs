//! One thing that is done, from its beginning to its end.

use std::borrow::Cow;

use opentelemetry::trace::{Status, TraceContextExt, Tracer as _};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::SdkTracer;

use super::parent;

/// A span, or nothing at all where nothing is traced. Whoever has a clone of it has the same one; it
/// ends when the last is dropped.
#[derive(Debug, Clone, Default)]
pub struct Span(Option<Traced>);

#[derive(Debug, Clone)]
struct Traced {
    tracer: SdkTracer,
    context: Context,
}

impl Span {
    /// The span of `context`, whose children `tracer` begins.
    pub(super) const fn of(tracer: SdkTracer, context: Context) -> Self {
        Self(Some(Traced { tracer, context }))
    }

    /// A part of this, which begins now.
    pub fn part(&self, name: &'static str) -> Self {
        Self(self.0.as_ref().map(|Traced { tracer, context }| {
            let part = tracer.build_with_context(tracer.span_builder(name), context);
            Traced { tracer: tracer.clone(), context: Context::new().with_span(part) }
        }))
    }

    /// What is begun elsewhere, or later, on its behalf goes under this (W3C Trace Context §3.2).
    pub fn traceparent(&self) -> Option<String> {
        self.0.as_ref().map(|traced| parent::write(traced.context.span().span_context()))
    }

    /// The id of the trace that it is a part of: 32 hexadecimal digits.
    pub fn trace_id(&self) -> Option<String> {
        self.0.as_ref().map(|traced| traced.context.span().span_context().trace_id().to_string())
    }

    /// Whether anybody is told of it: there is no need to put together what nobody hears.
    pub const fn is_told(&self) -> bool {
        self.0.is_some()
    }

    /// Calls it `name` from now on.
    pub fn rename(&self, name: impl Into<Cow<'static, str>>) {
        if let Some(traced) = &self.0 {
            traced.context.span().update_name(name);
        }
    }

    /// Notes a figure or an id of it.
    pub fn note(&self, key: &'static str, value: impl Into<Value>) {
        if let Some(traced) = &self.0 {
            traced.context.span().set_attribute(KeyValue::new(key, value));
        }
    }

    /// It came to nothing, for a reason that goes by `code`.
    pub fn failed(&self, code: &'static str) {
        if let Some(traced) = &self.0 {
            traced.context.span().set_attribute(KeyValue::new("error.type", code));
            traced.context.span().set_status(Status::error(code));
        }
    }
}
