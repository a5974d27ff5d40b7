//! Variables that earlier systems read, and this one does not.

use std::ffi::OsString;

use crate::cli::finding::Finding;
use crate::config::SETTINGS;

/// What they were called, and the setting that has taken their place; or why there is none.
const OLDER: [(&str, Result<&str, &str>); 24] = [
    ("UNIFIED_EXPORT_ENABLED", Err("there is no switch: stop the service")),
    ("UNIFIED_EXPORT_EXPIRATION_HOURS", Ok("retention.default")),
    ("UNIFIED_EXPORT_MAX_CONVERSATIONS", Ok("limits.max_messages")),
    ("UNIFIED_EXPORT_MAX_MESSAGES", Ok("limits.max_messages")),
    ("UNIFIED_EXPORT_MAX_ANALYTICS_POINTS", Ok("limits.max_analytics_points")),
    ("UNIFIED_EXPORT_MAX_TRACES", Ok("limits.max_traces")),
    ("UNIFIED_EXPORT_MAX_FILE_SIZE_MB", Ok("limits.max_package")),
    ("UNIFIED_EXPORT_MAX_PER_USER", Ok("limits.exports_per_day")),
    ("UNIFIED_EXPORT_STORAGE_PATH", Ok("storage.root")),
    ("UNIFIED_EXPORT_STORAGE_TYPE", Ok("storage.backend")),
    ("UNIFIED_EXPORT_USE_SUPABASE_STORAGE", Ok("storage.backend")),
    ("UNIFIED_EXPORT_CLEANUP_ENABLED", Ok("cleanup.interval")),
    ("UNIFIED_EXPORT_ASYNC_PROCESSING", Err("every export is made in the background")),
    ("UNIFIED_EXPORT_ASYNC_THRESHOLD_MB", Err("every export is made in the background")),
    ("UNIFIED_EXPORT_CACHING", Err("the same request gets the package that is there already")),
    ("UNIFIED_EXPORT_CACHE_TTL_MINUTES", Err("the same request gets the package that is there already")),
    ("EXPORT_RETENTION_DAYS", Ok("retention.default")),
    ("EXPORT_MAX_SIZE", Ok("limits.max_package")),
    ("EXPORT_COMPRESSION_ENABLED", Ok("packing.level")),
    ("EXPORT_RATE_LIMIT", Ok("limits.exports_per_hour")),
    ("EXPORT_STORAGE_PATH", Ok("storage.root")),
    ("EXPORT_JWT_SECRET", Ok("auth.jwt.secret")),
    ("EXPORT_DATABASE_URL", Ok("database.url")),
    ("REDIS_URL", Err("queue and limits are rows of the database; leave it if something else here needs it")),
];

/// Read by the command line, and not settings.
const OURS: [&str; 6] = [
    "EXPORTD_SERVER",
    "EXPORTD_TOKEN",
    "EXPORTD_TOKEN_FILE",
    "EXPORTD_LINK_PASSWORD",
    "EXPORTD_DATASETS_URL",
    "EXPORTD_REVISION",
];

/// Those of `variables` that somebody set for nothing.
pub fn of(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<Finding> {
    let mut names: Vec<_> = variables.into_iter().filter_map(|(name, _)| name.into_string().ok()).collect();
    names.sort();
    names.iter().filter_map(|name| earlier(name).or_else(|| misspelt(name))).collect()
}

fn earlier(name: &str) -> Option<Finding> {
    let known = OLDER.iter().find(|(older, _)| *older == name).map(|(_, now)| now);
    let is_theirs = name.starts_with("UNIFIED_EXPORT_") || name.starts_with("EXPORT_");
    match known {
        Some(Ok(key)) => Some(Finding::note(
            format!("{name} is set, and not read"),
            format!("it is `{key}` now: {}", variable_of(key)),
        )),
        Some(Err(why)) => Some(Finding::note(format!("{name} is set, and not read"), *why)),
        None if is_theirs => Some(Finding::note(
            format!("{name} is set, and not read"),
            "`exportd config show` lists the settings there are",
        )),
        None => None,
    }
}

/// `EXPORTD_DATABASE_URL`, with one underscore where two belong.
fn misspelt(name: &str) -> Option<Finding> {
    let rest = name.strip_prefix("EXPORTD_").filter(|rest| !rest.starts_with('_'))?;
    if OURS.contains(&name) {
        return None;
    }
    let flat = |text: &str| text.to_ascii_lowercase().replace(['.', '_'], "");
    let meant = SETTINGS.iter().find(|setting| flat(setting.key) == flat(rest))?;
    let next = format!("write {}, with two underscores", variable_of(meant.key));
    Some(Finding::wrong(format!("{name} is set, and not read"), next))
}

fn variable_of(key: &str) -> String {
    format!("EXPORTD__{}", key.to_ascii_uppercase().replace('.', "__"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn told(names: &[&str]) -> Vec<String> {
        let variables = names.iter().map(|name| ((*name).into(), "a-secret-value".into()));
        of(variables).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_new_name_is_a_setting() {
        for (older, now) in OLDER {
            if let Ok(key) = now {
                assert!(SETTINGS.iter().any(|setting| setting.key == key), "{older}: {key}");
            }
        }
    }

    /// What the guide says each of them is now; nothing where it says why there is none.
    fn documented() -> BTreeMap<String, Option<String>> {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/older-systems.md");
        let guide = std::fs::read_to_string(guide).expect("the guide");
        let table = guide.split("\n## Variables\n").nth(1).and_then(|rest| rest.split("\n## ").next());
        let in_quotes = |cell: &str| cell.split('`').nth(1).map(ToOwned::to_owned);
        let rows = table.expect("a table").lines().filter(|line| line.starts_with("| `"));
        let cells = rows.map(|row| row.split('|').skip(1).take(2).map(in_quotes).collect::<Vec<_>>());
        let key = |setting: &String| setting.split('=').next().unwrap_or_default().to_owned();
        cells.map(|cells| (cells[0].clone().expect("a name"), cells[1].as_ref().map(key))).collect()
    }

    #[test]
    fn the_guide_tells_the_same_of_every_older_variable() {
        let here = OLDER.map(|(older, now)| (older.to_owned(), now.ok().map(ToOwned::to_owned)));
        assert_eq!(documented(), BTreeMap::from(here));
        for (older, _) in OLDER {
            assert_eq!(told(&[older]).len(), 1, "{older} is not told of");
        }
    }

    #[test]
    fn whoever_set_an_older_or_misspelt_variable_learns_its_name() {
        let found = told(&["UNIFIED_EXPORT_MAX_TRACES", "EXPORT_WHATEVER", "EXPORTD_DATABASE_URL"]);
        assert!(found.iter().any(|line| line.contains("EXPORTD__LIMITS__MAX_TRACES")), "{found:?}");
        assert!(
            found.iter().any(|line| line.contains("EXPORTD__DATABASE__URL") && line.starts_with("WRONG"))
        );
        assert_eq!(found.len(), 3);
        assert!(!found.concat().contains("a-secret-value"));
        assert!(told(&["PATH", "EXPORTD_TOKEN", "EXPORTD__DATABASE__URL", "EXPORTER"]).is_empty());
    }
}
