//! By keyboard alone, without scripts, and by those who look at what they load.

use std::path::Path;

use serde_json::json;

use super::tab::Tab;
use super::{browser, house_with_a_shop, shown_export};

/// Goes on with Tab until what is called `words` has the focus, which is seen there.
#[track_caller]
fn tab_to(tab: &Tab, words: &str) {
    for _ in 0..80 {
        tab.key("Tab");
        let told = tab.run(
            "(() => { const at = document.activeElement; const label = at.labels?.[0]?.textContent; \
             return [label ?? finder.words(at), at === document.body || getComputedStyle(at).outlineStyle !== 'none' || at.closest('.kind') !== null]; })()",
        );
        assert_eq!(told[1], true, "the focus is seen on {told}");
        if told[0].as_str().is_some_and(|found| found.starts_with(words)) {
            return;
        }
    }
    panic!("no way to {words} by keyboard\n{}", tab.text());
}

#[test]
fn all_of_it_can_be_done_by_keyboard() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = browser.tab(&ada.url("/"));
    tab.reads("Sign in");
    tab_to(&tab, "Skip to the content");
    tab.key("Enter");
    assert_eq!(tab.run("document.activeElement.id"), "main");
    tab_to(&tab, "Token");
    tab.send("Input.insertText", json!({"text": ada.token()}));
    tab.key("Enter");
    tab.reads("No exports yet");
    tab_to(&tab, "New");
    tab.key("Enter");
    tab.until("the heading is where one is", "document.activeElement.textContent === 'New export'");
    tab.until("what it comes to", "document.querySelector('.estimate dl')");
    tab_to(&tab, "Make the export");
    tab.key("Enter");
    let export = ada.export(&shown_export(&tab));
    export.completed();
    tab.reads("Ready");
    tab_to(&tab, "Delete…");
    tab.key("Enter");
    tab.reads("its links lead nowhere");
    tab.key("Escape");
    tab.until(
        "the dialog is gone, and one is where one was",
        "!document.querySelector('dialog') && document.activeElement.textContent === 'Delete…'",
    );
    assert_eq!(export.status(), "completed");
}

#[test]
fn nothing_is_loaded_from_anywhere_else_and_soon_there_is_something_to_see() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = super::signed_in(&browser, &ada, "/");
    let hosts = tab
        .run("[...new Set(performance.getEntriesByType('resource').map(({ name }) => new URL(name).host))]");
    assert_eq!(hosts, json!([ada.address().to_string()]));
    let paint = tab.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime");
    println!("first paint after {paint} ms");
    let page = ada.anonymous().get("/").expect(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    let tag = page.header("etag");
    ada.anonymous().get_with("/", &[("if-none-match", &tag)]).expect(304);
}
