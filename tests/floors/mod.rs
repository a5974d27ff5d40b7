//! Imports only go down: each room names no other rooms than those in its row here.

mod paths;
mod tokens;

use std::fmt;
use std::path::Path;

use paths::{Named, named_by};

/// Rooms from the lowest to the highest, each with those it may import. Every one of these
/// stands above it in this table, so no import can go up or in a circle.
const ROOMS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("config_units", &["domain"]),
    ("clock", &["domain"]),
    ("bell", &["domain"]),
    ("ledger", &["domain", "clock"]),
    ("telemetry", &["domain"]),
    ("transfer", &["domain"]),
    ("security", &["domain", "clock"]),
    ("outbound", &["domain"]),
    ("otel", &["security", "outbound"]),
    ("records", &["domain"]),
    ("formats", &["domain", "records"]),
    ("reports", &["domain", "records", "formats"]),
    ("db", &["domain", "clock", "bell", "telemetry", "config_units"]),
    ("storage", &["domain", "clock", "bell", "telemetry", "config_units"]),
    (
        "packaging",
        &["domain", "records", "clock", "bell", "telemetry", "config_units", "security", "storage"],
    ),
    ("projects", &["domain", "db", "telemetry", "config_units"]),
    ("datasets", &["domain", "clock", "telemetry", "config_units", "records", "formats"]),
    (
        "loaders",
        &[
            "domain",
            "clock",
            "telemetry",
            "config_units",
            "records",
            "formats",
            "reports",
            "storage",
            "packaging",
            "projects",
            "datasets",
        ],
    ),
    (
        "jobs",
        &[
            "domain",
            "clock",
            "bell",
            "ledger",
            "telemetry",
            "otel",
            "config_units",
            "security",
            "db",
            "storage",
            "packaging",
        ],
    ),
    (
        "app",
        &[
            "domain",
            "clock",
            "bell",
            "ledger",
            "telemetry",
            "otel",
            "config_units",
            "security",
            "db",
            "storage",
            "packaging",
            "projects",
            "records",
            "formats",
            "reports",
            "datasets",
        ],
    ),
    (
        "http",
        &[
            "domain",
            "clock",
            "bell",
            "ledger",
            "telemetry",
            "otel",
            "config_units",
            "transfer",
            "security",
            "app",
        ],
    ),
    (
        "config",
        &[
            "config_units",
            "clock",
            "telemetry",
            "otel",
            "security",
            "outbound",
            "db",
            "storage",
            "packaging",
            "projects",
            "formats",
            "datasets",
            "loaders",
            "jobs",
            "app",
            "http",
        ],
    ),
    (
        "daemon",
        &[
            "domain",
            "config_units",
            "ledger",
            "clock",
            "bell",
            "telemetry",
            "otel",
            "transfer",
            "security",
            "outbound",
            "db",
            "storage",
            "packaging",
            "projects",
            "records",
            "formats",
            "reports",
            "datasets",
            "loaders",
            "jobs",
            "app",
            "http",
            "config",
        ],
    ),
    (
        "cli",
        &[
            "domain",
            "config_units",
            "clock",
            "bell",
            "telemetry",
            "transfer",
            "security",
            "db",
            "storage",
            "packaging",
            "projects",
            "records",
            "formats",
            "reports",
            "datasets",
            "loaders",
            "jobs",
            "app",
            "http",
            "config",
            "daemon",
        ],
    ),
    ("main", &["cli"]),
];

/// Crates that stay behind a wall, with the rooms behind it.
const WALLED: &[(&str, &[&str])] = &[
    ("actix", &["jobs", "daemon"]),
    ("sea_orm", &["db"]),
    ("sea_orm_migration", &["db"]),
    ("sqlx", &["db", "datasets"]),
    ("migrations", &["db", "datasets"]),
    ("hyper", &["outbound", "http", "cli"]),
    ("hyper_util", &["outbound", "http", "cli"]),
    ("opentelemetry", &["otel"]),
    ("opentelemetry_http", &["otel"]),
    ("opentelemetry_otlp", &["otel"]),
    ("opentelemetry_sdk", &["otel"]),
    ("utoipa", &["http"]),
    ("matchit", &["http"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
];

/// Rooms that wait for nothing.
const WITHOUT_TOKIO: &[&str] = &["domain", "transfer"];

/// A line that names a room or a crate which its own room may not name.
#[derive(Debug, PartialEq, Eq)]
struct Trespass {
    file: String,
    line: usize,
    room: String,
    names: String,
}

impl fmt::Display for Trespass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: `{}` may not name `{}`", self.file, self.line, self.room, self.names)
    }
}

