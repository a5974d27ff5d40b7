//! What others may have, and what they may not.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::support::house::House;
use crate::support::sha256;

use super::{browser, fetched, house_with_a_shop, sign_in, signed_in};

#[test]
fn whoever_has_a_link_downloads_and_whoever_has_none_is_refused() {
    let house = house_with_a_shop();
    let (ada, eve) = (house.user("ada"), house.user("eve"));
    let export = ada.request("shop");
    let object = export.completed();
    let downloads = tempfile::tempdir().expect("a folder");
    let browser = browser(downloads.path());
    let place = format!("/#/exports/{}", export.id);
    let tab = signed_in(&browser, &ada, &place);
    tab.press("Share it");
    tab.fill("Downloads at most", "1");
    tab.press("Make a link");
    tab.reads("Keep this address");
    let link = tab.run("document.querySelector('code[aria-label=Link]').textContent");
    let link = link.as_str().expect("an address");

    // Somebody else, in a profile of their own: by the link, and by the page.
    let stranger = browser.stranger(&ada.url("/"));
    browser.downloads_of(&stranger, downloads.path());
    stranger.reads("Sign in");
    stranger.send("Page.navigate", json!({"url": link}));
    assert_eq!(browser.download_ended()["state"], "completed");
    let file = downloads.path().join(object["fileName"].as_str().expect("a name"));
    assert_eq!(sha256(&fs::read(file).expect("a file")), object["checksum"]);
    stranger.go(&ada.url(&place));
    sign_in(&stranger, &eve);
    stranger.reads("This cannot be shown");
    assert_eq!(fetched(&stranger, &export.path("/download")), 403);
    assert!(!stranger.text().contains("shop-"), "nothing of it is told");

    // It was good for one.
    tab.press("Links");
    tab.reads("used up");
    let path = link.strip_prefix(&ada.url("")).expect("ours");
    ada.anonymous().get(path).expect(410);
}

#[test]
fn links_are_found_however_many_exports_have_none() {
    let house = House::open();
    let ada = house.user("ada");
    let linked = |number: usize| {
        let project = format!("p{number}");
        house.project("ada", &project).file("a", "a");
        ada.request(&project)
    };
    let old = linked(0);
    old.completed();
    ada.post(&old.path("/links"), &json!({})).expect(201);
    let newer: Vec<_> = (1..=60).map(linked).collect();
    newer.iter().for_each(|export| drop(export.completed()));
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/links");
    tab.reads(old.show()["fileName"].as_str().expect("a name"));
}

#[test]
fn a_link_that_is_taken_back_leads_nowhere_at_once() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let export = ada.request("shop");
    export.completed();
    let link = export.api.post(&export.path("/links"), &json!({})).expect(201).text("/url");
    let path = link.strip_prefix(&ada.url("")).expect("ours").to_owned();
    ada.anonymous().get(&path).expect(200);
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/links");
    tab.press("Take back the link");
    tab.press("Take it back");
    tab.reads("The link is taken back.");
    ada.anonymous().get(&path).expect(410);
}
