//! What is wanted of an export: flags, become the request of the API.

use std::io::Read;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Map, Value, json};

use crate::cli::outcome::{Exit, Failure};
use crate::domain::{Kind, Timestamp};

/// Which export.
#[derive(Debug, Default, Args)]
#[command(disable_version_flag = true)]
pub struct WantedArgs {
    /// A project
    #[arg(long, value_name = "ID", help_heading = "What")]
    project: Option<String>,
    /// That version of it: a tag, branch, commit or snapshot
    #[arg(long, value_name = "VERSION", requires = "project", help_heading = "What")]
    version: Option<String>,
    /// Only paths that match (gitignore syntax); may be repeated
    #[arg(long, value_name = "GLOB", num_args = 1.., requires = "project", help_heading = "What")]
    paths: Vec<String>,
    /// Build output and the like too
    #[arg(long, requires = "project", help_heading = "What")]
    full: bool,
    /// Only what changed from that version on
    #[arg(long, value_name = "VERSION", requires = "project", help_heading = "What")]
    since: Option<String>,
    /// What kind of thing
    #[arg(long, value_name = "KIND", value_parser = kinds(), help_heading = "What")]
    kind: Option<Kind>,
    /// Which part of it, as the API has it: JSON, @FILE, or @- for standard input
    #[arg(long, value_name = "JSON|@FILE", help_heading = "What")]
    selector: Option<String>,
    /// A report on the platform's use
    #[arg(long, value_name = "NAME", help_heading = "What")]
    report: Option<String>,
    /// Its steps: hour, day, week, month
    #[arg(long, value_name = "STEP", requires = "report", help_heading = "What")]
    granularity: Option<String>,
    /// A data set that the operator declared; see `GET /datasets`
    #[arg(long, value_name = "NAME", help_heading = "What")]
    dataset: Option<String>,
    /// A parameter of the data set, as text; or NAME:=JSON for numbers and lists; may be repeated
    #[arg(long, value_name = "NAME=VALUE", requires = "dataset", value_parser = parameter, help_heading = "What")]
    param: Vec<(String, Value)>,
    /// Of data: from here on, a day or an instant
    #[arg(long, value_name = "DAY", help_heading = "What")]
    from: Option<String>,
    /// Of data: up to here; a day is in it as a whole
    #[arg(long, value_name = "DAY", help_heading = "What")]
    to: Option<String>,
    /// Of messages and traces: so many rows at most
    #[arg(long, value_name = "N", help_heading = "What")]
    limit: Option<u64>,
    /// The package's format [default: the kind's own]
    #[arg(long, value_name = "FORMAT", help_heading = "How")]
    format: Option<String>,
    /// How hard a package is pressed: fast, balanced, small
    #[arg(long, value_name = "PROFILE", help_heading = "How")]
    profile: Option<String>,
    /// What a document is compressed with: none, gzip, zstd
    #[arg(long, value_name = "CODEC", help_heading = "How")]
    compression: Option<String>,
    /// The report's template: its id, or the name of one that is shipped
    #[arg(long, value_name = "TEMPLATE", help_heading = "How")]
    template: Option<String>,
    /// How long the package is kept: 12h, 7d
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration, help_heading = "How")]
    retention: Option<Duration>,
    /// -10 to 10; higher runs sooner, above 0 for admins only
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(i32).range(-10..=10), help_heading = "How")]
    priority: Option<i32>,
    /// Not before: an instant such as 2026-11-22T03:00:00Z, or from now as +2h
    #[arg(long, value_name = "INSTANT", help_heading = "How")]
    at: Option<String>,
    /// The source as it is now, though there is such an export already
    #[arg(long, help_heading = "How")]
    fresh: bool,
}

