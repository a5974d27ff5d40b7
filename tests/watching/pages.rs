//! What is scraped: names and labels that rules, dashboards and people rely on.

use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};

use super::{files, text};
use crate::support::api::wanted;
use crate::support::house::House;

/// The names of ours in `text`, without the endings of histograms.
fn names(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == ':'));
    let ours = words.filter(|word| word.starts_with("exportd_"));
    ours.map(|word| {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|ending| word.strip_suffix(ending));
        base.unwrap_or(word).to_owned()
    })
    .collect()
}

fn page(house: &House) -> String {
    String::from_utf8(house.ops().get("/metrics").expect(200).body).expect("text")
}

/// Of each instrument, its name.
fn instruments(page: &str) -> BTreeSet<String> {
    let helped = page.lines().filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '));
    helped.map(|(name, _)| name.to_owned()).filter(|name| name.starts_with("exportd_")).collect()
}

#[test]
fn promtool_finds_nothing_in_what_is_scraped_and_everything_counted_begins_at_zero() {
    let house = House::open();
    house.user("ada").anonymous().get("/api/v1/exports").expect(401);
    house.sweep();
    let page = page(&house);
    let mut check = Command::new("promtool");
    check.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut check = check.spawn().expect("promtool is installed");
    check.stdin.take().expect("a pipe").write_all(page.as_bytes()).expect("it reads");
    let ended = check.wait_with_output().expect("it ends");
    let said = [ended.stdout, ended.stderr].concat();
    assert!(ended.status.success() && said.is_empty(), "{}", String::from_utf8_lossy(&said));

    for first in [
        r#"exportd_exports_total{format="zip",kind="project",outcome="failed"}"#,
        r#"exportd_job_rescues_total{reason="lease_lapsed"}"#,
        r#"exportd_downloads_total{mode="accel",outcome="lost"}"#,
        r#"exportd_excluded_entries_total{reason="unreadable"}"#,
        r#"exportd_link_refusals_total{reason="password_wrong"}"#,
        r#"exportd_rate_limited_total{policy="user_storage"}"#,
        "exportd_package_missing_total",
        "exportd_download_hand_backs_total",
        "exportd_cleanup_errors_total",
    ] {
        assert!(page.lines().any(|line| line == format!("{first} 0")), "{first} does not begin at zero");
    }
}

#[test]
fn nothing_is_asked_for_that_is_not_measured() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    export.download(&[]).expect(200);
    house.metric_is(r#"exportd_downloads_total{mode="direct",outcome="complete"}"#, 1.0);
    let measured = instruments(&page(&house));
    let asked = names(&text(&[files("rules", "yml"), files("panels", "toml")].concat()));
    let unknown: Vec<_> = asked.difference(&measured).collect();
    assert!(unknown.is_empty(), "no instrument is called {unknown:?}");
    let unseen: Vec<_> = measured.difference(&asked).collect();
    assert!(unseen.is_empty(), "on no dashboard and in no rule: {unseen:?}");
}

#[test]
fn a_server_tells_what_time_it_is_what_it_may_run_and_how_much_room_it_has() {
    let house = House::with(|settings| {
        settings.jobs.concurrency = 3;
        settings.storage.reserve = 4096;
    });
    let ahead = std::time::Duration::from_secs(3600);
    let before = house.metric("exportd_time_seconds");
    house.clock().advance(ahead);
    assert!(house.metric("exportd_time_seconds") >= before + 3600.0, "by its own clock");
    house.metric_is("exportd_job_slots", 3.0);
    assert_eq!(house.metric("exportd_storage_reserve_bytes"), 4096.0);
    let (free, total) =
        (house.metric("exportd_storage_free_bytes"), house.metric("exportd_storage_total_bytes"));
    assert!(0.0 < free && free < total, "{free} of {total}");
    for part in ["database", "storage", "engine", "house"] {
        assert_eq!(house.metric(&format!(r#"exportd_ready{{part="{part}"}}"#)), 1.0, "{part}");
    }
}

#[test]
fn an_export_that_is_cancelled_while_it_waits_has_come_to_its_end() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let mut later = wanted("shop");
    let hour = std::time::Duration::from_secs(3600);
    later["runAt"] = house.clock().now().plus(hour).to_string().into();
    let ada = house.user("ada");
    let asked = ada.post("/api/v1/exports", &later).expect(202);
    let export = ada.export(&asked.text("/id"));
    let cancelled = r#"exportd_exports_total{format="zip",kind="project",outcome="cancelled"}"#;
    assert_eq!(house.metric(cancelled), 0.0);
    export.api.act(&export.path("/cancel")).expect(202);
    assert_eq!(house.metric(cancelled), 1.0);
    export.api.act(&export.path("/cancel")).expect(409);
    assert_eq!(house.metric(cancelled), 1.0, "and only once");
}
