//! Alerts: each fires, each ends, each says what to do.

use std::collections::BTreeSet;
use std::process::Command;

use super::{dashboards, files, said, text};

/// What stands behind `word` at the beginnings of lines, list dashes aside.
fn told<'a>(yaml: &'a str, word: &str) -> Vec<&'a str> {
    let lines = yaml.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(word)).map(str::trim).collect()
}

/// Each alert with what its rule says.
fn alerts(rules: &str) -> Vec<(&str, &str)> {
    let rules = rules.split("- alert: ").skip(1);
    rules.map(|rule| rule.split_once('\n').expect("a rule has more than its name")).collect()
}

#[test]
fn prometheus_takes_the_rules_and_its_configuration() {
    said(
        Command::new("promtool")
            .args(["check", "rules", "--lint=all", "--lint-fatal"])
            .args(files("rules", "yml")),
    );
    said(Command::new("promtool").args(["check", "config"]).arg(dashboards("prometheus.yml")));
}

#[test]
fn every_alert_is_seen_to_be_quiet_to_fire_and_to_end() {
    said(Command::new("promtool").args(["test", "rules"]).args(files("tests", "yml")));
    let tests = text(&files("tests", "yml"));
    for (alert, _) in alerts(&text(&files("rules", "yml"))) {
        let fires = format!("- alertname: {alert}\n");
        let is_quiet = format!("- {{ alertname: {alert}, eval_time: ");
        let times: Vec<_> = tests.match_indices(&is_quiet).map(|(place, _)| place).collect();
        let fired = tests.find(&fires).unwrap_or_else(|| panic!("{alert} is never seen to fire"));
        assert!(times.iter().any(|time| *time < fired), "{alert} is not seen to wait");
        assert!(times.iter().any(|time| *time > fired), "{alert} is not seen to end");
    }
}

#[test]
fn every_alert_says_how_bad_it_is_what_it_is_why_it_waits_and_what_to_do() {
    let (rules, runbooks) = (text(&files("rules", "yml")), runbooks());
    let mut names = BTreeSet::new();
    for (alert, rule) in alerts(&rules) {
        assert!(alert.starts_with("Exportd") && names.insert(alert), "{alert}");
        let severity = told(rule, "labels: { severity: ");
        assert!(["critical }", "warning }", "info }"].contains(&severity[0]), "{alert}: {severity:?}");
        for word in ["expr:", "for:", "summary:", "description:"] {
            assert!(!told(rule, word).is_empty(), "{alert} has no {word}");
        }
        let before = rule.split("\n        for:").next().expect("a part");
        assert!(
            before.contains("        # ") || alert == "ExportdFailuresSlow",
            "{alert}: why does it wait so long?"
        );
        let anchor = alert.to_lowercase();
        assert_eq!(told(rule, "runbook_url:"), [format!("docs/runbooks.md#{anchor}")], "{alert}");
        assert!(runbooks.contains(&alert.to_owned()), "{alert} has no page in docs/runbooks.md");
    }
    let pages: BTreeSet<_> = runbooks.iter().map(String::as_str).collect();
    assert_eq!(pages, names, "a page for what is no alert");
}

/// The alerts that `docs/runbooks.md` tells of, each with its three answers.
fn runbooks() -> Vec<String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/runbooks.md");
    let page = std::fs::read_to_string(path).expect("docs/runbooks.md");
    let mut names = Vec::new();
    for part in page.split("\n### ").skip(1) {
        let (name, rest) = part.split_once('\n').expect("a page has more than its name");
        for answer in ["**What it means.**", "**Look at.**", "**Do.**"] {
            assert!(rest.contains(answer), "{name} lacks {answer}");
        }
        names.push(name.to_owned());
    }
    names
}
