//! `[sources.*]`: where rows come from.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use toml::de::DeTable;

use super::table::{File, Table};
use crate::datasets::source::{Place, PlaceError, Source, UserIds};

/// How long one query may take, unless the file says otherwise.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How many connections there are to a source at a time, unless the file says otherwise.
const CONNECTIONS: u64 = 2;
/// And never more.
const MOST_CONNECTIONS: u64 = 64;

/// Reads the source `name`.
pub(super) fn read(
    file: &mut File<'_>,
    name: &str,
    entries: &DeTable<'_>,
    span: Range<usize>,
) -> Option<Source> {
    let mut table = Table::new(entries, span, format!("source `{name}`"));
    let place = place(file, &mut table);
    let timeout = table.duration(file, "timeout").unwrap_or(TIMEOUT);
    let connections = table.count(file, "connections").unwrap_or(CONNECTIONS);
    if connections > MOST_CONNECTIONS {
        table.fault(file, "connections", format!("is above {MOST_CONNECTIONS}"));
    }
    let user_ids = table.word(file, "user_ids", &UserIds::WORDS, UserIds::parse).unwrap_or_default();
    table.finish(file);
    let connections = usize::try_from(connections.min(MOST_CONNECTIONS)).expect("a small number");
    Some(Source::new(name, place?, timeout, connections, user_ids))
}

fn place(file: &mut File<'_>, table: &mut Table<'_>) -> Option<Place> {
    let given: Vec<_> = ["url", "url_file", "folder"].into_iter().filter(|key| table.has(key)).collect();
    let (url, url_file, folder) =
        (table.text(file, "url"), table.text(file, "url_file"), table.text(file, "folder"));
    match given[..] {
        [_] => {}
        [] => {
            table.fault(
                file,
                "",
                "says neither `url`, `url_file` nor `folder`; one of them tells where it is",
            );
            return None;
        }
        _ => {
            table.fault(file, given[1], format!("stands beside `{}`; keep one of them", given[0]));
            return None;
        }
    }
    if let Some(folder) = folder {
        return Some(Place::Folder(PathBuf::from(folder)));
    }
    let (key, url) = match url_file {
        Some(path) => ("url_file", read_secret(file, table, &path)?),
        None => ("url", url?),
    };
    match Place::parse(&url) {
        Ok(place) => Some(place),
        Err(PlaceError) => {
            // What was written may hold a password, so it is not repeated.
            table.fault(file, key, PlaceError.to_string());
            None
        }
    }
}

fn read_secret(file: &mut File<'_>, table: &Table<'_>, path: &str) -> Option<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => {
            table.fault(file, "url_file", format!("{path} cannot be read: {error}"));
            None
        }
    }
}
