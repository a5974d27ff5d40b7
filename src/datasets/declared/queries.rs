//! `[[datasets.queries]]`: what is read.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::OnceLock;

use toml::de::DeTable;

use super::columns;
use super::data_sets::is_name;
use super::table::{File, Table};
use crate::datasets::query::{FileQuery, Query, Reads};
use crate::datasets::sql::{Dialect, Statement};
use crate::domain::Kind;

/// Kinds that everyone's data can be narrowed to.
const KEPT: [Kind; 3] = [Kind::UserData, Kind::Conversation, Kind::Trace];

/// What a query of a data set may name, and must.
pub(super) struct Frame<'a> {
    /// "data set `orders`".
    pub(super) data_set: &'a str,
    /// Whose SQL it is; none for a folder.
    pub(super) dialect: Option<Dialect>,
    /// Every parameter there is.
    pub(super) parameters: BTreeSet<&'a str>,
    /// Those that always have a value.
    pub(super) certain: BTreeSet<&'a str>,
    /// Whether it is everyone's data, whose queries belong to kinds.
    pub(super) is_bulk: bool,
    /// Whether every query has to be narrowed to one user's rows.
    pub(super) by_user: bool,
}

/// Reads a query of the data set that `frame` tells of.
pub(super) fn read(
    file: &mut File<'_>,
    frame: &Frame<'_>,
    (entries, span): (&DeTable<'_>, Range<usize>),
) -> Option<Query> {
    let mut table = Table::new(entries, span, frame.data_set.to_owned());
    let name = table.needed_text(file, "name").unwrap_or_default();
    table.subject = format!("{}, query `{name}`", frame.data_set);
    if !is_name(&name) {
        table.fault(file, "name", "is no name; write a letter first, then `a`–`z`, `0`–`9` and `_`");
    }
    let title = table.text(file, "title").unwrap_or_else(|| name.clone());
    let reads = match frame.dialect {
        Some(dialect) => sql(file, &mut table, frame, dialect),
        None => files(file, &mut table, frame),
    };
    let max_rows = table.count(file, "max_rows");
    let kind = match frame.is_bulk {
        true => table.word(file, "kind", &KEPT.map(Kind::as_str), |word| {
            KEPT.into_iter().find(|kind| kind.as_str() == word)
        }),
        false => None,
    };
    let columns = columns::read(file, &mut table);
    if frame.dialect.is_none() && columns.is_empty() {
        table.fault(
            file,
            "columns",
            "are missing; files are read by the columns and types that are declared",
        );
    }
    let layout = columns::layout(file, &mut table, &columns);
    table.finish(file);
    Some(Query { name, title, kind, reads: reads?, max_rows, columns, inferred: OnceLock::new(), layout })
}

fn sql(file: &mut File<'_>, table: &mut Table<'_>, frame: &Frame<'_>, dialect: Dialect) -> Option<Reads> {
    if table.has("files") {
        table.value("files");
        table.fault(file, "files", "is for a source that is a folder; write `sql`");
    }
    if !table.has("sql") {
        table.value("sql");
        table.fault(file, "sql", "is missing");
    }
    let rows = statement(file, table, frame, "sql", dialect);
    let count = statement(file, table, frame, "count", dialect);
    Some(Reads::Sql { rows: rows?, count })
}

fn statement(
    file: &mut File<'_>,
    table: &mut Table<'_>,
    frame: &Frame<'_>,
    key: &'static str,
    dialect: Dialect,
) -> Option<Statement> {
    let text = table.text(file, key)?;
    let span = table.value(key)?.span();
    if text.trim().is_empty() {
        table.fault(file, key, "is empty");
        return None;
    }
    let statement = match Statement::parse(&text, dialect) {
        Ok(statement) => statement,
        Err(fault) => {
            let origin = file.within(&span, &text, fault.at);
            table.fault_from(file, origin, key, fault.why);
            return None;
        }
    };
    for name in statement.parameters().difference(&frame.parameters) {
        let at = text.find(&format!(":{name}")).unwrap_or_default();
        let known: Vec<_> = frame.parameters.iter().copied().collect();
        let origin = file.within(&span, &text, at);
        table.fault_from(
            file,
            origin,
            key,
            format!("`:{name}` is not a parameter; there are {}", known.join(", ")),
        );
    }
    for name in statement.needed().difference(&frame.certain).filter(|name| frame.parameters.contains(*name))
    {
        let message =
            format!("`:{name}` may have no value; put what needs it into `[[ … ]]`, or give it a default");
        table.fault(file, key, message);
    }
    if frame.is_bulk && !statement.has_own_clauses(["first_user", "next_user"]) {
        table.fault(
            file,
            key,
            "`:first_user` and `:next_user` belong together, each in a `[[ … ]]` of its own, for the first users have \
             no first and the last no next: `[[ AND user_id >= :first_user ]] [[ AND user_id < :next_user ]]`",
        );
    }
    if frame.by_user && !statement.needed().contains("user_id") {
        table.fault(
            file,
            key,
            "has no `:user_id` outside `[[ … ]]`, so it would give everyone's rows to anyone; narrow it, or say \
             `for = \"admins\"` or `shared = true`",
        );
    }
    Some(statement)
}

fn files(file: &mut File<'_>, table: &mut Table<'_>, frame: &Frame<'_>) -> Option<Reads> {
    for key in ["sql", "count"] {
        if table.value(key).is_none() {
            continue;
        }
        table.fault(file, key, "is for a database; the source is a folder, so write `files`");
    }
    let files = table.needed_text(file, "files");
    if files.as_deref().is_some_and(leads_out) {
        table.fault(file, "files", "leads out of the folder; write a name, with `*` and `?` where it varies");
    }
    let user_column = table.text(file, "user_column");
    let time_column = table.text(file, "time_column");
    if frame.by_user && user_column.is_none() {
        table.fault(
            file,
            "user_column",
            "is missing, so everyone's rows would go to anyone; name the column with the user's id, or say \
             `for = \"admins\"` or `shared = true`",
        );
    }
    let equals = equals(file, table, frame);
    Some(Reads::Files(FileQuery { files: files?, user_column, time_column, equals }))
}

/// `equals = { country = "country" }`: a column, and the parameter whose value it must have.
fn equals(file: &mut File<'_>, table: &mut Table<'_>, frame: &Frame<'_>) -> Vec<(String, String)> {
    let Some((entries, span)) = table.table(file, "equals") else { return Vec::new() };
    let inner = Table::new(entries, span, table.subject.clone());
    let mut equals = Vec::new();
    for (column, value) in inner.entries() {
        let parameter = value.get_ref().as_str().unwrap_or_default();
        if frame.parameters.contains(parameter) {
            equals.push((column.get_ref().to_string(), parameter.to_owned()));
        } else {
            table.fault_at(file, &value.span(), "equals", format!("`{parameter}` is not a parameter"));
        }
    }
    equals
}

fn leads_out(pattern: &str) -> bool {
    pattern.is_empty()
        || pattern.starts_with(['/', '.'])
        || pattern.contains(['\\', '\0'])
        || pattern.contains("..")
}
