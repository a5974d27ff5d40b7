//! The audit, as it is asked for and told.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::app::{AuditFilter, AuditPage};
use crate::domain::audit::{Action, AuditRecord, Fact, Outcome};
use crate::domain::{Timestamp, UserId};
use crate::http::audit::Form;
use crate::http::kit::{FieldFault, Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::listing::{USUAL_PAGE, written_limit};

/// Which entries are meant, and how they are told.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct AuditQuery {
    /// Only what this one did: a user, or `key:ID`.
    #[param(value_type = Option<String>)]
    actor: Option<String>,
    /// Only what was done in the name of this user.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// Only these actions, separated by commas.
    #[param(value_type = Option<String>, example = "export.requested,export.deleted")]
    action: Vec<Action>,
    /// Only what ended so: `done`, `refused` or `failed`.
    #[param(value_type = Option<String>)]
    outcome: Option<Outcome>,
    /// Only what was done to what has this id.
    #[param(value_type = Option<String>)]
    subject: Option<String>,
    /// Only what was done from this address.
    #[param(value_type = Option<String>)]
    address: Option<std::net::IpAddr>,
    /// Only what this request did.
    #[param(value_type = Option<String>)]
    correlation_id: Option<String>,
    /// Only what was done at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Only what was done before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Items on the page: 1 to 200, 50 when left out. Of pages only.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// `nextCursor` of the page before. Of pages only.
    cursor: Option<String>,
    /// `json`, a page; `csv` or `jsonl`, everything. Rather than `Accept`.
    #[param(value_type = Option<String>)]
    format: Option<Form>,
}

impl FromFields for AuditQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let (actor, user) = (query.optional("actor", fields::text), query.optional("user", fields::parsed));
        let action = query.optional("action", actions);
        let outcome = query.optional("outcome", fields::word(Outcome::parse, "done, refused, failed"));
        let (subject, address) =
            (query.optional("subject", fields::text), query.optional("address", fields::parsed));
        let correlation_id = query.optional("correlationId", fields::text);
        let from = query.optional("from", fields::instant);
        let to = query.optional("to", fields::instant);
        let (limit, cursor) = (written_limit(query), query.optional("cursor", fields::text));
        let format = query.optional("format", fields::word(Form::parse, "json, csv, jsonl"));
        Some(Self {
            actor: actor?,
            user: user?,
            action: action?.unwrap_or_default(),
            outcome: outcome?,
            subject: subject?,
            address: address?,
            correlation_id: correlation_id?,
            from: from?,
            to: to?,
            limit: limit?,
            cursor: cursor?,
            format: format?,
        })
    }
}

impl AuditQuery {
    /// Items on the page.
    pub fn limit(&self) -> u64 {
        self.limit.unwrap_or(USUAL_PAGE.unsigned_abs())
    }

    /// Refuses what cuts pages where all entries are told: a file that ends properly is whole.
    ///
    /// # Errors
    /// [`RequestFault::InvalidFields`].
    pub fn of_no_page(&self) -> Result<(), RequestFault> {
        let said = [("/limit", self.limit.is_some()), ("/cursor", self.cursor.is_some())];
        let faults = said.into_iter().filter(|(_, is_said)| *is_said).map(|(pointer, _)| FieldFault {
            pointer: pointer.to_owned(),
            message: "is of pages; csv and jsonl are everything that is meant: narrow it with from and to"
                .to_owned(),
        });
        let faults: Vec<_> = faults.collect();
        if faults.is_empty() { Ok(()) } else { Err(RequestFault::InvalidFields(faults)) }
    }

    /// How they are to be told, if the query says.
    pub const fn form(&self) -> Option<Form> {
        self.format
    }

    /// The number below which the page begins.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn below(&self) -> Result<Option<u64>, RequestFault> {
        self.cursor.as_deref().map(u64::from_cursor).transpose()
    }

    /// Which entries are meant.
    pub fn filter(self) -> AuditFilter {
        AuditFilter {
            actor: self.actor,
            user: self.user,
            actions: self.action,
            outcome: self.outcome,
            subject: self.subject,
            address: self.address,
            correlation_id: self.correlation_id,
            from: self.from,
            to: self.to,
        }
    }
}

fn actions(value: Value) -> Result<Vec<Action>, String> {
    let words = fields::text(value)?;
    let actions = words.split(',').map(|word| Action::parse(word.trim())).collect::<Option<_>>();
    let all = || Action::ALL.iter().map(|action| action.as_str()).collect::<Vec<_>>().join(", ");
    actions.ok_or_else(|| format!("must be one or several of {}", all()))
}

/// An entry of the audit. `hash` is the SHA-256 of all other members in the canonical form of RFC
/// 8785; `prevHash` is that of the entry before.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditEntry)]
pub struct AuditView {
    /// Its number; there are no gaps.
    seq: u64,
    /// When it ended.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// What was done.
    #[schema(example = "export.requested")]
    action: String,
    /// `done`, `refused` or `failed`.
    outcome: String,
    /// The status of the answer.
    status: Option<u16>,
    /// The problem's code.
    code: Option<String>,
    /// Who really acted; nobody who was known when `null`.
    actor: Option<String>,
    /// In whose name.
    user: Option<String>,
    /// `jwt`, `signature`, `api_token`, `session`, `link`, or `server` for exportd itself.
    way: Option<String>,
    /// The id of the key, the API token or the link.
    key: Option<String>,
    /// What it was done to.
    subject: Option<SubjectView>,
    /// Where they were.
    address: Option<String>,
    /// Names the request.
    correlation_id: Option<String>,
    /// The `User-Agent`.
    agent: Option<String>,
    /// What else is to be known.
    #[schema(value_type = Object)]
    detail: BTreeMap<String, Fact>,
    /// Of the entry before.
    prev_hash: String,
    /// Of this entry.
    hash: String,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditSubject)]
struct SubjectView {
    /// `export`, `link`, `token`, `user`, `project`, `version`…
    kind: String,
    /// Which.
    id: String,
}

impl From<AuditRecord> for AuditView {
    fn from(record: AuditRecord) -> Self {
        Self {
            seq: record.seq,
            at: record.at,
            action: record.action,
            outcome: record.outcome,
            status: record.status,
            code: record.code,
            actor: record.actor,
            user: record.user,
            way: record.way,
            key: record.key,
            subject: record.subject.map(|subject| SubjectView { kind: subject.kind, id: subject.id }),
            address: record.address,
            correlation_id: record.correlation_id,
            agent: record.agent,
            detail: record.detail,
            prev_hash: record.prev_hash.to_string(),
            hash: record.hash.to_string(),
        }
    }
}

/// Some entries, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AuditPage)]
pub struct AuditPageView {
    items: Vec<AuditView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl AuditPageView {
    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}

impl From<AuditPage> for AuditPageView {
    fn from(page: AuditPage) -> Self {
        let next_cursor = page.next.as_ref().map(Marker::cursor);
        Self { items: page.items.into_iter().map(AuditView::from).collect(), next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{AuditEntry, Author, Head};

    #[test]
    fn an_item_of_a_page_is_what_is_hashed() {
        let at = Timestamp::from_millis(1_763_683_200_000);
        let entry = AuditEntry::done(at, Author::server(), Action::AuditRead).to("export", "7");
        let record = AuditRecord::after(Head::NONE, &entry.with("more", 7));
        let line = serde_json::to_value(&record).expect("JSON");
        assert_eq!(serde_json::to_value(AuditView::from(record)).expect("JSON"), line);
    }
}
