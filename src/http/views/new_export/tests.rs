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
        "kind": "project", "format": 7, "options": {"level": 9}, "retentionSeconds": 0, "priority": 11,
        "runAt": "tomorrow", "userId": "bob",
        "selector": {"projectId": "../x", "versionId": "", "exportType": "all", "paths": [""], "path": "/etc"},
    });
    assert_eq!(
        wanted(faulty.clone()).expect_err("faulty"),
        "/selector/projectId /selector/versionId /selector/exportType /selector/paths \
         /selector/path /format /options/level /retentionSeconds /priority /runAt /userId"
    );
    let mut faulty = faulty;
    faulty["kind"] = json!("everything");
    assert_eq!(
        wanted(faulty).expect_err("faulty"),
        "/kind /format /options/level /retentionSeconds /priority /runAt /userId",
        "of no kind there is no saying what a selector should be"
    );
}

#[test]
fn data_are_asked_for_with_the_selector_of_their_kind() {
    let of = |kind: &str, selector: Value| {
        wanted(json!({"kind": kind, "selector": selector})).map(|wanted| wanted.selection.to_json())
    };
    let ids = json!({"conversationIds": ["b", "a", "b"], "limit": 5});
    assert_eq!(
        of("conversation", ids),
        Ok(json!({"conversationIds": ["a", "b"], "dateRange": {}, "limit": 5})),
        "in order and each once"
    );
    let range = json!({"dateRange": {"start": "2026-02-28", "end": "2026-02-28"}});
    assert_eq!(
        of("user_data", range),
        Ok(json!({"dateRange": {"start": "2026-02-28T00:00:00.000Z", "end": "2026-03-01T00:00:00.000Z"}})),
        "a day is in the range as a whole"
    );
    let report = json!({"report": "usage", "dateRange": {"start": "2026-01-01T12:00:00+02:00"}});
    assert_eq!(
        of("analytics", report),
        Ok(
            json!({"report": "usage", "dateRange": {"start": "2026-01-01T10:00:00.000Z"}, "granularity": "day"})
        )
    );
    let custom = json!({"dataset": "orders", "parameters": {"country": "de"}});
    assert_eq!(of("custom", custom.clone()), Ok(custom));
    assert_eq!(
        of("bulk", json!({"kinds": ["user_data", "conversation"]})),
        Ok(json!({"dateRange": {}, "kinds": ["conversation", "user_data"]}))
    );
    for kind in ["user_data", "conversation", "trace", "bulk"] {
        assert!(wanted(json!({"kind": kind})).is_ok(), "{kind}: all there is");
    }
}

#[test]
fn every_fault_of_a_selector_is_found() {
    let of = |kind: &str, selector: Value| {
        wanted(json!({"kind": kind, "selector": selector})).expect_err("faulty")
    };
    let backwards = json!({"dateRange": {"start": "2026-03-01", "end": "2026-02-28"}, "limit": 0});
    assert_eq!(of("trace", backwards), "/selector/dateRange/end /selector/limit");
    let odd = json!({"dateRange": {"start": "yesterday", "until": "2026-13-01"}, "traceIds": [""]});
    assert_eq!(of("trace", odd), "/selector/traceIds/0 /selector/dateRange/start /selector/dateRange/until");
    assert_eq!(
        of("analytics", json!({"granularity": "minute"})),
        "/selector/report /selector/dateRange /selector/granularity"
    );
    let custom = json!({"dataset": "Robert'); DROP", "parameters": []});
    assert_eq!(of("custom", custom), "/selector/dataset /selector/parameters");
    assert_eq!(of("bulk", json!({"kinds": ["trace", "project"]})), "/selector/kinds/1");
    assert_eq!(of("bulk", json!({"kinds": []})), "/selector/kinds", "nothing is not everything");
    assert!(wanted(json!({"kind": "analytics"})).is_err_and(|faults| faults == "/selector"));
    assert!(wanted(json!({"kind": "horoscope"})).is_err_and(|faults| faults == "/kind"));
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
}
