//! Which part of data is wanted: a selector for every kind that is no project.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Kind, Timestamp};

/// From one instant to another, half-open: `[start, end)`. What is left out is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DateRange {
    /// The first instant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<Timestamp>,
    /// The first instant after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
}

/// Which part of what is kept about a user.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct UserDataSelector {
    /// Of when.
    pub date_range: DateRange,
}

/// Which conversations.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ConversationSelector {
    /// These; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conversation_ids: Vec<String>,
    /// Of these sessions of a widget; of all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub widget_session_ids: Vec<String>,
    /// Of when.
    pub date_range: DateRange,
    /// No more rows than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// How long one step of a report is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Granularity {
    /// An hour.
    Hour,
    /// A day (UTC).
    #[default]
    Day,
    /// A week from Monday on (ISO 8601).
    Week,
    /// A month of the calendar.
    Month,
}

impl Granularity {
    /// Every step.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word in the API, and the value that `:granularity` is bound to.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// The step of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }
}

/// Which report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnalyticsSelector {
    /// Its name among the data sets of this kind.
    pub report: String,
    /// Of when.
    pub date_range: DateRange,
    /// In which steps.
    #[serde(default)]
    pub granularity: Granularity,
}

/// Which traces.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TraceSelector {
    /// These; all when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trace_ids: Vec<String>,
    /// Of when.
    pub date_range: DateRange,
    /// No more rows than this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Which data set, and what its parameters are bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CustomSelector {
    /// The data set.
    pub dataset: String,
    /// Values by the names of the data set's parameters.
    #[serde(default)]
    pub parameters: Map<String, Value>,
}

/// Which part of everyone's data.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct BulkSelector {
    /// Of when.
    pub date_range: DateRange,
    /// Data of these kinds; of all that are kept by user when empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<Kind>,
}

impl fmt::Display for Granularity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
