//! Every view through every screen: nothing that keeps anybody out, nothing beyond the edge, and a picture.

use std::path::Path;

use serde_json::json;

use super::tab::{Screen, Tab};
use super::{browser, house_with_a_shop, signed_in};

/// Both widths and both schemes, and no pair of them twice.
const SCREENS: [Screen; 2] = [Screen::PHONE, Screen::DESK_AT_NIGHT];

/// Nobody is kept out of what the tab shows, and nobody has to scroll to the side for it.
#[track_caller]
fn is_for_everybody(tab: &Tab, view: &str) {
    for screen in SCREENS {
        tab.look_through(screen);
        let place = format!("{view} ({})", screen.name);
        let obstacles = tab.obstacles();
        assert!(obstacles.is_empty(), "{place}: {obstacles:#?}");
        tab.picture(&format!("{view}-{}", screen.name));
    }
    tab.look_through(Screen::DESK);
    tab.picture(&format!("{view}-{}", Screen::DESK.name));
    tab.look_through(Screen::SMALLEST);
    let wide = tab.run("[...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.scroll, .unseen, .cards thead, pre, .one-line')).map((one) => one.outerHTML.slice(0, 120))");
    assert_eq!(wide, json!([]), "{view} at 360 px");
    tab.look_through(Screen::DESK);
}

fn open(tab: &Tab, place: &str, is_there: &str) {
    tab.run(&format!("location.hash = {}", json!(place)));
    tab.until(place, &format!("!document.querySelector('main[aria-busy]') && {is_there}"));
}

#[test]
fn every_view_is_for_everybody() {
    let house = house_with_a_shop();
    let (ada, root) = (house.user("ada"), house.admin());
    let export = ada.request("shop");
    export.completed();
    ada.post(&export.path("/links"), &json!({"maxDownloads": 3})).expect(201);
    export.download(&[]).expect(200);
    let browser = browser(Path::new("/nowhere"));
    let tab = browser.tab(&ada.url("/"));
    tab.reads("Sign in");
    is_for_everybody(&tab, "sign-in");
    drop(tab);
    let tab = signed_in(&browser, &ada, "/");
    open(
        &tab,
        "#/exports?status=completed",
        "document.querySelector('.bulk') && document.querySelector('tbody tr')",
    );
    is_for_everybody(&tab, "exports");
    open(&tab, "#/new", "document.querySelector('.estimate dl')");
    is_for_everybody(&tab, "new");
    open(&tab, &format!("#/exports/{}", export.id), "document.querySelector('.entries li')");
    tab.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })");
    tab.until("all of it", "![...document.querySelectorAll('main p')].some((one) => one.textContent === 'Looking…') && document.querySelector('.timeline li')");
    tab.press("Verify");
    tab.reads("Every byte is as it should be.");
    is_for_everybody(&tab, "export");
    tab.press("Delete…");
    tab.reads("its links lead nowhere");
    is_for_everybody(&tab, "dialog");
    tab.press("Leave it");
    open(&tab, "#/links", "document.querySelector('section.card:not([hidden]) table')");
    is_for_everybody(&tab, "links");
    tab.press("Sign out");
    tab.reads("You have signed out.");
    super::sign_in(&tab, &root);
    for view in ["queue", "failures", "storage", "cleanups", "audit", "permissions", "settings"] {
        open(&tab, &format!("#/admin/{view}"), "document.querySelector('.tabs')");
        is_for_everybody(&tab, &format!("admin-{view}"));
    }
}
