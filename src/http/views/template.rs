//! Report templates, on the wire.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use crate::app::{Made, NewTemplate, Stored, Template};
use crate::domain::{TemplateKey, Timestamp};
use crate::http::kit::{Fields, FromFields, RequestFault, fields};

use super::cursor::Marker;
use super::listing::limit;

/// A template.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Template)]
pub struct TemplateView {
    /// Its id; of those that come with the server, their name.
    #[schema(example = "executive")]
    id: String,
    /// `true` for those that come with the server, which nobody changes.
    shipped: bool,
    /// Whether an admin shares it with everyone.
    shared: bool,
    /// Whose it is; `null` for those that come with the server.
    owner: Option<String>,
    /// `null` for those that come with the server.
    #[schema(value_type = Option<String>, format = DateTime)]
    created_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Who changed it last.
    updated_by: Option<String>,
    #[serde(flatten)]
    #[schema(value_type = TemplateBody)]
    body: Value,
}

/// What a template says; `docs/templates.md` tells what may stand in it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "documents what is kept as it was sent")]
pub struct TemplateBody {
    /// What programs call it: a small letter, then up to 39 small letters, digits, `_` and `-`.
    #[schema(example = "weekly")]
    name: String,
    /// What people call it.
    title: String,
    /// Whom it is for: `executive`, `technical`, `customer`, `compliance`, or any such word.
    #[schema(example = "executive")]
    audience: String,
    /// For exports of these kinds; of any when empty.
    kinds: Option<Vec<String>>,
    /// For these data sets; for any when empty.
    datasets: Option<Vec<String>>,
    /// Its parts, from first to last: objects with a `type` of `heading`, `text`, `facts`, `table`,
    /// `chart` or `each`. A list of templates leaves them out.
    sections: Option<Vec<Value>>,
}

/// What a template is to say.
#[derive(Debug, ToSchema)]
#[schema(as = NewTemplate)]
pub struct NewTemplateView {
    #[schema(inline)]
    #[serde(flatten)]
    #[schema(value_type = TemplateBody)]
    body: Value,
    /// Whether everyone may use it; for admins.
    #[schema(value_type = Option<bool>)]
    shared: bool,
}

/// What stands in a template that was read, and says nothing when it is sent back.
const TOLD: [&str; 6] = ["id", "shipped", "owner", "createdAt", "updatedAt", "updatedBy"];

impl FromFields for NewTemplateView {
    /// What is in the template itself is looked at by those who know what a template is.
    fn from_fields(body: &mut Fields<'_>) -> Option<Self> {
        let shared = body.optional("shared", fields::flag);
        let mut template = Map::new();
        for name in Template::MEMBERS {
            template.extend(body.taken(name).map(|value| (name.to_owned(), value)));
        }
        TOLD.iter().for_each(|name| body.pass_over(name));
        Some(Self { body: Value::Object(template), shared: shared?.unwrap_or_default() })
    }
}

impl From<NewTemplateView> for NewTemplate {
    fn from(new: NewTemplateView) -> Self {
        Self { body: new.body, shared: new.shared }
    }
}

impl From<Stored> for TemplateView {
    fn from(stored: Stored) -> Self {
        let shipped = stored.made.is_none();
        let (owner, shared, created_at, updated_at, updated_by) = match stored.made {
            None => (None, false, None, None, None),
            Some(Made { owner, shared, created_at, updated_at, updated_by }) => {
                (Some(owner.to_string()), shared, Some(created_at), Some(updated_at), Some(updated_by))
            }
        };
        let id = stored.key.to_string();
        Self { id, shipped, shared, owner, created_at, updated_at, updated_by, body: stored.body }
    }
}

/// Where a listing of templates begins, and how long it is.
#[derive(Debug, Clone, IntoParams)]
#[into_params(parameter_in = Query, rename_all = "camelCase")]
pub struct TemplatesQuery {
    /// Items on the page: 1 to 200, 50 when left out.
    #[param(value_type = Option<u64>, minimum = 1, maximum = 200)]
    limit: u64,
    /// `nextCursor` of the page before.
    cursor: Option<String>,
}

impl FromFields for TemplatesQuery {
    fn from_fields(query: &mut Fields<'_>) -> Option<Self> {
        let (limit, cursor) = (limit(query), query.optional("cursor", fields::text));
        Some(Self { limit: limit?, cursor: cursor? })
    }
}

impl TemplatesQuery {
    /// Items on the page.
    pub fn limit(&self) -> usize {
        usize::try_from(self.limit).expect("at most 200")
    }

    /// The template before the page's first.
    ///
    /// # Errors
    /// [`RequestFault::InvalidCursor`].
    pub fn after(&self) -> Result<Option<TemplateKey>, RequestFault> {
        self.cursor.as_deref().map(TemplateKey::from_cursor).transpose()
    }
}

/// Some templates, without their sections.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TemplatesPage {
    items: Vec<TemplateView>,
    /// `cursor` of the next page, if there is one.
    next_cursor: Option<String>,
}

impl TemplatesPage {
    /// A page, and whether it is the last.
    pub fn new(templates: Vec<Stored>, is_last: bool) -> Self {
        let next_cursor = templates.last().filter(|_| !is_last).map(|last| last.key.cursor());
        let brief = |mut stored: Stored| {
            if let Value::Object(body) = &mut stored.body {
                body.remove("sections");
            }
            TemplateView::from(stored)
        };
        Self { items: templates.into_iter().map(brief).collect(), next_cursor }
    }

    /// The cursor of the next page.
    pub fn next_cursor(&self) -> Option<&str> {
        self.next_cursor.as_deref()
    }
}
