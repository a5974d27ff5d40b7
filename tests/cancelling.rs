//! Cancelling: anywhere, at once, and nothing is left.

use std::time::Duration;

use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::project::slow_text;

/// A house whose one slot is taken by a project that takes long, and that export.
fn busy() -> (House, crate::support::api::ExportHandle) {
    let house = House::with(|settings| {
        settings.jobs.concurrency = 1;
        settings.packing.threads = 1;
        settings.packing.level = 9;
        settings.limits.max_package = 4 << 30;
    });
    let words = slow_text(90);
    let mut project = house.project("ada", "large");
    for i in 0..4 {
        project = project.file(&format!("{i}.txt"), &words);
    }
    let export = house.user("ada").request("large");
    export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    (house, export)
}

#[test]
fn a_running_export_stops_within_a_second_and_leaves_nothing() {
    let (house, export) = busy();
    let answer = export.api.act(&export.path("/cancel")).expect(202);
    assert!(["cancelling", "cancelled"].contains(&answer.text("/status").as_str()));
    let asked = std::time::Instant::now();
    assert_eq!(export.ended()["status"], "cancelled");
    println!("stopped after {:?}", asked.elapsed());
    eventually("its part is gone", || house.stored_files().is_empty().then_some(()));
    assert_eq!(export.api.act(&export.path("/cancel")).expect(409).code(), "NOT_CANCELLABLE");
}

#[test]
fn a_queued_export_is_cancelled_at_once_and_tells_its_place_before() {
    let (house, running) = busy();
    house.project("bob", "shop").file("a", "a");
    let waiting = house.user("bob").request("shop");
    let object = waiting.show();
    assert_eq!((object["status"].as_str(), object["position"].as_u64()), (Some("queued"), Some(1)));
    let answer = waiting.api.act(&waiting.path("/cancel")).expect(202);
    assert_eq!(answer.text("/status"), "cancelled");
    running.api.act(&running.path("/cancel")).expect(202);
    running.ended();
    assert_eq!(waiting.show()["attempt"], 0);
}

#[test]
fn only_its_owner_or_an_admin_cancels() {
    let (house, export) = busy();
    let eve = house.user("eve").export(&export.id);
    assert_eq!(eve.api.act(&eve.path("/cancel")).expect(403).code(), "FORBIDDEN");
    assert_eq!(export.api.delete(&export.path("")).expect(409).code(), "CONFLICT");
    let admin = house.admin();
    admin.act(&export.path("/cancel")).expect(202);
    assert_eq!(export.ended()["status"], "cancelled");
}

#[test]
fn an_attempt_that_takes_too_long_is_failed_as_that() {
    let house = House::with(|settings| {
        settings.jobs.deadline = Duration::from_millis(300);
        settings.packing.threads = 1;
        settings.packing.level = 9;
    });
    let words = slow_text(60);
    house.project("ada", "large").file("a", &words).file("b", &words).file("c", &words).file("d", &words);
    let export = house.user("ada").request("large").ended();
    assert_eq!(
        (export["status"].as_str(), export["error"]["code"].as_str()),
        (Some("failed"), Some("DEADLINE_EXCEEDED"))
    );
    assert!(house.stored_files().is_empty());
}
