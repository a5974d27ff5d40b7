//! What is asked of the page without scripts.

use crate::http::kit::{Fields, FromFields, fields};

/// Where its list begins.
#[derive(Debug, Clone)]
pub struct PlainQuery {
    /// `cursor` of the page, as the one before it has it.
    pub cursor: Option<String>,
}

impl FromFields for PlainQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        Some(Self { cursor: query.optional("cursor", fields::text)? })
    }
}
