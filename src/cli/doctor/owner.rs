//! Whether the role that changes the schema can, where it is another than the server's.

use super::database::{asked, away, server};
use crate::cli::finding::Finding;
use crate::config_units::masked_url;
use crate::db::{Checkup, Config, SchemaState};

/// What there is to say of `database.migrate_url`, and whether the schema of the database that the server
/// found can be changed.
pub fn of(config: &Config, found: &Checkup) -> (Vec<Finding>, bool) {
    let Some(url) = &config.migrate_url else { return (Vec::new(), found.may_create) };
    let owner = Config { url: url.clone(), ..config.clone() };
    match looked_at(&owner, found) {
        Ok(finding) => (vec![finding], true),
        // Only `serve` with auto_migrate needs it today.
        Err(Finding { what, next: Some(next), .. }) if !config.auto_migrate => {
            (vec![Finding::note(what, next)], false)
        }
        Err(finding) => (vec![finding], false),
    }
}

fn looked_at(owner: &Config, found: &Checkup) -> Result<Finding, Finding> {
    const SETTING: &str = "database.migrate_url";
    server(owner, SETTING)?;
    let checkup = asked(owner).map_err(|error| away(owner, SETTING, &error))?;
    // Whoever was granted nothing yet sees no tables where the owner does.
    let sees_none = matches!(found.schema, SchemaState::Behind { applied: 0, .. });
    if checkup.schema != found.schema && !sees_none {
        return Err(Finding::wrong(
            format!("{}, which `{SETTING}` names, is another database", masked_url(&owner.url)),
            "name the same database in `database.url` and there, each with a role of its own",
        ));
    }
    let what = format!("the role of `{SETTING}` may make no tables");
    let next = "name the role that owns the tables, as docs/postgres.md shows";
    match (checkup.may_create, &checkup.schema) {
        (true, _) => Ok(Finding::ok(format!("`{SETTING}` is reached, and its role may make tables"))),
        (false, SchemaState::Behind { .. }) => Err(Finding::wrong(what, next)),
        (false, SchemaState::Current | SchemaState::Newer(_)) => Ok(Finding::note(what, next)),
    }
}
