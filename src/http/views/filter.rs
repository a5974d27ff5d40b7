//! Which exports are meant, in a query or in a body.

use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::Filter;
use crate::domain::{FailureCode, Format, Kind, ProjectId, Status, Timestamp, UserId};
use crate::http::kit::{Fields, FromFields, fields};

/// Characters of the longest text that is looked for.
const LONGEST_SEARCH: usize = 200;

/// Which exports are meant: those to which all of this applies.
#[derive(Debug, Clone, IntoParams, ToSchema)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct ExportFilter {
    /// Only those of these statuses, separated by commas.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>, example = "queued,processing")]
    status: Vec<Status>,
    /// Only those of this kind.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>, example = "project")]
    kind: Option<Kind>,
    /// Only those of this format.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>, example = "zip")]
    format: Option<Format>,
    /// Only those of this project.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    project_id: Option<ProjectId>,
    /// Only those with this in the name of their file, in their project or version, or at the beginning
    /// of their id: literally, whatever its case; at most 200 characters.
    #[param(value_type = Option<String>, max_length = 200)]
    #[schema(value_type = Option<String>, max_length = 200)]
    q: Option<String>,
    /// Only those asked for after this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_after: Option<Timestamp>,
    /// Only those asked for before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    #[schema(value_type = Option<String>, format = DateTime)]
    created_before: Option<Timestamp>,
    /// Only this user's; for admins, who otherwise see everyone's.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>)]
    user_id: Option<UserId>,
    /// Only those that failed for this reason.
    #[param(value_type = Option<String>)]
    #[schema(value_type = Option<String>, example = "PACKAGE_TOO_LARGE")]
    error_code: Option<FailureCode>,
    /// Only those to which there are links that nobody has taken back (`true`), or only the others.
    linked: Option<bool>,
}

impl FromFields for ExportFilter {
    fn from_fields(fields: &mut Fields<'_>) -> Option<Self> {
        let status = fields.optional("status", statuses);
        let kind = fields.optional("kind", fields::word(Kind::parse, &words(Kind::ALL.map(Kind::as_str))));
        let format = fields.optional("format", fields::word(Format::parse, &formats()));
        let project_id = fields.optional("projectId", fields::parsed);
        let q = fields.optional("q", search);
        let created_after = fields.optional("createdAfter", fields::instant);
        let created_before = fields.optional("createdBefore", fields::instant);
        let user_id = fields.optional("userId", fields::parsed);
        let error_code = fields.optional("errorCode", error_code);
        let linked = fields.optional("linked", yes_or_no);
        Some(Self {
            status: status?.unwrap_or_default(),
            kind: kind?,
            format: format?,
            project_id: project_id?,
            q: q?.filter(|q| !q.is_empty()),
            created_after: created_after?,
            created_before: created_before?,
            user_id: user_id?,
            error_code: error_code?,
            linked: linked?,
        })
    }
}

impl From<ExportFilter> for Filter {
    fn from(filter: ExportFilter) -> Self {
        Self {
            statuses: filter.status,
            kind: filter.kind,
            format: filter.format,
            project: filter.project_id,
            created_after: filter.created_after,
            created_before: filter.created_before,
            owner: filter.user_id,
            search: filter.q,
            failure: filter.error_code,
            linked: filter.linked,
            unretried: false,
        }
    }
}

/// A query has words only.
fn yes_or_no(value: Value) -> Result<bool, String> {
    match value {
        Value::Bool(flag) => Ok(flag),
        Value::String(word) => word.parse().map_err(|_| "must be true or false".to_owned()),
        _ => Err("must be true or false".to_owned()),
    }
}

/// Every format, as a refusal lists them.
pub(super) fn formats() -> String {
    words(Format::ALL.map(Format::as_str))
}

fn words<const N: usize>(words: [&str; N]) -> String {
    words.join(", ")
}

fn statuses(value: Value) -> Result<Vec<Status>, String> {
    let words = match value {
        Value::Array(several) => {
            several.into_iter().map(fields::text).collect::<Result<Vec<_>, _>>()?.join(",")
        }
        one => fields::text(one)?,
    };
    let statuses = words.split(',').map(|word| Status::parse(word.trim())).collect::<Option<_>>();
    let all = || Status::ALL.map(Status::as_str).join(", ");
    statuses.ok_or_else(|| format!("must be one or several of {}", all()))
}

fn search(value: Value) -> Result<String, String> {
    let text = fields::text(value)?;
    let is_line = !text.contains(char::is_control) && text.chars().count() <= LONGEST_SEARCH;
    if is_line { Ok(text) } else { Err(format!("must be at most {LONGEST_SEARCH} characters of one line")) }
}

fn error_code(value: Value) -> Result<FailureCode, String> {
    let words = FailureCode::ALL.map(FailureCode::as_str).join(", ");
    fields::word(FailureCode::parse, &words)(value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_search_is_one_line_and_nothing_is_no_search() {
        let read = |q: &str| fields::read::<ExportFilter>(json!({"q": q})).map(|filter| filter.q);
        assert_eq!(read("Shop 100%"), Ok(Some("Shop 100%".to_owned())));
        assert_eq!(read(""), Ok(None));
        for wrong in ["a\nb", "\0", &"x".repeat(201)] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
        assert!(read(&"ä".repeat(200)).is_ok());
    }
}