impl WantedArgs {
    /// The request that says it, made at `now`.
    ///
    /// # Errors
    /// When it says nothing, or two things at once; as wrong use.
    pub fn body(&self, now: Timestamp) -> Result<Value, Failure> {
        let mut body = Map::new();
        body.insert("kind".to_owned(), self.kind()?.as_str().into());
        let selector = self.selector()?;
        if !selector.is_empty() {
            body.insert("selector".to_owned(), selector.into());
        }
        put(&mut body, "format", self.format.as_deref());
        let mut options = Map::new();
        put(&mut options, "profile", self.profile.as_deref());
        put(&mut options, "compression", self.compression.as_deref());
        if !options.is_empty() {
            body.insert("options".to_owned(), options.into());
        }
        put(&mut body, "template", self.template.as_deref());
        put(&mut body, "retentionSeconds", self.retention.map(|retention| retention.as_secs()));
        put(&mut body, "priority", self.priority);
        let at = self.at.as_deref().map(|at| instant(at, now)).transpose()?;
        put(&mut body, "runAt", at.map(|at| at.to_string()));
        put(&mut body, "fresh", self.fresh.then_some(true));
        Ok(body.into())
    }

    /// The kind that is said, or that follows from what else is.
    fn kind(&self) -> Result<Kind, Failure> {
        let telling = [
            (self.project.is_some(), "--project", Kind::Project),
            (self.report.is_some(), "--report", Kind::Analytics),
            (self.dataset.is_some(), "--dataset", Kind::Custom),
        ];
        let mut said = self.kind.map(|kind| ("--kind", kind));
        for (_, flag, kind) in telling.into_iter().filter(|(is_there, _, _)| *is_there) {
            match said {
                Some((other, told)) if told != kind => {
                    return Err(wrong(format!(
                        "{flag} is of kind {kind}, and {other} of kind {told}: ask for one"
                    )));
                }
                _ => said = Some((flag, kind)),
            }
        }
        said.map(|(_, kind)| kind).ok_or_else(|| {
            wrong("say what to export: --project ID, --report NAME, --dataset NAME, or --kind KIND")
        })
    }

    fn selector(&self) -> Result<Map<String, Value>, Failure> {
        let mut selector = self.selector.as_deref().map(read_selector).transpose()?.unwrap_or_default();
        let mut members = Map::new();
        put(&mut members, "projectId", self.project.as_deref());
        put(&mut members, "versionId", self.version.as_deref());
        put(&mut members, "exportType", self.full.then_some("full_project"));
        put(&mut members, "paths", Some(&self.paths).filter(|paths| !paths.is_empty()).cloned());
        put(&mut members, "since", self.since.as_deref());
        put(&mut members, "report", self.report.as_deref());
        put(&mut members, "granularity", self.granularity.as_deref());
        put(&mut members, "dataset", self.dataset.as_deref());
        let parameters: Map<_, _> = self.param.iter().cloned().collect();
        put(&mut members, "parameters", Some(parameters).filter(|parameters| !parameters.is_empty()));
        put(&mut members, "limit", self.limit);
        let mut range = Map::new();
        put(&mut range, "start", self.from.as_deref());
        put(&mut range, "end", self.to.as_deref());
        put(&mut members, "dateRange", Some(range).filter(|range| !range.is_empty()));
        for (name, value) in members {
            if selector.insert(name.clone(), value).is_some() {
                return Err(wrong(format!("`{name}` is said twice: in --selector and by a flag")));
            }
        }
        Ok(selector)
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}

fn wrong(words: impl Into<String>) -> Failure {
    Failure::new(Exit::WrongUse, words)
}

/// Shells complete them.
fn kinds() -> impl TypedValueParser<Value = Kind> {
    let words = PossibleValuesParser::new(Kind::ALL.map(Kind::as_str));
    words.map(|word| Kind::parse(&word).expect("it is one of them"))
}

fn parameter(text: &str) -> Result<(String, Value), String> {
    let (name, value) = text.split_once('=').ok_or("write a parameter as NAME=VALUE")?;
    match name.strip_suffix(':') {
        None => Ok((name.to_owned(), value.into())),
        Some(name) => {
            let value = serde_json::from_str(value).map_err(|error| format!("{name} is no JSON: {error}"))?;
            Ok((name.to_owned(), value))
        }
    }
}

fn read_selector(told: &str) -> Result<Map<String, Value>, Failure> {
    let text = match told.strip_prefix('@') {
        None => told.to_owned(),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            text
        }
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| wrong(format!("{file} cannot be read: {error}")))?
        }
    };
    serde_json::from_str(&text).map_err(|error| {
        wrong(format!("--selector is no JSON object ({error}); as {}", json!({"limit": 100})))
    })
}

