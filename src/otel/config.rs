//! `otel.*` of the settings.

use http::{HeaderName, HeaderValue};
use serde::{Deserialize, Serialize};

use crate::security::Secret;

/// `otel.*` of the settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OtelConfig {
    /// The collector, without `/v1/traces`; nothing is traced without one.
    pub endpoint: Option<String>,
    /// A header that the collector wants, as `Name: value`.
    pub header: Option<Secret>,
    /// One request in so many begins a trace; a caller's own trace is decided by the caller.
    pub one_in: u32,
    /// `service.name` of every span.
    pub service_name: String,
}

impl Default for OtelConfig {
    fn default() -> Self {
        Self { endpoint: None, header: None, one_in: 1, service_name: "exportd".to_owned() }
    }
}

/// A header that goes along with every message to the collector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name.
    pub name: HeaderName,
    /// Its value, which is not shown.
    pub value: HeaderValue,
}

impl Header {
    /// Reads `Name: value`; `None` when it is no header.
    pub fn parse(text: &Secret) -> Option<Self> {
        let (name, value) = text.expose().trim().split_once(':')?;
        let mut value = HeaderValue::try_from(value.trim()).ok().filter(|value| !value.is_empty())?;
        value.set_sensitive(true);
        Some(Self { name: name.trim().parse().ok()?, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_a_name_a_colon_and_a_value() {
        let header = Header::parse(&Secret::new("Authorization: Bearer a:b\n")).expect("a header");
        assert_eq!((header.name.as_str(), header.value.as_bytes()), ("authorization", &b"Bearer a:b"[..]));
        assert!(!format!("{header:?}").contains("Bearer"), "{header:?}");
        for wrong in ["", "Bearer abc", ": x", "a b: c", "x:", "x: a\nb: c"] {
            assert_eq!(Header::parse(&Secret::new(wrong)), None, "{wrong}");
        }
    }
}
