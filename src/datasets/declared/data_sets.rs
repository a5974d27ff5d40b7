//! `[[datasets]]`: what can be asked for.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::queries::{self, Frame};
use super::table::{File, Table};
use super::{parameters, sources};
use crate::datasets::data_set::{Audience, DataSet, UnmaskedFor};
use crate::datasets::parameter::Parameter;
use crate::datasets::source::Source;
use crate::datasets::{DataSetsError, Fault};
use crate::domain::{Kind, UserId};

/// Kinds that a data set may be of.
const KINDS: [Kind; 6] =
    [Kind::Custom, Kind::UserData, Kind::Conversation, Kind::Analytics, Kind::Trace, Kind::Bulk];

/// Reads `text`, the file called `name`.
///
/// # Errors
/// Everything that is wrong with it.
pub(in crate::datasets) fn read(name: &str, text: &str) -> Result<Vec<DataSet>, DataSetsError> {
    let mut file = File { name, text, faults: Vec::new() };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        // The error's own display would repeat the line, which may hold a password.
        let origin = file.at(&error.span().unwrap_or_default());
        let message = error.message().to_owned();
        file.faults.push(Fault { origin, subject: String::new(), key: "syntax".to_owned(), message });
    }
    let mut table = Table::new(document.get_ref(), 0..0, "");
    let sources = read_sources(&mut file, &mut table);
    let mut data_sets: Vec<DataSet> = Vec::new();
    for found in table.tables(&mut file, "datasets") {
        let span = found.1.clone();
        let Some(data_set) = read_one(&mut file, &sources, found) else { continue };
        if let Some(why) = clash(&data_sets, &data_set) {
            let (origin, subject) = (file.at(&span), subject(&data_set.name));
            file.faults.push(Fault { origin, subject, key: String::new(), message: why });
        }
        data_sets.push(data_set);
    }
    table.finish(&mut file);
    if file.faults.is_empty() { Ok(data_sets) } else { Err(DataSetsError::Declared(file.faults)) }
}

