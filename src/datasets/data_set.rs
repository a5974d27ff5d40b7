//! What can be asked for, by whom, and with what.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::column::DeclaredColumn;
use super::parameter::{Parameter, ParameterFault};
use super::query::{Query, Reads};
use super::source::Source;
use super::{Argument, Arguments};
use crate::domain::{DateRange, Kind, Selection, UserId};
use crate::records::{Layout, Schema};

/// A data set that the operator declared: rows of one source, in one section or several.
#[derive(Debug)]
pub struct DataSet {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) report: Option<String>,
    pub(super) source: Arc<Source>,
    pub(super) audience: Audience,
    pub(super) unmasked_for: UnmaskedFor,
    pub(super) parameters: Vec<Parameter>,
    pub(super) queries: Vec<Query>,
}

/// Who may ask for a data set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Audience {
    /// Everyone who may export at all.
    #[default]
    Everyone,
    /// Admins.
    Admins,
    /// These.
    These(BTreeSet<UserId>),
}

/// Who sees personal data as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnmaskedFor {
    /// Whose they are, when they ask themselves.
    #[default]
    Owner,
    /// Admins.
    Admins,
    /// Nobody.
    Nobody,
}

/// What a section of a data set is like, told before anything is read.
#[derive(Debug, Clone)]
pub struct Outline {
    /// What programs call it.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its columns, each with its mask and whether it is a system field; none before the first check
    /// of a query that declares none.
    pub columns: Vec<DeclaredColumn>,
    /// How people want to read it, over all its columns.
    pub layout: Layout,
    /// Most rows it gives.
    pub max_rows: Option<u64>,
}

impl DataSet {
    /// Its name, unlike every other.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Of which kind its exports are.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The word in the selector of [`Kind::Analytics`].
    pub fn report(&self) -> Option<&str> {
        self.report.as_deref()
    }

    /// What it may be asked with, beside what the kind's selector brings.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// What its sections are like, in order.
    pub fn sections(&self) -> Vec<Outline> {
        self.queries.iter().map(outline).collect()
    }

    /// The sections that are of some users at a time (they have `:first_user`), each with the kind
    /// that it belongs to, if one was declared.
    pub fn sections_of_users(&self) -> impl Iterator<Item = (&str, Option<Kind>)> {
        let queries = self.queries.iter().filter(|query| query.knows("first_user"));
        queries.map(|query| (query.name.as_str(), query.kind))
    }

    /// Whether anything in it is one user's: files are narrowed by the owner beside their parameters.
    pub(super) fn is_of_users(&self) -> bool {
        self.queries.iter().any(|query| matches!(query.reads, Reads::Files(_)) || query.knows("user_id"))
    }

    /// Whether this user may ask for it.
    pub fn is_for(&self, user: &UserId, is_admin: bool) -> bool {
        match &self.audience {
            Audience::Everyone => true,
            Audience::Admins => is_admin,
            Audience::These(users) => users.contains(user),
        }
    }

    /// Who may ask for it.
    pub fn audience(&self) -> &Audience {
        &self.audience
    }

    /// Who sees personal data in it as they are.
    pub fn unmasked_for(&self) -> UnmaskedFor {
        self.unmasked_for
    }

    /// What `given` is as arguments of this data set's own parameters.
    ///
    /// # Errors
    /// What is the matter with each of them, at once.
    pub fn arguments(&self, given: &Map<String, Value>) -> Result<Arguments, Vec<ParameterFault>> {
        let mut faults: Vec<_> = given
            .keys()
            .filter(|name| self.parameters.iter().all(|parameter| parameter.name != **name))
            .map(|name| fault(name, "is not one of this data set's"))
            .collect();
        let mut arguments = Arguments::new();
        for parameter in &self.parameters {
            match parameter.arguments(given.get(&parameter.name)) {
                Ok(values) => arguments = arguments.with(&parameter.name, values),
                Err(fault) => faults.push(fault),
            }
        }
        if faults.is_empty() { Ok(arguments) } else { Err(faults) }
    }

    /// What a selector is as arguments of this data set.
    ///
    /// # Errors
    /// What is the matter with it: a date range that ends before it begins, something that none of
    /// this data set's queries knows to narrow by, or a parameter of its own.
    pub fn selected(&self, selection: &Selection) -> Result<Arguments, Vec<ParameterFault>> {
        let none = Map::new();
        let own = match selection {
            Selection::Custom(selector) => return self.arguments(&selector.parameters),
            _ => self.arguments(&none)?,
        };
        let arguments = match selection {
            Selection::Project(_) | Selection::Custom(_) => own,
            Selection::UserData(selector) => within(own, &selector.date_range),
            Selection::Bulk(selector) => within(own, &selector.date_range),
            Selection::Conversation(selector) => within(own, &selector.date_range)
                .texts("conversation_ids", &selector.conversation_ids)
                .texts("widget_session_ids", &selector.widget_session_ids)
                .number("limit", selector.limit),
            Selection::Analytics(selector) => {
                within(own, &selector.date_range).granularity(selector.granularity)
            }
            Selection::Trace(selector) => within(own, &selector.date_range)
                .texts("trace_ids", &selector.trace_ids)
                .number("limit", selector.limit),
        };
        let faults = self.faults_of(&arguments);
        if faults.is_empty() { Ok(arguments) } else { Err(faults) }
    }

    /// What would be ignored silently, and what makes no sense.
    pub(super) fn faults_of(&self, arguments: &Arguments) -> Vec<ParameterFault> {
        let mut faults: Vec<_> = arguments
            .names()
            .filter(|name| !matches!(*name, "granularity" | "user_id") && !self.knows(name))
            .map(|name| fault(name, "does not narrow this data set"))
            .collect();
        let instant = |name| match arguments.of(name) {
            Some([Argument::Timestamp(micros)]) => Some(*micros),
            _ => None,
        };
        if instant("start").zip(instant("end")).is_some_and(|(start, end)| end <= start) {
            faults.push(fault("end", "is not after the start"));
        }
        faults
    }

    /// No more rows than this are asked for: where the kind's selector says so. A parameter of the
    /// operator's own may be called so and mean anything.
    pub(super) fn limit_of(&self, arguments: &Arguments) -> Option<u64> {
        match (self.kind, arguments.of("limit")?) {
            (Kind::Conversation | Kind::Trace, [Argument::Integer(limit)]) => u64::try_from(*limit).ok(),
            _ => None,
        }
    }

    /// Whether any of its queries has the parameter `name`.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.queries.iter().any(|query| query.knows(name))
    }
}

fn outline(query: &Query) -> Outline {
    let columns = query.columns().to_vec();
    let schema = Schema { fields: columns.iter().map(|column| column.field(true)).collect() };
    Outline {
        name: query.name.clone(),
        title: query.title.clone(),
        layout: query.layout(&schema),
        columns,
        max_rows: query.max_rows,
    }
}

fn within(arguments: Arguments, range: &DateRange) -> Arguments {
    arguments.instant("start", range.start).instant("end", range.end)
}

fn fault(name: &str, why: &str) -> ParameterFault {
    ParameterFault { name: name.to_owned(), place: None, why: why.to_owned() }
}
