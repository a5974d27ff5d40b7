//! Dashboards: current, of Grafana's own schema, and readable by somebody who did not make them.

use std::process::Command;

use serde_json::Value;

use super::{dashboards, files, said};
use crate::formats::tools::python;

/// One query of one panel.
#[derive(Debug, Clone)]
pub struct Query {
    /// Dashboard and panel.
    pub panel: String,
    /// As it is written, with its variables.
    pub expr: String,
}

/// The panels of all dashboards, with the name of each dashboard.
fn panels() -> Vec<(String, Value)> {
    let mut panels = Vec::new();
    for file in files("grafana", "json") {
        let board: Value =
            serde_json::from_str(&std::fs::read_to_string(&file).expect("a file")).expect("JSON");
        let title = board["title"].as_str().expect("a title").to_owned();
        let all = board["panels"].as_array().expect("panels").clone();
        panels.extend(
            all.into_iter().filter(|panel| panel["type"] != "row").map(|panel| (title.clone(), panel)),
        );
    }
    panels
}

/// Every query of every panel.
pub fn queries() -> Vec<Query> {
    let of_panel = |(board, panel): (String, Value)| {
        let panel_title = format!("{board} / {}", panel["title"].as_str().expect("a title"));
        let targets = panel["targets"].as_array().expect("targets").clone();
        targets.into_iter().map(move |target| Query {
            panel: panel_title.clone(),
            expr: target["expr"].as_str().expect("a query").to_owned(),
        })
    };
    panels().into_iter().flat_map(of_panel).collect()
}

#[test]
fn the_dashboards_are_what_their_panels_make() {
    said(Command::new("python3").arg(dashboards("make.py")).arg("--check"));
}

#[test]
fn grafana_s_own_schema_knows_every_member_and_takes_every_value() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/watching/schema.py");
    let said = said(Command::new(python()).arg(schema).args(files("grafana", "json")));
    assert_eq!(said.trim(), "");
}

#[test]
fn every_panel_says_what_it_shows_in_which_unit_and_whose_each_line_is() {
    for (board, panel) in panels() {
        let name = format!("{board} / {}", panel["title"]);
        let description = panel["description"].as_str().expect("a description");
        assert!(description.len() > 30 && description.ends_with('.'), "{name}: {description}");
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{name} has no unit");
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{name}");
        for target in panel["targets"].as_array().expect("targets") {
            assert!(!target["legendFormat"].as_str().expect("a legend").is_empty(), "{name}");
            let expr = target["expr"].as_str().expect("a query");
            let is_chosen = expr.contains("$instance") || expr.contains("$nginx") || expr.contains("ALERTS");
            assert!(is_chosen, "{name} shows all servers, whichever are chosen: {expr}");
        }
    }
}

#[test]
fn what_a_panel_says_of_an_alert_is_true() {
    let rules = super::text(&files("rules", "yml"));
    for (board, panel) in panels() {
        let description = panel["description"].as_str().expect("a description");
        let words = description.split(|c: char| !c.is_ascii_alphanumeric());
        for alert in words.filter(|word| word.starts_with("Exportd")) {
            assert!(rules.contains(&format!("- alert: {alert}\n")), "{board}: there is no {alert}");
        }
    }
}
