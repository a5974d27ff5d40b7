//! What can be asked for, and every fault of what cannot.

use serde_json::json;

use super::*;

fn wanted(body: Value) -> Result<Wanted, String> {
    let new = fields::read::<NewExport>(body).map_err(|faults| {
        let pointers: Vec<_> = faults.into_iter().map(|fault| fault.pointer).collect();
        pointers.join(" ")
    })?;
    Wanted::try_from(new).map_err(|fault| fault.to_string())
}

#[test]
fn the_least_that_can_be_asked_for_is_a_project() {
    let least = wanted(json!({"kind": "project", "selector": {"projectId": "shop"}})).expect("enough");
    let selector = least.selection.of_project().expect("a project's");
    assert_eq!((selector.project_id.as_str(), selector.export_type), ("shop", ExportType::SourceCode));
    assert_eq!((least.format, least.retention, least.priority, least.run_at), (None, None, 0, None));
}

#[test]
fn everything_can_be_said() {
    let most = wanted(json!({
        "kind": "project", "format": "zip", "options": {"profile": "small"}, "retentionSeconds": 60,
        "priority": -3,
        "runAt": "2026-11-20T00:00:00Z",
        "selector": {"projectId": "shop", "versionId": "v1.2", "exportType": "full_project", "paths": ["src/**"],
            "since": "feature.1"},
    }))
    .expect("all of it known");
    let selector = most.selection.of_project().expect("a project's");
    assert_eq!(
        (selector.export_type, selector.paths.as_slice()),
        (ExportType::FullProject, &["src/**".into()][..])
    );
    assert_eq!((most.retention, most.priority), (Some(Duration::from_secs(60)), -3));
    assert_eq!(most.options.profile, Some(Profile::Small));
    assert_eq!(selector.since.as_ref().map(VersionId::as_str), Some("feature.1"));
}

#[test]
fn every_fault_of_a_request_is_found() {
    let faulty = json!({
        "kind": "everything", "format": 7, "options": {"level": 9}, "retentionSeconds": 0, "priority": 11,
        "runAt": "tomorrow", "userId": "bob",
        "selector": {"projectId": "../x", "versionId": "", "exportType": "all", "paths": [""], "path": "/etc"},
    });
    assert_eq!(
        wanted(faulty).expect_err("faulty"),
        "/kind /selector/projectId /selector/versionId /selector/exportType /selector/paths \
         /selector/path /format /options/level /retentionSeconds /priority /runAt /userId"
    );
}

#[test]
fn a_kind_that_is_not_made_is_told_with_those_that_are() {
    let of = |kind: &str| {
        wanted(json!({"kind": kind, "selector": {"dateRange": {}}, "format": "csv"})).map(|_| ())
    };
    for kind in KINDS_TO_COME {
        assert_eq!(of(kind), Err(format!("this server exports no {kind} yet; it exports project")));
    }
    assert!(of("horoscope").is_err_and(|faults| faults.contains("/kind")));
}

#[test]
fn a_format_that_is_not_made_is_told_with_those_that_are() {
    let of = |format: &str| {
        wanted(json!({"kind": "project", "selector": {"projectId": "shop"}, "format": format})).map(|_| ())
    };
    for made in ["zip", "tar.gz", "tar.zst"] {
        assert_eq!(of(made), Ok(()));
    }
    assert_eq!(of("rar"), Err("project exports come as zip, tar.gz, tar.zst, not as rar".into()));
    assert_eq!(of("csv"), Err("project exports come as zip, tar.gz, tar.zst, not as csv".into()));
}
