//! Many requests at once.

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::app::Wanted;
use crate::http::kit::{FieldFault, Fields, FromFields, RequestFault};

use super::{ExportView, NewExport};

/// Items of the largest batch.
const MOST_ITEMS: usize = 100;

/// Requests for several exports, to be carried out in this order.
#[derive(Debug, Clone, ToSchema)]
pub struct NewBatch {
    /// As for `POST /exports`.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<NewExport>,
}

impl FromFields for NewBatch {
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let items = body.objects("items", 1..=MOST_ITEMS, |_, item| NewExport::from_fields(item))?;
        Some(Self { items })
    }
}

impl TryFrom<NewBatch> for Vec<Wanted> {
    type Error = RequestFault;

    fn try_from(batch: NewBatch) -> Result<Self, RequestFault> {
        let (mut wanted, mut faults) = (Self::new(), Vec::new());
        for (place, new) in batch.items.into_iter().enumerate() {
            match Wanted::try_from(new) {
                Ok(one) => wanted.push(one),
                Err(fault) => {
                    let (pointer, message) = (format!("/items/{place}"), fault.to_string());
                    faults.push(FieldFault { pointer, message });
                }
            }
        }
        if faults.is_empty() { Ok(wanted) } else { Err(RequestFault::InvalidFields(faults)) }
    }
}

/// One result for each item of a batch, in the same order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub struct BatchView {
    items: Vec<BatchResultView>,
}

/// What became of an item: an export, or a problem.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BatchResult)]
pub struct BatchResultView {
    /// As if it had been asked for alone: 202, 200 when there was one already, or the problem's.
    #[schema(example = 202)]
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    export: Option<ExportView>,
    /// As if it had been asked for alone (RFC 9457).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, value_type = Option<Object>)]
    problem: Option<Value>,
}

impl BatchResultView {
    /// An export; `is_new` unless there was one already.
    pub const fn export(export: ExportView, is_new: bool) -> Self {
        let status = if is_new { 202 } else { 200 };
        Self { status, export: Some(export), problem: None }
    }

    /// A problem with this status, written down.
    pub const fn problem(status: u16, problem: Value) -> Self {
        Self { status, export: None, problem: Some(problem) }
    }
}

impl From<Vec<BatchResultView>> for BatchView {
    fn from(items: Vec<BatchResultView>) -> Self {
        Self { items }
    }
}
