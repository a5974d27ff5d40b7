//! Whoever comes from an older system finds what everything is called now.

use std::collections::BTreeSet;
use std::process::Command;

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/older-systems.md");

/// Those that the older systems had.
const OLDER: [&str; 21] = [
    "UNIFIED_EXPORT_ENABLED",
    "UNIFIED_EXPORT_EXPIRATION_HOURS",
    "UNIFIED_EXPORT_MAX_CONVERSATIONS",
    "UNIFIED_EXPORT_MAX_MESSAGES",
    "UNIFIED_EXPORT_MAX_ANALYTICS_POINTS",
    "UNIFIED_EXPORT_MAX_TRACES",
    "UNIFIED_EXPORT_MAX_FILE_SIZE_MB",
    "UNIFIED_EXPORT_MAX_PER_USER",
    "UNIFIED_EXPORT_STORAGE_PATH",
    "UNIFIED_EXPORT_STORAGE_TYPE",
    "UNIFIED_EXPORT_USE_SUPABASE_STORAGE",
    "UNIFIED_EXPORT_CLEANUP_ENABLED",
    "UNIFIED_EXPORT_ASYNC_PROCESSING",
    "UNIFIED_EXPORT_ASYNC_THRESHOLD_MB",
    "UNIFIED_EXPORT_CACHING",
    "UNIFIED_EXPORT_CACHE_TTL_MINUTES",
    "EXPORT_RETENTION_DAYS",
    "EXPORT_MAX_SIZE",
    "EXPORT_COMPRESSION_ENABLED",
    "EXPORT_RATE_LIMIT",
    "REDIS_URL",
];

/// The rows of the table under `heading`: what stands in backquotes in the first two columns.
fn table(heading: &str) -> Vec<[String; 2]> {
    let guide = std::fs::read_to_string(GUIDE).expect("the guide");
    let section = guide.split(&format!("\n## {heading}\n")).nth(1).expect("a section").to_owned();
    let section = section.split("\n## ").next().expect("a section").to_owned();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let name = |cell: &str| cell.split('`').nth(1).unwrap_or_default().to_owned();
    let cells = |row: &str| row.split('|').skip(1).take(2).map(name).collect::<Vec<_>>();
    rows.map(|row| cells(row).try_into().expect("two columns")).collect()
}

fn exportd(words: &[String]) -> std::process::Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
    command.env_clear().env("EXPORTD__AUTH__JWT__SECRET", "a secret of thirty-two bytes or more");
    command.args(words).output().expect("it ends")
}

#[test]
fn every_older_variable_is_a_setting_of_today_or_says_why_not() {
    let rows = table("Variables");
    let told: BTreeSet<_> = rows.iter().map(|[older, _]| older.as_str()).collect();
    for older in OLDER {
        assert!(told.contains(older), "{older} is not in the table");
    }
    let now: Vec<_> = rows.iter().map(|[_, now]| now).filter(|now| !now.is_empty()).collect();
    assert!(now.len() >= 15, "{now:?}");
    for setting in now {
        let words = ["config", "check", "--set", setting].map(str::to_owned);
        let checked = exportd(&words);
        assert!(checked.status.success(), "{setting}: {}", String::from_utf8_lossy(&checked.stderr));
    }
}

#[test]
fn every_older_path_is_still_there_and_so_is_what_it_is_called_now() {
    let document: serde_json::Value =
        serde_json::from_slice(&exportd(&["openapi".to_owned()]).stdout).expect("JSON");
    let is_there = |route: &str| {
        let (method, path) = route.split_once(' ').expect("a method and a path");
        document["paths"][path][method.to_lowercase()].is_object()
    };
    let rows = table("Paths");
    for route in rows.iter().flatten() {
        assert!(is_there(route), "{route}");
    }
    let told: BTreeSet<_> = rows.iter().map(|[older, _]| older.rsplit(' ').next().expect("a path")).collect();
    let paths = document["paths"].as_object().expect("paths");
    for (path, methods) in paths {
        let is_older = methods.as_object().expect("methods").values().any(|way| way["tags"][0] == "older");
        assert!(!is_older || told.contains(path.as_str()), "{path} is not in the table");
    }
}