/// What in `text`, the file at `file` below `src/`, its room may not name.
fn trespasses(file: &str, text: &str) -> Vec<Trespass> {
    let module = module_of(file);
    let room = module.first().map_or("main", |room| room.as_str());
    let allowed = ROOMS.iter().find(|(name, _)| *name == room).map_or(&[][..], |(_, allowed)| allowed);
    let forbidden = named_by(text, &module).into_iter().filter(|(_, named)| match named {
        Named::Room(other) => other != room && is_room(other) && !allowed.contains(&other.as_str()),
        Named::Crate(name) => !may_use(room, name),
    });
    forbidden
        .map(|(line, named)| {
            let (Named::Room(names) | Named::Crate(names)) = named;
            Trespass { file: format!("src/{file}"), line, room: room.to_owned(), names }
        })
        .collect()
}

fn is_room(name: &str) -> bool {
    ROOMS.iter().any(|(room, _)| *room == name)
}

fn may_use(room: &str, name: &str) -> bool {
    let walled = WALLED.iter().find(|(walled, _)| *walled == name);
    let waits = matches!(name, "tokio" | "tokio_util" | "tokio_stream");
    walled.is_none_or(|(_, rooms)| rooms.contains(&room)) && !(waits && WITHOUT_TOKIO.contains(&room))
}

/// `http/kit/mod.rs` is the module `http::kit`; `main.rs` and `lib.rs` are the root.
fn module_of(file: &str) -> Vec<String> {
    let stem = file.strip_suffix(".rs").unwrap_or(file);
    let mut module: Vec<String> = stem.split('/').map(str::to_owned).collect();
    match module.last().map(String::as_str) {
        Some("mod") => {
            module.pop();
        }
        Some("main" | "lib") if module.len() == 1 => module.clear(),
        _ => {}
    }
    module
}

fn sources(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("src can be read") {
        let path = entry.expect("src can be read").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// Every file of `src/` but the map of the rooms, by its path below `src/`.
fn house() -> Vec<(String, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    sources(&src, &mut found);
    found.sort();
    let named = found.iter().map(|path| {
        let name = path.strip_prefix(&src).expect("found below src").to_str().expect("our names are ASCII");
        (name.to_owned(), std::fs::read_to_string(path).expect("our files can be read"))
    });
    named.filter(|(name, _)| name != "lib.rs").collect()
}

#[test]
fn imports_only_go_down() {
    let found: Vec<String> = house()
        .iter()
        .flat_map(|(file, text)| trespasses(file, text))
        .map(|trespass| trespass.to_string())
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

#[test]
fn every_room_has_its_row_and_every_row_imports_only_from_rows_above() {
    for (file, _) in house() {
        let room = module_of(&file).first().cloned().unwrap_or_else(|| "main".to_owned());
        assert!(is_room(&room), "src/{file}: give the room `{room}` its row in tests/floors");
    }
    for (index, (room, allowed)) in ROOMS.iter().enumerate() {
        for other in *allowed {
            let below = ROOMS[..index].iter().any(|(name, _)| name == other);
            assert!(below, "`{room}` stands below `{other}`, or `{other}` has no row");
        }
    }
}

#[test]
fn the_two_walls_stand() {
    let may = |room: &str, other: &str| {
        ROOMS.iter().any(|(name, allowed)| *name == room && allowed.contains(&other))
    };
    assert!(!may("app", "jobs") && !may("jobs", "app"), "app and jobs meet in the row only");
    assert!(!may("http", "db") && !may("http", "jobs") && !may("http", "packaging"));
}

#[test]
fn a_trespass_is_found_however_it_is_written() {
    let text = "//! Talks of crate::db in words only: fine.
use crate::clock::Clock; // crate::http is a comment
use crate::{
    domain::{Export, Status},
    jobs::{self, Scheduler},
};
use super::super::http::kit;

/// [`Link`](crate::daemon::House)
fn f<'a>(text: &'a str) -> char {
    let words = \"crate::cli::run\"; let raw = r#\"use crate::cli::\"quoted\"\"#; /* crate::cli /* nested */ */
    crate::config::Settings::default();
    actix::spawn(async {});
    use ::sqlx::Pool;
    let own = crate::app::Desk; let field = this.actix;
    'x'
}

mod tests {
    use super::super::exports; // still inside app
    use super::super::super::loaders::Tree;
}
";
    let found = trespasses("app/exports.rs", text);
    let told: Vec<_> = found.iter().map(|trespass| (trespass.line, trespass.names.as_str())).collect();
    assert_eq!(
        told,
        [(5, "jobs"), (7, "http"), (12, "config"), (13, "actix"), (14, "sqlx"), (21, "loaders")]
    );
    assert_eq!(found[0].to_string(), "src/app/exports.rs:5: `app` may not name `jobs`");
}

#[test]
fn waiting_is_kept_out_of_the_rooms_that_only_think() {
    let text = "use tokio::time;\nuse std::{time, sync};\n";
    assert_eq!(trespasses("domain/time.rs", text).len(), 1);
    assert_eq!(trespasses("transfer/mod.rs", text).len(), 1);
    assert_eq!(trespasses("db/mod.rs", text), []);
    assert_eq!(trespasses("main.rs", "use exportd::{cli, db};\n").len(), 1);
}