/// A letter, then letters, digits and `_`; as long as a table's name may be anywhere.
pub(super) fn is_name(name: &str) -> bool {
    name.len() <= 63
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn subject(name: &str) -> String {
    format!("data set `{name}`")
}

/// The sources by their names; one that is declared wrongly is there without being one.
fn read_sources(file: &mut File<'_>, table: &mut Table<'_>) -> BTreeMap<String, Option<Arc<Source>>> {
    let Some((entries, _)) = table.table(file, "sources") else { return BTreeMap::new() };
    let mut sources = BTreeMap::new();
    for (name, value) in entries {
        let source = match value.get_ref() {
            DeValue::Table(entries) => sources::read(file, name.get_ref(), entries, value.span()),
            _ => {
                table.fault_at(file, &value.span(), name.get_ref(), "is not a table; write [sources.name]");
                None
            }
        };
        sources.insert(name.get_ref().to_string(), source.map(Arc::new));
    }
    sources
}

fn read_one(
    file: &mut File<'_>,
    sources: &BTreeMap<String, Option<Arc<Source>>>,
    (entries, span): (&DeTable<'_>, Range<usize>),
) -> Option<DataSet> {
    let mut table = Table::new(entries, span, "data set");
    let name = table.needed_text(file, "name").unwrap_or_default();
    table.subject = subject(&name);
    if !is_name(&name) {
        table.fault(file, "name", "is no name; write a letter first, then `a`–`z`, `0`–`9` and `_`");
    }
    let title = table.text(file, "title").unwrap_or_else(|| name.clone());
    let known = KINDS.map(Kind::as_str);
    let kind = |word: &str| KINDS.into_iter().find(|kind| kind.as_str() == word);
    let kind = table.word(file, "kind", &known, kind).unwrap_or(Kind::Custom);
    let report = report(file, &mut table, kind);
    let audience = audience(file, &mut table);
    let unmasked_for = unmasked_for(file, &mut table);
    let shared = table.flag(file, "shared");
    let source = source(file, &mut table, sources);
    let parameters = read_parameters(file, &mut table, kind);
    let frame = Frame {
        data_set: &table.subject.clone(),
        dialect: source.as_ref().and_then(|source| source.dialect()),
        parameters: selectable(kind).iter().copied().chain(names(&parameters, |_| true)).collect(),
        certain: certain(kind).iter().copied().chain(names(&parameters, has_value)).collect(),
        is_bulk: kind == Kind::Bulk,
        by_user: audience != Audience::Admins && !shared,
    };
    let found = table.tables(file, "queries");
    if found.is_empty() {
        table.fault(file, "queries", "are missing; at least one says what is read");
    }
    let queries: Vec<_> = match source {
        Some(_) => found.into_iter().filter_map(|found| queries::read(file, &frame, found)).collect(),
        None => Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for query in queries.iter().filter(|query| !seen.insert(query.name.as_str())) {
        table.fault(file, "queries", format!("has two of the name `{}`", query.name));
    }
    table.finish(file);
    let data_set =
        DataSet { name, title, kind, report, source: source?, audience, unmasked_for, parameters, queries };
    unused(file, &data_set);
    Some(data_set)
}

/// A parameter that no query has would be taken and ignored.
fn unused(file: &mut File<'_>, data_set: &DataSet) {
    for parameter in data_set.parameters.iter().filter(|parameter| !data_set.knows(&parameter.name)) {
        let (subject, key) = (subject(&data_set.name), format!("parameter `{}`", parameter.name));
        let message = "is in none of its queries; use it or remove it".to_owned();
        file.faults.push(Fault { origin: file.name.to_owned(), subject, key, message });
    }
}

fn report(file: &mut File<'_>, table: &mut Table<'_>, kind: Kind) -> Option<String> {
    let report = table.text(file, "report");
    match (&report, kind) {
        (None, Kind::Analytics) => table.fault(file, "report", "is missing; it is the word in the selector"),
        (Some(_), other) if other != Kind::Analytics => {
            table.fault(file, "report", "is for `kind = \"analytics\"`");
        }
        (Some(word), _) if !is_name(word) => table.fault(file, "report", "is no name"),
        _ => {}
    }
    report
}

fn audience(file: &mut File<'_>, table: &mut Table<'_>) -> Audience {
    let wrong = "is not \"everyone\", \"admins\" or a list of user ids";
    match table.value("for").map(toml::Spanned::get_ref) {
        None => Audience::Everyone,
        Some(DeValue::String(word)) if word == "everyone" => Audience::Everyone,
        Some(DeValue::String(word)) if word == "admins" => Audience::Admins,
        Some(DeValue::Array(items)) => {
            let ids =
                items.iter().map(|item| item.get_ref().as_str().and_then(|id| id.parse::<UserId>().ok()));
            let ids: Option<BTreeSet<_>> = ids.collect();
            if ids.is_none() {
                table.fault(file, "for", wrong);
            }
            Audience::These(ids.unwrap_or_default())
        }
        Some(_) => {
            table.fault(file, "for", wrong);
            Audience::Admins
        }
    }
}

fn unmasked_for(file: &mut File<'_>, table: &mut Table<'_>) -> UnmaskedFor {
    let parse = |word: &str| match word {
        "owner" => Some(UnmaskedFor::Owner),
        "admins" => Some(UnmaskedFor::Admins),
        "nobody" => Some(UnmaskedFor::Nobody),
        _ => None,
    };
    table.word(file, "unmasked_for", &["owner", "admins", "nobody"], parse).unwrap_or_default()
}

fn source(
    file: &mut File<'_>,
    table: &mut Table<'_>,
    sources: &BTreeMap<String, Option<Arc<Source>>>,
) -> Option<Arc<Source>> {
    let name = table.needed_text(file, "source")?;
    let source = sources.get(&name);
    if source.is_none() {
        let known: Vec<_> = sources.keys().map(String::as_str).collect();
        table.fault(file, "source", format!("`{name}` is not declared; there are: {}", known.join(", ")));
    }
    source.cloned().flatten()
}

fn read_parameters(file: &mut File<'_>, table: &mut Table<'_>, kind: Kind) -> Vec<Parameter> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for found in table.tables(file, "parameters") {
        let span = found.1.clone();
        let Some(parameter) = parameters::read(file, &table.subject, found) else { continue };
        let name = &parameter.name;
        if parameters.iter().any(|other| other.name == *name) || selectable(kind).contains(&name.as_str()) {
            table.fault_at(
                file,
                &span,
                "parameters",
                format!("`{name}` is there twice, or the kind brings it"),
            );
        }
        if kind != Kind::Custom && parameter.required {
            let message = format!(
                "`{name}` is required, but only data sets of kind custom are asked with values; give it a default"
            );
            table.fault_at(file, &span, "parameters", message);
        }
        parameters.push(parameter);
    }
    parameters
}

fn names(parameters: &[Parameter], which: impl Fn(&Parameter) -> bool) -> impl Iterator<Item = &str> {
    parameters.iter().filter(move |parameter| which(parameter)).map(|parameter| parameter.name.as_str())
}

fn has_value(parameter: &Parameter) -> bool {
    parameter.required || !parameter.default.is_empty()
}

/// What the selectors of a kind bring.
fn selectable(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Project | Kind::Custom => &["user_id"],
        Kind::UserData => &["user_id", "start", "end"],
        Kind::Bulk => &["user_id", "first_user", "next_user", "start", "end"],
        Kind::Conversation => &["user_id", "conversation_ids", "widget_session_ids", "start", "end", "limit"],
        Kind::Analytics => &["user_id", "start", "end", "granularity"],
        Kind::Trace => &["user_id", "trace_ids", "start", "end", "limit"],
    }
}

/// Those of them that always have a value.
fn certain(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Analytics => &["user_id", "granularity"],
        _ => &["user_id"],
    }
}

fn clash(others: &[DataSet], one: &DataSet) -> Option<String> {
    if others.iter().any(|other| other.name == one.name) {
        return Some("there are two of this name".to_owned());
    }
    let same = others.iter().find(|other| other.kind == one.kind && other.report == one.report);
    same.filter(|_| one.kind != Kind::Custom)
        .map(|other| format!("`{}` is of the same kind already", other.name))
}
