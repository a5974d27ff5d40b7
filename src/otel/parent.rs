//! What a span belongs to, as W3C Trace Context writes it.

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Reads a `traceparent`; `None` when it is none. Of a later version what this one knows is read.
///
/// Source: W3C Trace Context §3.2.2, §4.3.
pub(super) fn read(text: &str) -> Option<SpanContext> {
    let mut parts = text.split('-');
    let (_version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let flags = TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED;
    let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
    let context = SpanContext::new(trace, span, flags, true, TraceState::default());
    context.is_valid().then_some(context)
}

/// Writes the `traceparent` of whatever belongs to `span`.
pub(super) fn write(span: &SpanContext) -> String {
    format!("00-{}-{}-{:02x}", span.trace_id(), span.span_id(), span.trace_flags())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let sampled = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let read = |text: &str| super::read(text).map(|context| write(&context));
        assert_eq!(read(sampled).as_deref(), Some(sampled));
        assert_eq!(read(&sampled.replace("-01", "-00")), Some(sampled.replace("-01", "-00")));
        let later = sampled.replacen("00", "cc", 1).replace("-01", "-ff-what-will-be");
        assert_eq!(read(&later).as_deref(), Some(sampled), "flags that nobody knows are not passed on");
        for none in ["", "00", "00-0-0-01", "00-00000000000000000000000000000000-00f067aa0ba902b7-01"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
