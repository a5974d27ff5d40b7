//! Whether what was declared is what the sources have.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::mask::MaskKey;
use super::query::{Query, Reads};
use super::reading::{Plan, within};
use super::source::{Snapshot, Source, Trouble, UserIds};
use super::sql::{Bound, Statement};
use super::{Argument, DataSet};
use crate::records::{DataFault, Type};

/// How long a source has for all of a data set's queries to be looked at.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is the matter with a data set, found at its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The data set.
    pub data_set: String,
    /// Which of its queries, where it is about one.
    pub query: Option<String>,
    /// Whether it has to be put right before anything is exported, or is looked at again when the
    /// data set is used.
    pub severity: Severity,
    /// What is the matter, for the operator: it may name tables and columns, and no values.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "data set `{}`", self.data_set)?;
        if let Some(query) = &self.query {
            write!(f, ", query `{query}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The declaration is wrong.
    Fault,
    /// The source is a file that is not there: a fault for whoever looks at the declaration, and none
    /// for a server that starts, for a disk may be there later.
    Absent,
    /// The source does not answer.
    Warning,
}

/// Looks at every query of `data_set`, with its optional clauses and without.
pub(super) async fn check(data_set: &DataSet, key: &std::sync::Arc<MaskKey>) -> Vec<Finding> {
    let source = &data_set.source;
    // What files there are is seen when they are read.
    if source.dialect().is_none() {
        return Vec::new();
    }
    let finding = |severity, query: Option<&Query>, message| Finding {
        data_set: data_set.name.clone(),
        query: query.map(|query| query.name.clone()),
        severity,
        message,
    };
    let looking = async {
        let _seat = source.seat().await;
        let mut snapshot = match source.open().await {
            Ok(snapshot) => snapshot,
            Err(_) if source.place.is_absent() => {
                let words = "its source is a file that is not there".to_owned();
                return vec![finding(Severity::Absent, None, words)];
            }
            Err(trouble) => return vec![finding(severity(&trouble), None, words(trouble))],
        };
        let mut findings = Vec::new();
        for query in &data_set.queries {
            if let Err(trouble) = look(data_set, query, snapshot.as_mut(), key).await {
                findings.push(finding(severity(&trouble), Some(query), words(trouble)));
            }
        }
        findings
    };
    let found = within(Instant::now() + PATIENCE, &CancellationToken::new(), looking).await;
    found.unwrap_or_else(|_| {
        vec![finding(Severity::Warning, None, "its source does not answer in time".to_owned())]
    })
}

async fn look(
    data_set: &DataSet,
    query: &Query,
    snapshot: &mut dyn Snapshot,
    key: &std::sync::Arc<MaskKey>,
) -> Result<(), Trouble> {
    let Reads::Sql { rows, count } = &query.reads else { return Ok(()) };
    for whole in [true, false] {
        let found = snapshot.columns(&supposed(data_set, rows, whole)).await?;
        Plan::new(query, &found, true, true, key)?;
        let counting = match count {
            Some(count) => supposed(data_set, count, whole),
            None => supposed(data_set, rows, whole).counting(),
        };
        if snapshot.columns(&counting).await?.len() != 1 {
            return Err(DataFault::Columns("its `count` gives more than one column".to_owned()).into());
        }
    }
    Ok(())
}

/// The statement with a value for each of its parameters, or only for those it cannot do without.
fn supposed(data_set: &DataSet, statement: &Statement, whole: bool) -> Bound {
    let needed = statement.needed();
    let values: Vec<_> =
        statement.parameters().into_iter().map(|name| (name, [value(data_set, name)])).collect();
    let of = |name: &str| {
        let given = values.iter().find(|(other, _)| *other == name && (whole || needed.contains(name)));
        given.map(|(_, values)| values.as_slice())
    };
    statement.bind(of).expect("every parameter that is needed has a value")
}

fn value(data_set: &DataSet, name: &str) -> Argument {
    if let Some(parameter) = data_set.parameters.iter().find(|parameter| parameter.name == name) {
        return match parameter.kind {
            Type::Integer => Argument::Integer(1),
            Type::Number => Argument::Number(1.0),
            Type::Decimal => Argument::Decimal("1".to_owned()),
            Type::Boolean => Argument::Boolean(true),
            Type::Timestamp => Argument::Timestamp(0),
            Type::Date => Argument::Date(0),
            Type::Text | Type::Json | Type::Bytes => Argument::Text(String::new()),
        };
    }
    match name {
        "start" | "end" => Argument::Timestamp(0),
        "limit" => Argument::Integer(1),
        "granularity" => Argument::Text("day".to_owned()),
        "user_id" | "first_user" | "next_user" => nobody(&data_set.source),
        _ => Argument::Text(String::new()),
    }
}

fn nobody(source: &Source) -> Argument {
    match source.user_ids {
        UserIds::Integer => Argument::Integer(0),
        UserIds::Text | UserIds::Unsaid => Argument::Text(String::new()),
    }
}

fn severity(trouble: &Trouble) -> Severity {
    match trouble {
        Trouble::Lost(_) | Trouble::Late => Severity::Warning,
        Trouble::Refused { .. } | Trouble::Fault(_) => Severity::Fault,
    }
}

/// For the operator, who has to find what is wrong: with what the source said.
fn words(trouble: Trouble) -> String {
    match trouble {
        Trouble::Lost(said) => format!("its source does not answer: {said}"),
        Trouble::Refused { why, said } => format!("its query fails: {why}; the source says: {said}"),
        Trouble::Late => "its source does not answer in time".to_owned(),
        Trouble::Fault(fault) => fault.to_string(),
    }
}
