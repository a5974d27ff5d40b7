//! The demo's sample data: a database of a platform's, the data sets over it, and two exports.

use std::fs::{self, File};
use std::path::Path;

use hyper::Method;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::datasets::reference::{self, ReferenceError, Seed};
use crate::domain::{UserId, human_size};

use super::demo::{Tour, follow, say, text};
use super::outcome::{Exit, Failure};

/// Where the platform's rows lie, beside the demo's own.
const ROWS: &str = "app.db";
/// Where its data sets are declared.
pub(super) const DECLARED: &str = "datasets.toml";

/// Makes the sample database, in which `user` has most of the rows, and declares the data sets over
/// it. What is there already stays.
///
/// # Errors
/// When a file cannot be written.
pub(super) fn prepare(data: &Path, user: &str) -> Result<(), Failure> {
    let (rows, declared) = (data.join(ROWS), data.join(DECLARED));
    let url = format!("sqlite://{}", rows.display());
    if !rows.exists() {
        let first: UserId = user.parse().expect("the sample user's id is valid");
        // Made under another name, so that half a database is never taken for a whole one.
        let part = data.join(format!("{ROWS}.part"));
        let _ = fs::remove_file(&part);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(fill(&format!("sqlite://{}", part.display()), first))?;
        fs::rename(&part, &rows)?;
    }
    if !declared.exists() {
        fs::write(&declared, reference::example(&url)?)?;
    }
    Ok(())
}

async fn fill(url: &str, first: UserId) -> Result<(), ReferenceError> {
    reference::up(url).await?;
    reference::seed(url, &Seed::demo(first, Clock::system().now())).await.map(drop)
}

/// Two exports of the sample data, each downloaded, if this server has the data sets.
///
/// # Errors
/// The step that did not work.
pub(super) async fn show(tour: &mut Tour, data: &Path) -> Result<(), Failure> {
    let Ok(found) = tour.client.json(Method::GET, "/api/v1/datasets", Value::Null).await else {
        return Ok(());
    };
    let sets = found["items"].as_array().map_or(0, Vec::len);
    tour.step("Look at the sample data sets", &format!("{}/datasets", tour.base));
    say(format_args!("   → {sets} data sets, declared in {}", data.join(DECLARED).display()));
    let talks = json!({"kind": "conversation", "format": "markdown", "selector": {"limit": 500}});
    export(tour, "Ask for the first 500 messages, to read", talks, data).await?;
    let traces = json!({"kind": "trace", "format": "parquet", "selector": {}});
    export(tour, "Ask for all traces, as a table for programs", traces, data).await
}

async fn export(tour: &mut Tour, what: &str, wanted: Value, data: &Path) -> Result<(), Failure> {
    tour.step(
        what,
        &format!("-H 'Content-Type: application/json' \\\n     -d '{wanted}' {}/exports", tour.base),
    );
    let export = tour.client.json(Method::POST, "/api/v1/exports", wanted).await?;
    let export = follow(tour, &export).await?;
    let target = data.join(text(&export["fileName"]));
    let url = format!("{}/exports/{}/download", tour.base, text(&export["id"]));
    tour.step("Download it", &format!("-o {} {url}", text(&export["fileName"])));
    let path = format!("/api/v1/exports/{}/download", text(&export["id"]));
    let (status, _) = tour.client.receive(&path, &[], &mut File::create(&target)?).await?;
    let size = fs::metadata(&target)?.len();
    if Some(size) != export["fileSize"].as_u64() {
        return Err(Failure::new(Exit::Damaged, "the package is not what was sealed".to_owned()));
    }
    say(format_args!("   → {status}, {}, saved as {}", human_size(size), target.display()));
    Ok(())
}
