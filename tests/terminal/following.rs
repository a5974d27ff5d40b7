//! `exportd export watch`, over events, broken events and none.

use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::{Terminal, ran};
use crate::support::api::{Api, ExportHandle, eventually};
use crate::support::house::House;
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

/// An export that begins in two minutes by the house's clock, and not before.
fn scheduled(house: &House, caller: &Api) -> ExportHandle {
    let later = house.clock().now().plus(Duration::from_secs(120)).to_string();
    let wanted = json!({"kind": "project", "selector": {"projectId": "shop"}, "runAt": later});
    caller.export(&caller.post("/api/v1/exports", &wanted).expect(202).text("/id"))
}

#[test]
fn a_cancelled_export_ends_the_watch_of_whoever_follows_it() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let caller = house.user("ada");
    let export = scheduled(&house, &caller);
    let ada = Terminal::of(&caller);
    let mut watching = ada.begin(&["export", "watch", &export.id]);
    watching.until("scheduled");
    ada.export(&["cancel", &export.id]).expect(0).tells(&export.id);
    watching.ended().expect(1).tells("status    cancelled");
}

#[test]
fn on_a_terminal_there_is_a_bar() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let caller = house.user("ada");
    let export = scheduled(&house, &caller);
    let proxy = Proxy::to(caller.address());
    let ada = Terminal::of(&caller).at(proxy.url(""));
    let line = format!("{} export watch {}", env!("CARGO_BIN_EXE_exportd"), export.id);
    // A terminal of its own; what is written to it comes out here.
    let mut script = Command::new("script");
    script.args(["-qec", &line, "/dev/null"]).env_clear().stdin(Stdio::null()).env("TERM", "xterm");
    script.envs(ada.command(&[]).get_envs().filter_map(|(name, value)| Some((name, value?))));
    let drawn = std::thread::spawn(move || ran(script));
    eventually("it listens", || {
        proxy.asked().iter().any(|asked| asked.path.ends_with("/events")).then_some(())
    });
    house.clock().advance(Duration::from_secs(121));
    let drawn = drawn.join().expect("it ends").expect(0);
    assert!(drawn.out.contains("queued") && drawn.out.contains("\u{1b}["), "{:?}", drawn.out);
    assert!(drawn.out.contains("number 1 in line") || drawn.out.contains(" 0 %"), "{:?}", drawn.out);
}

#[test]
fn who_stops_watching_stops_nothing_else() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let export = scheduled(&house, &house.user("ada"));
    let mut watching = Terminal::of(&export.api).begin(&["export", "watch", &export.id]);
    watching.until("scheduled");
    watching.signal(rustix::process::Signal::INT);
    watching.ended().expect(130).notes("the export goes on");
    assert_eq!(export.status(), "scheduled");
    house.clock().advance(Duration::from_secs(121));
    export.completed();
}

#[test]
fn who_does_not_want_to_follow_for_longer_lets_it_go_on() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let export = scheduled(&house, &house.user("ada"));
    let ada = Terminal::of(&export.api);
    let told = ada.export(&["watch", &export.id, "--give-up-after", "300ms"]).expect(1);
    told.notes("given up; the last that was told is: ").notes("the export goes on");
    assert_eq!(export.status(), "scheduled");
}

#[test]
fn what_was_before_is_not_told_after_what_is() {
    let house = House::open();
    let caller = house.user("ada");
    let id = UNKNOWN;
    let answer = |kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let export = |status: &str| {
        let export = json!({"id": id, "status": status, "progress": {"phase": "scanning", "percent": 0}});
        answer("application/json", &export.to_string())
    };
    let status =
        |id: u8, status: &str| format!("event: status\nid: {id}\ndata: {{\"status\":\"{status}\"}}\n\n");
    let events = [status(1, "queued"), status(2, "processing"), status(3, "completed")].concat();
    let (begun, ended) = (export("processing"), export("completed"));
    let proxy =
        Proxy::to(caller.address()).answering(&[&begun, &answer("text/event-stream", &events), &ended]);
    let told = Terminal::of(&caller).at(proxy.url("")).export(&["watch", id]).expect(0);
    assert_eq!(told.err, "scanning\ncompleted\n");
}

#[test]
fn a_broken_stream_is_taken_up_where_it_was_and_without_any_it_is_asked_instead() {
    let house = House::open();
    house.project("ada", "shop").sources(3);
    let caller = house.user("ada");
    let export = scheduled(&house, &caller);
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
