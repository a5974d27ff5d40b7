//! `exportd export watch`, over events, broken events and none.

use std::time::Duration;

use serde_json::json;

use super::Terminal;
use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::project::slow_text;
use crate::support::proxy::Proxy;

const UNKNOWN: &str = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";

#[test]
fn the_exit_code_tells_how_an_export_ended() {
    let house = House::with(|settings| settings.limits.max_package = 1 << 20);
    house.project("ada", "shop").sources(3);
    house.project("ada", "large").noise("noise.bin", 3 << 20);
    let caller = house.user("ada");
    let ada = Terminal::of(&caller);

    let small = caller.request("shop");
    ada.export(&["watch", &small.id]).expect(0).tells("sha256");
    let large = caller.request("large");
    ada.export(&["watch", &large.id]).expect(1).tells("PACKAGE_TOO_LARGE");
    ada.export(&["watch", &large.id, "--json"]).expect(1);
    ada.export(&["watch", UNKNOWN]).expect(3);
    Terminal::of(&house.user("bob")).export(&["watch", &small.id]).expect(4);
    ada.export(&["cancel", &small.id]).expect(1).notes(&small.id);
    ada.export(&["delete", &small.id]).expect(0).tells("deleted");
    ada.export(&["watch", &small.id]).expect(3).tells("expired");
    let again = ada.export(&["retry", &small.id, "--wait", "--json"]).expect(0).json();
    assert!(again["id"] != small.id.as_str() && again["status"] == "completed", "{again}");
}

#[test]
fn a_cancelled_export_ends_the_watch_of_whoever_follows_it() {
    let house = House::open();
    house.project("ada", "slow").file("slow.txt", slow_text(300));
    let caller = house.user("ada");
    let export = caller.request("slow");
    let ada = Terminal::of(&caller);
    std::thread::scope(|threads| {
        let watching = threads.spawn(|| ada.export(&["watch", &export.id]));
        export.until("it runs", |export| export["status"] == "processing");
        ada.export(&["cancel", &export.id, "-q"]).expect(0);
        watching.join().expect("it ends").expect(1).tells("cancelled");
    });
}

#[test]
fn a_broken_stream_is_taken_up_where_it_was_and_without_any_it_is_asked_instead() {
    let house = House::open();
    house.project("ada", "shop").sources(3);
    let caller = house.user("ada");
    let later = house.clock().now().plus(Duration::from_secs(120)).to_string();
    let wanted = json!({"kind": "project", "selector": {"projectId": "shop"}, "runAt": later});
    let export = caller.export(&caller.post("/api/v1/exports", &wanted).expect(202).text("/id"));
    let events = export.path("/events");

    let (breaking, without) = (Proxy::to(caller.address()), Proxy::to(caller.address()));
    without.lead(&events, "/healthz");
    let watch =
        |proxy: &Proxy| Terminal::of(&caller).at(proxy.url("")).begin(&["export", "watch", &export.id]);
    let (mut watching, mut asking) = (watch(&breaking), watch(&without));
    let streams = || breaking.asked().into_iter().filter(|asked| asked.path == events).collect::<Vec<_>>();
    watching.until("scheduled");
    breaking.hang_up();
    eventually("it listens again", || (streams().len() > 1).then_some(()));
    asking.until("asking every few seconds instead");
    house.clock().advance(Duration::from_secs(121));
    watching.ended().expect(0).tells("completed");
    asking.ended().expect(0).tells("completed");
    let ids: Vec<_> = streams().iter().map(|asked| asked.header("last-event-id").to_owned()).collect();
    assert!(ids[0].is_empty() && !ids[1].is_empty(), "the second goes on where the first broke: {ids:?}");
    assert_eq!(without.asked().iter().filter(|asked| asked.path == events).count(), 1, "it was tried once");
}

#[test]
fn who_stops_watching_stops_nothing_else() {
    let house = House::open();
    house.project("ada", "slow").file("slow.txt", slow_text(100));
    let export = house.user("ada").request("slow");
    let mut watching = Terminal::of(&export.api).begin(&["export", "watch", &export.id]);
    watching.until("queued");
    watching.signal(rustix::process::Signal::INT);
    // On a fast machine the export may have ended before the signal came.
    let ran = watching.ended();
    assert!(ran.code == 0 || (ran.code == 130 && ran.err.contains("the export goes on")), "{}", ran.err);
    export.completed();
}
