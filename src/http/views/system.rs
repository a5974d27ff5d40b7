//! Whether the house is well.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::Part;

/// The process answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alive {
    /// `ok`.
    status: &'static str,
}

impl Alive {
    /// It does.
    pub const YES: Self = Self { status: "ok" };
}

/// Whether requests can be served, and which part is to blame if not.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ready {
    /// `ok`, or `unavailable`.
    status: &'static str,
    parts: Vec<PartView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Part)]
struct PartView {
    name: &'static str,
    ok: bool,
    /// For people.
    detail: String,
}

impl Ready {
    /// Whether it is.
    pub fn is_ready(&self) -> bool {
        self.parts.iter().all(|part| part.ok)
    }
}

impl From<Vec<Part>> for Ready {
    fn from(parts: Vec<Part>) -> Self {
        let status = if parts.iter().all(|part| part.ok) { "ok" } else { "unavailable" };
        let view = |Part { name, ok, detail }| PartView { name, ok, detail: detail.to_string() };
        Self { status, parts: parts.into_iter().map(view).collect() }
    }
}
