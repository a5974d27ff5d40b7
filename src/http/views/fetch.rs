//! How a package is asked for.

use serde_json::Value;
use utoipa::IntoParams;

use crate::http::kit::{Fields, FromFields, fields};

/// How a package is asked for.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct DownloadQuery {
    /// Whether to send a package that is still being built as it grows.
    #[param(value_type = Option<bool>)]
    pub wait: bool,
}

impl FromFields for DownloadQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let wait = query.optional("wait", flag);
        query.pass_over_the_rest();
        Some(Self { wait: wait?.unwrap_or(false) })
    }
}

fn flag(value: Value) -> Result<bool, String> {
    match fields::text(value)?.as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err("must be true or false".into()),
    }
}