/// An instant as RFC 3339 has it, or `+2h` from `now`.
fn instant(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    if let Some(later) = text.strip_prefix('+') {
        let later = humantime::parse_duration(later);
        return later.map(|later| now.plus(later)).map_err(|error| wrong(format!("--at {text}: {error}")));
    }
    Timestamp::parse(text)
        .map_err(|_| wrong(format!("--at {text} is no instant: write 2026-11-22T03:00:00Z, or +2h from now")))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    #[command(disable_version_flag = true)]
    struct Line {
        #[command(flatten)]
        wanted: WantedArgs,
    }

    fn body(words: &[&str]) -> Result<Value, String> {
        let words = ["create"].iter().chain(words);
        let line = Line::try_parse_from(words).map_err(|error| error.to_string())?;
        line.wanted.body(Timestamp::from_millis(0)).map_err(|failure| failure.message)
    }

    #[test]
    fn flags_become_the_request_that_the_api_knows() {
        for (words, wanted) in [
            (
                "--project shop --version v2 --paths src/** docs/** --full --since v1 --format tar.gz --profile small",
                json!({"kind": "project", "format": "tar.gz", "options": {"profile": "small"}, "selector": {
                    "projectId": "shop", "versionId": "v2", "paths": ["src/**", "docs/**"],
                    "exportType": "full_project", "since": "v1"}}),
            ),
            (
                "--report revenue --granularity week --from 2026-01-01 --to 2026-03-31 --template board",
                json!({"kind": "analytics", "template": "board", "selector": {"report": "revenue",
                    "granularity": "week", "dateRange": {"start": "2026-01-01", "end": "2026-03-31"}}}),
            ),
            (
                "--dataset orders --param region=eu --param year:=2026 --compression zstd",
                json!({"kind": "custom", "options": {"compression": "zstd"}, "selector": {"dataset": "orders",
                    "parameters": {"region": "eu", "year": 2026}}}),
            ),
            (
                "--kind trace --limit 5 --retention 7d --priority -3 --at +2h",
                json!({"kind": "trace", "selector": {"limit": 5}, "retentionSeconds": 604_800, "priority": -3,
                    "runAt": "1970-01-01T02:00:00.000Z"}),
            ),
            (
                r#"--kind conversation --selector {"limit":3} --from 2026-01-01"#,
                json!({"kind": "conversation", "selector": {"limit": 3, "dateRange": {"start": "2026-01-01"}}}),
            ),
            ("--kind user_data", json!({"kind": "user_data"})),
        ] {
            let words: Vec<_> = words.split(' ').collect();
            assert_eq!(body(&words), Ok(wanted), "{words:?}");
        }
    }

    #[test]
    fn what_says_nothing_or_two_things_is_told_before_anybody_is_asked() {
        for (words, told) in [
            (&["--format", "zip"][..], "say what to export"),
            (
                &["--project", "a", "--report", "b"],
                "--report is of kind analytics, and --project of kind project",
            ),
            (&["--kind", "trace", "--dataset", "b"], "--dataset is of kind custom, and --kind of kind trace"),
            (&["--kind", "trace", "--limit", "1", "--selector", "{\"limit\":2}"], "`limit` is said twice"),
            (&["--kind", "trace", "--selector", "[]"], "no JSON object"),
            (&["--kind", "trace", "--selector", "@/nowhere"], "cannot be read"),
            (&["--kind", "trace", "--at", "tomorrow"], "no instant"),
            (&["--kind", "everything"], "possible values: project"),
            (&["--version", "v1"], "--project"),
            (&["--dataset", "d", "--param", "x"], "NAME=VALUE"),
            (&["--dataset", "d", "--param", "x:=,"], "no JSON"),
        ] {
            let failure = body(words).expect_err("faulty");
            assert!(failure.contains(told), "{words:?}: {failure}");
        }
    }
}
