//! What Prometheus scrapes.

use crate::support::house::House;

#[test]
fn metrics_are_on_the_operations_listener_only_and_tell_what_happened() {
    let house = House::open();
    house.project("bertha", "shop").file("a", "a").file(".env", "K=1");
    let export = house.user("bertha").request("shop");
    export.completed();
    export.download(&[]).expect(200);
    export.show();
    assert_eq!(house.metric(r#"exportd_exports{status="completed"}"#), 1.0, "counted when it is asked");
    house.sweep();
    assert_eq!(house.user("bertha").get("/metrics").expect(404).code(), "NOT_FOUND");
    assert_eq!(
        house.metric(r#"exportd_exports_total{format="zip",kind="project",outcome="completed"}"#),
        1.0
    );
    assert_eq!(house.metric(r#"exportd_downloads_total{mode="direct",outcome="complete"}"#), 1.0);
    assert!(house.metric(r#"exportd_download_bytes_total{mode="direct"}"#) > 0.0);
    assert!(house.metric("exportd_cleanup_last_success_timestamp_seconds") > 0.0);
    let page = String::from_utf8(house.ops().get("/metrics").expect(200).body).expect("text");
    assert!(page.contains("exportd_http_requests_total{") && page.contains(r#"route="/api/v1/exports/{id}"#));
    assert!(page.contains("process_resident_memory_bytes"));
    // Her name is in no word: ada is in `unreadable`.
    for secret in ["bertha", "shop", &export.id] {
        assert!(!page.contains(secret), "{secret} on /metrics");
    }
}

#[test]
fn health_and_readiness_are_on_both_listeners() {
    let house = House::open();
    for api in [house.user("ada").anonymous(), house.ops()] {
        api.get("/healthz").expect(200);
        let ready = api.get("/readyz").expect(200).json().to_string();
        assert!(ready.contains("database") && ready.contains("storage"), "{ready}");
    }
}
