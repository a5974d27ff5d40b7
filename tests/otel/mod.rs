//! Traces, as a collector gets them.

mod collector;

use serde_json::{Value, json};

use crate::support::api::{eventually, wanted};
use crate::support::process::Site;
use collector::Collector;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";
/// Of OpenTelemetry's span kinds.
const SERVER: i64 = 2;
const CONSUMER: i64 = 5;
/// Of its status codes.
const ERROR: i64 = 2;

fn traceparent(flags: &str) -> String {
    format!("00-{TRACE}-{CALLER}-{flags}")
}

/// A site whose traces go to `collector`.
fn site(collector: &Collector, more: &[(&str, &str)]) -> Site {
    let endpoint = collector.endpoint();
    let settings = [&[("OTEL__ENDPOINT", endpoint.as_str())][..], more].concat();
    let site = Site::new(&settings);
    site.project("ada", "shop").file("a-file-with-a-name.txt", "1");
    site
}

#[test]
fn a_request_its_job_and_its_download_can_be_followed_from_the_caller_on() {
    let collector = Collector::start();
    let site = site(&collector, &[("OTEL__HEADER", "Authorization: Bearer of the collector")]);
    let server = site.serve();
    let ada = server.user("ada");
    let asked = ada.post_with("/api/v1/exports", &wanted("shop"), &[("traceparent", &traceparent("01"))]);
    let export = ada.export(&asked.expect(202).text("/id"));
    let size = export.completed()["fileSize"].clone();
    ada.get(&export.path("/download")).expect(200);
    server.terminate();
    assert!(server.gone().success(), "what was not sent yet is sent before the end");

    let request = collector.span("POST /api/v1/exports");
    assert_eq!((&request["trace"], &request["parent"]), (&json!(TRACE), &json!(CALLER)));
    assert_eq!((&request["kind"], &request["status"]), (&json!(SERVER), &json!(0)));
    assert_eq!(request["attributes"]["http.route"], "/api/v1/exports");
    assert_eq!(request["attributes"]["http.response.status_code"], 202);
    assert_eq!(request["service"]["service.name"], "exportd");
    assert_eq!(request["authorization"], "Bearer of the collector");

    let job = collector.span("export");
    assert_eq!((&job["trace"], &job["parent"]), (&json!(TRACE), &request["id"]));
    assert_eq!((&job["kind"], &job["status"]), (&json!(CONSUMER), &json!(0)));
    assert_eq!(job["attributes"]["export.id"], export.id);
    assert_eq!(job["attributes"]["exportd.outcome"], "completed");
    let phase = collector.span("compressing");
    assert_eq!((&phase["trace"], &phase["parent"]), (&json!(TRACE), &job["id"]));

    let download = collector.span("GET /api/v1/exports/{id}/download");
    assert_ne!(download["trace"], json!(TRACE), "nobody said what it belongs to");
    assert_eq!(download["attributes"]["exportd.download.bytes"], size);
    assert_eq!(download["attributes"]["exportd.download.outcome"], "complete");

    let told = collector.everything();
    for unsaid in [ada.token(), "a-file-with-a-name", &site.path().display().to_string(), "127.0.0.1"] {
        assert!(!told.contains(unsaid), "{unsaid}");
    }
    let logged: Vec<Value> = site.log().lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let completed = logged.iter().find(|line| line["event"] == "export.job.completed").expect("an event");
    assert!(completed.to_string().contains(TRACE), "the log tells which trace: {completed}");
}

#[test]
fn a_job_that_fails_is_an_error_with_its_code() {
    let collector = Collector::start();
    let site = site(&collector, &[("LIMITS__MAX_FILES", "1")]);
    site.project("ada", "many").file("a", "").file("b", "");
    let server = site.serve();
    let ada = server.user("ada");
    let failed = ada.request("many").ended();
    server.terminate();
    assert!(server.gone().success());
    let job = collector.span("export");
    assert_eq!((&job["status"], &job["attributes"]["error.type"]), (&json!(ERROR), &failed["error"]["code"]));
}

#[test]
fn a_caller_decides_about_its_own_traces_and_the_share_about_others() {
    let collector = Collector::start();
    let site = site(&collector, &[("OTEL__ONE_IN", "1000000000")]);
    let server = site.serve();
    let ada = server.user("ada");
    ada.get("/api/v1/exports").expect(200);
    ada.get_with("/api/v1/exports", &[("traceparent", &traceparent("00"))]).expect(200);
    ada.get_with("/api/v1/stats", &[("traceparent", &traceparent("01"))]).expect(200);
    server.terminate();
    assert!(server.gone().success());
    let names: Vec<_> = collector.spans().into_iter().map(|span| span["name"].clone()).collect();
    assert_eq!(names, ["GET /api/v1/stats"]);
}

#[test]
fn a_collector_that_is_away_delays_nothing_and_is_told_once_until_it_is_back() {
    let endpoint;
    let mut site = {
        let collector = Collector::start();
        endpoint = collector.endpoint();
        site(&collector, &[])
    };
    // How often batches are sent, in milliseconds (OpenTelemetry's own variable).
    site.environment(&[("OTEL_BSP_SCHEDULE_DELAY", "10")]);
    let server = site.serve();
    let ada = server.user("ada");
    ada.request("shop").completed();
    let told = |what: &str| site.log().matches(what).count();
    eventually("a warning", || (told("takes no traces") == 1).then_some(()));
    for _ in 0..20 {
        ada.get("/api/v1/exports").expect(200);
    }
    let port = endpoint.rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let collector = Collector::start_at(port);
    eventually("traces again", || {
        ada.get("/api/v1/stats").expect(200);
        (told("takes traces again") == 1).then_some(())
    });
    assert_eq!(told("takes no traces"), 1, "{}", site.log());
    assert!(!collector.spans().is_empty());
    server.terminate();
    assert!(server.gone().success());
}
