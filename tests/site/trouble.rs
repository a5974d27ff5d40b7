//! What goes wrong while somebody looks: sessions end, lines break, names are hostile.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use serde_json::json;

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::project::slow_text;
use crate::support::raw;

use super::{browser, house_with_a_shop, shown_export, sign_in, signed_in};

/// A house whose one slot is taken, and the export that takes it.
fn busy() -> (House, ExportHandle) {
    let house = House::with(|settings| {
        settings.jobs.concurrency = 1;
        settings.packing.threads = 1;
        settings.packing.level = 9;
        settings.limits.max_package = 4 << 30;
    });
    let words = slow_text(60);
    let mut project = house.project("bob", "large");
    for i in 0..4 {
        project = project.file(&format!("{i}.txt"), &words);
    }
    house.project("ada", "shop").file("a", "a");
    let export = house.user("bob").request("large");
    export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    (house, export)
}

#[test]
fn a_session_that_ended_is_told_and_nothing_that_was_chosen_is_lost() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/new?project=shop");
    tab.fill("Keep it for", "3600");
    tab.until("what it comes to", "document.querySelector('.estimate dl')");
    house.clock().advance(Duration::from_secs(3 * 3600));
    tab.press("Make the export");
    tab.reads("Your session has ended");
    tab.fill("Token", "not a token");
    tab.press("Sign in");
    tab.reads("This token does not sign you in");
    sign_in(&tab, &ada);
    let export = ada.export(&shown_export(&tab)).completed();
    let days = [&export["completedAt"], &export["expiresAt"]]
        .map(|at| at.as_str().expect("a time")[..13].to_owned());
    assert_ne!(days[0], days[1]);
    assert_eq!(days[0][..10], days[1][..10], "kept for an hour, as was chosen before: {export}");
}

#[test]
fn a_second_tab_goes_along_when_the_first_signs_out_and_in_again() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let first = signed_in(&browser, &ada, "/");
    let second = browser.tab(&ada.url("/#/new?project=shop"));
    second.until("what it comes to", "document.querySelector('.estimate dl')");
    first.press("Sign out");
    second.reads("You have signed out in another tab.");
    sign_in(&first, &ada);
    // The other tab has the new session and its token, too.
    second.until("what it comes to", "document.querySelector('.estimate dl')");
    second.press("Make the export");
    ada.export(&shown_export(&second)).completed();
}

#[test]
fn a_line_that_breaks_in_mid_watch_is_told_and_watching_goes_on() {
    let (house, large) = busy();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let export = ada.request("shop");
    let tab = signed_in(&browser, &ada, &format!("/#/exports/{}", export.id));
    tab.reads("next in line");
    tab.cut_off(true);
    tab.reads("The connection is lost");
    large.api.act(&large.path("/cancel")).expect(202);
    export.completed();
    assert!(tab.text().contains("next in line"), "what was known stays");
    tab.cut_off(false);
    tab.reads("The connection is back.");
    tab.reads("Ready");
    large.ended();
}

#[test]
fn hostile_names_are_shown_and_never_run() {
    const EVIL: &str = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=1<";
    let house = House::open();
    let shop = house
        .project("ada", "shop")
        .file(&format!("{EVIL}/a&quot;'`${{1}}.txt"), "a")
        .file("\u{202e}gpj.exe", "b");
    let ada = house.user("ada");
    let source = json!({"type": "directory", "path": shop.path});
    let admin = house.admin();
    let registered = admin.send(
        ureq::http::Method::PUT,
        "/api/v1/projects/shop",
        &[("content-type", "application/json"), ("x-on-behalf-of", "ada")],
        Some(json!({"name": EVIL, "source": source}).to_string().into_bytes()),
    );
    registered.expect_one_of(&[200, 201]);
    let export = ada.request("shop");
    export.completed();
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, &format!("/#/exports/{}", export.id));
    tab.reads(&format!("{EVIL}/a&quot;'`${{1}}.txt"));
    tab.reads("\\u{202e}gpj.exe");
    for (place, seen) in [
        ("#/new", "What it comes to"),
        ("#/exports?q=%3Cimg%20src%3Dx%3E&projectId=%3Cb%3E", "Exports"),
        ("#/<img src=x onerror=window.hacked=1>", "This cannot be shown"),
    ] {
        tab.run(&format!("location.hash = {}", json!(place)));
        tab.reads(seen);
    }
    assert_eq!(tab.run("window.hacked ?? null"), json!(null));
    assert_eq!(tab.run("document.querySelectorAll('img:not([src^=\"/assets/\"])').length"), 0);
}

#[test]
fn clients_that_ask_for_events_and_never_read_hold_up_nobody() {
    let (house, large) = busy();
    let ada = house.user("bob");
    let deaf: Vec<_> = (0..50)
        .map(|_| {
            let mut socket = raw::connect(ada.address());
            let (path, token) = (large.path("/events"), ada.token());
            write!(socket, "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n")
                .expect("sent");
            socket
        })
        .collect();
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, &format!("/#/exports/{}", large.id));
    tab.until("it goes on", "/[1-9]\\d? %/.test(document.querySelector('.progress')?.innerText)");
    tab.press("Cancel");
    tab.reads("Cancelled");
    large.ended();
    // They are still there when the house closes, in good order.
    drop(tab);
    drop(house);
    drop(deaf);
}
