//! `limits.*` of the settings, those of data.

use serde::{Deserialize, Serialize};

use crate::domain::Kind;

/// Rows that an export of data may have at most, by kind. What is beyond is left out, and told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Caps {
    /// Messages of conversations.
    pub max_messages: u64,
    /// Rows of a report.
    pub max_analytics_points: u64,
    /// Traces.
    pub max_traces: u64,
    /// Rows of every other section.
    pub max_rows: u64,
}

impl Default for Caps {
    fn default() -> Self {
        Self {
            max_messages: 1_000_000,
            max_analytics_points: 1_000_000,
            max_traces: 1_000_000,
            max_rows: 10_000_000,
        }
    }
}

impl Caps {
    /// Rows of one section of an export of `kind`.
    pub const fn of(&self, kind: Kind) -> u64 {
        match kind {
            Kind::Conversation => self.max_messages,
            Kind::Analytics => self.max_analytics_points,
            Kind::Trace => self.max_traces,
            Kind::Project | Kind::UserData | Kind::Custom | Kind::Bulk => self.max_rows,
        }
    }
}
