//! What admins do from the page.

use std::path::Path;

use serde_json::json;

use crate::support::house::House;

use super::{browser, fetched, house_with_a_shop, house_with_two_exports, shown_export, signed_in};

#[test]
fn an_admin_stops_the_line_and_lets_it_move_again() {
    let house = house_with_a_shop();
    let (ada, root) = (house.user("ada"), house.admin());
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &root, "/#/admin/queue");
    tab.press("Pause the queue");
    tab.reads("The queue is paused.");
    let export = ada.request("shop");
    tab.until("it is counted", "[...document.querySelectorAll('.tile')].some((tile) => tile.innerText.startsWith('In line') && tile.innerText.endsWith('1'))");
    assert_eq!(export.status(), "queued");
    tab.press("Resume");
    tab.until("it moves", "![...document.querySelectorAll('.notice')].some((notice) => notice.innerText.includes('The queue is paused'))");
    export.completed();
    tab.press("Exports");
    tab.reads("ada’s");
}

#[test]
fn what_an_admin_makes_anew_of_another_s_is_the_other_s() {
    let house = house_with_a_shop();
    house.project("root", "shop").file("of-root-alone.txt", "1");
    let (ada, root) = (house.user("ada"), house.admin());
    let old = ada.request("shop");
    let files = old.completed()["fileCount"].clone();
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &root, &format!("/#/exports/{}", old.id));
    tab.reads("Whose");
    tab.press("Make a new one");
    tab.until("another", &format!("!location.hash.includes('{}')", old.id));
    tab.reads("Ready");
    let new = ada.export(&shown_export(&tab)).completed();
    assert_eq!((&new["userId"], &new["fileCount"]), (&json!("ada"), &files));
}

#[test]
fn a_setting_that_cannot_be_is_refused_at_its_field() {
    let house = house_with_a_shop();
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &house.admin(), "/#/admin/settings");
    let field = "document.querySelector('[aria-label=\"retention.default\"]')";
    let write = |value: &str| {
        tab.run(&format!("void ({field}.value = '{value}', {field}.dispatchEvent(new Event('change')))"))
    };
    tab.until("the settings", field);
    write("banana");
    tab.press("Save");
    tab.reads("banana");
    assert_eq!(tab.run(&format!("{field}.getAttribute('aria-invalid')")), "true");
    assert_eq!(tab.run(&format!("document.activeElement === {field}")), true);
    write("3d");
    tab.press("Save");
    tab.reads("Changed, until the server starts again.");
    let config = house.admin().get("/api/v1/admin/config").expect(200).json().to_string();
    assert!(config.contains("3d"), "{config}");
}

#[test]
fn all_that_failed_by_one_cause_is_asked_for_again_after_a_look() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    house.project("ada", "shop").file("a", "a").file("b", "b");
    house.project("ada", "other").file("a", "a").file("b", "b");
    let ada = house.user("ada");
    for project in ["shop", "other"] {
        assert_eq!(ada.request(project).ended()["status"], "failed");
    }
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &house.admin(), "/#/admin/failures");
    tab.press("All again");
    tab.reads("Ask again for 2 exports?");
    tab.press("Ask again for");
    tab.reads("2 exports asked for again.");
    let asked = ada.get("/api/v1/exports").expect(200).json()["items"].as_array().map(Vec::len);
    assert_eq!(asked, Some(4));
    for export in ada.get("/api/v1/exports").expect(200).json()["items"].as_array().expect("items") {
        ada.export(export["id"].as_str().expect("an id")).ended();
    }
}

#[test]
fn what_matches_is_deleted_after_a_preview_and_nothing_else() {
    let (house, [shop, other]) = house_with_two_exports();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/exports?q=SHOP");
    tab.fill("With all of yours that match", "delete");
    tab.press("Preview…");
    tab.reads("Delete 1 export?");
    tab.press("Leave it");
    assert_eq!(shop.status(), "completed");
    tab.press("Preview…");
    tab.reads("Delete 1 export?");
    tab.press("Delete");
    tab.reads("1 export deleted.");
    assert_eq!((shop.status(), other.status()), ("expired".to_owned(), "completed".to_owned()));
    tab.run(&format!("location.hash = {}", json!(format!("#/exports/{}", other.id))));
    tab.press("Keep longer…");
    tab.press("Keep longer");
    tab.reads("1 export kept longer.");
    // None of it is for users.
    assert_eq!(fetched(&tab, "/api/v1/admin/queue"), 403);
    tab.run("location.hash = '#/admin/queue'");
    tab.reads("This is for admins");
}
