//! Ends that nobody wished for: expired, failed, cancelled.

use std::path::Path;
use std::time::Duration;

use crate::support::house::House;

use super::{browser, house_with_a_shop, shown_export, signed_in};

/// As when its reader comes back to it.
const COME_BACK: &str = "dispatchEvent(new Event('focus'))";

#[test]
fn what_expires_before_one_s_eyes_is_told_and_is_made_again_with_one_press() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/new?project=shop");
    tab.fill("Keep it for", "3600");
    tab.press("Make the export");
    let first = shown_export(&tab);
    tab.reads("expires in 59 min");
    house.clock().advance(Duration::from_secs(3601));
    tab.run(COME_BACK);
    tab.reads("has expired.");
    tab.reads("It has expired: its package is deleted.");
    assert_eq!(tab.run("finder.button('Download').disabled"), true);
    assert_eq!(ada.export(&first).download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
    tab.press("Make it again");
    tab.until("another", &format!("!location.hash.includes('{first}')"));
    tab.reads("Ready");
    ada.export(&shown_export(&tab)).completed();
}

#[test]
fn what_has_changed_since_is_made_anew_and_the_old_one_stays() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let old = ada.request("shop");
    let files = old.completed()["fileCount"].as_u64().expect("a number");
    house.project("ada", "shop").file("a-new-one.txt", "new");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, &format!("/#/exports/{}", old.id));
    tab.press("Make a new one");
    tab.until("another", &format!("!location.hash.includes('{}')", old.id));
    tab.reads("Ready");
    let new = ada.export(&shown_export(&tab));
    assert_eq!(new.completed()["fileCount"], files + 1);
    assert_eq!(old.status(), "completed");
}

#[test]
fn what_fails_tells_why() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    house.project("ada", "shop").file("a", "a").file("b", "b");
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/");
    let export = ada.request("shop");
    let error = export.ended()["error"].clone();
    tab.run(COME_BACK);
    tab.reads("Failed");
    tab.press(export.show()["fileName"].as_str().expect("a name"));
    tab.reads(error["code"].as_str().expect("a code"));
    tab.press("Exports");
    tab.fill("Status", "completed");
    tab.reads("Nothing matches");
}
