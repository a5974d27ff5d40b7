//! Every query of every dashboard, asked of a real Prometheus that watches a real house at work.

use std::process::Command;

use serde_json::Value;

use super::boards::queries;
use super::load::Busy;
use super::prometheus::{Prometheus, nginx_exporter};
use super::{dashboards, said};
use crate::support::api::eventually;

/// `expr` as Grafana asks it, for a dashboard that shows a minute of all servers.
fn filled(expr: &str) -> String {
    let values = [
        ("$__rate_interval", "15s"),
        ("$__range", "1m"),
        ("$instance", ".*"),
        ("$nginx", ".*"),
        ("$kind", ".*"),
        ("$format", ".*"),
    ];
    let filled = values.iter().fold(expr.to_owned(), |expr, (name, value)| expr.replace(name, value));
    assert!(!filled.replace("${1}", "").contains('$'), "a variable that is none: {filled}");
    filled
}

/// Whether a query found a number: no series is nothing, and NaN is no number.
fn has_number(found: &Value) -> bool {
    let series = found["result"].as_array().expect("a list");
    series.iter().any(|one| one["value"][1].as_str().is_some_and(|value| value != "NaN"))
}

#[test]
fn every_panel_shows_something_while_a_house_is_at_work() {
    let mut busy = Busy::open();
    let exporter = nginx_exporter(busy.status);
    let prometheus = Prometheus::of(busy.ops(), exporter.address);
    prometheus.sees(r#"sum(up)"#, 3.0);
    for round in 1..=3 {
        busy.round();
        // Seen between the rounds, so that each is a rise.
        prometheus.sees(r#"sum(exportd_exports_total{outcome="failed"})"#, f64::from(round));
        prometheus.sees(r#"sum(exportd_downloads_total{mode="accel", outcome="broken"}) > bool 0"#, 1.0);
    }
    let mut empty = queries();
    eventually("every query has an answer", || {
        empty.retain(|query| {
            !has_number(&prometheus.asks("/api/v1/query", &[("query", &filled(&query.expr))]))
        });
        if !empty.is_empty() {
            busy.round();
            let panels: Vec<_> = empty.iter().map(|query| &query.panel).collect();
            println!("nothing yet in {panels:?}");
        }
        empty.is_empty().then_some(())
    });

    assert!(prometheus.values(r#"sum(exportd_exports_total{outcome="cancelled"})"#)[0] >= 3.0);
    assert!(prometheus.values(r#"sum(nginx_http_requests_total{job="nginx"})"#)[0] > 10.0);
    for mode in ["direct", "accel"] {
        let sent = prometheus.values(&format!(r#"exportd_download_bytes_total{{mode="{mode}"}}"#));
        assert!(sent[0] > 18_000_000.0, "{mode}: {sent:?}");
    }
    rules_are_well(&prometheus);
    variables_have_values(&prometheus);
    pictures_are_drawn(&prometheus);
}

/// Every rule has been asked, without an error, and what is recorded is there.
fn rules_are_well(prometheus: &Prometheus) {
    let told = prometheus.asks("/api/v1/rules", &[]);
    let groups = told["groups"].as_array().expect("groups");
    let rules: Vec<_> = groups.iter().flat_map(|group| group["rules"].as_array().expect("rules")).collect();
    assert!(rules.len() > 40, "{} rules", rules.len());
    for rule in rules {
        assert_eq!(rule["health"], "ok", "{rule}");
        if rule["type"] == "recording" {
            let name = rule["name"].as_str().expect("a name");
            assert!(!prometheus.values(name).is_empty(), "{name} records nothing");
        } else {
            assert_ne!((&rule["name"], &rule["state"]), (&"ExportdDown".into(), &"firing".into()));
        }
    }
}

/// What the variables of the dashboards may be chosen from.
fn variables_have_values(prometheus: &Prometheus) {
    for (label, of, one) in [
        ("instance", "exportd_build_info", "127.0.0.1"),
        ("kind", "exportd_exports_total", "conversation"),
        ("format", r#"exportd_exports_total{kind=~".*"}"#, "tar.zst"),
        ("instance", "nginx_up", "127.0.0.1"),
    ] {
        let values = prometheus.asks(&format!("/api/v1/label/{label}/values"), &[("match[]", of)]);
        assert!(values.to_string().contains(one), "{label} of {of}: {values}");
    }
}

/// What `docs/monitoring.md` shows can be drawn of any Prometheus.
fn pictures_are_drawn(prometheus: &Prometheus) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut draw = Command::new("python3");
    draw.arg(dashboards("pictures.py")).args(["--prometheus", &prometheus.url(), "--minutes", "1"]);
    draw.args(["--step", "1", "--out"]).arg(folder.path());
    said(&mut draw);
    for board in ["overview", "downloads", "jobs", "storage", "nginx"] {
        let picture = folder.path().join(format!("{board}.svg"));
        said(Command::new("xmllint").arg("--noout").arg(&picture));
        let picture = std::fs::read_to_string(picture).expect("a picture");
        assert!(picture.contains("<polyline") && !picture.contains("no data"), "{board}");
    }
}
