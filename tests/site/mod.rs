//! The page, as people use it: in Chromium, by what they read and press, with what it then does.
//!
//! Each test has a house and a browser of its own. Whatever a page's script complains of (an error, a
//! promise that nobody caught, a violation of the page's policy) fails the test that was there. Pictures
//! of the views are left in `screenshots` beside the program that is tested.
//!
//! `axe.min.js` is axe-core 4.14 of Deque Systems (MPL-2.0, `axe.LICENSE`); it is no part of the program.

mod ending;
mod everybody;
mod operating;
mod plain;
mod requesting;
mod screens;
mod sharing;
mod tab;
mod trouble;

use std::path::Path;

use serde_json::json;

use crate::browsers::Chromium;
use crate::support::api::{Api, ExportHandle};
use crate::support::house::House;

use tab::{Browser, Tab};

/// A browser that puts downloads into `downloads`.
fn browser(downloads: &Path) -> Browser {
    Browser::new(Chromium::open(downloads))
}

/// A tab of `browser` in which the caller has signed in by the page's own form, at `place`.
fn signed_in(browser: &Browser, caller: &Api, place: &str) -> Tab {
    let tab = browser.tab(&caller.url(place));
    sign_in(&tab, caller);
    tab
}

/// Signs in where the page asks for it.
fn sign_in(tab: &Tab, caller: &Api) {
    tab.fill("Token", caller.token());
    tab.press("Sign in");
    tab.until(
        "signed in",
        "!document.querySelector('input[name=token]') && !document.querySelector('main[aria-busy]')",
    );
}

/// The id of the export that a tab shows.
fn shown_export(tab: &Tab) -> String {
    tab.until("one export", r"/^#\/exports\/[0-9a-f-]{36}$/.test(location.hash)");
    tab.run("location.hash.slice('#/exports/'.length)").as_str().expect("an id").to_owned()
}

/// A house where ada has a project with something in it.
fn house_with_a_shop() -> House {
    let house = House::open();
    house
        .project("ada", "shop")
        .sources(30)
        .file("README.md", "# Shop\n")
        .file("apps/api/.env", "KEY=1")
        .file("node_modules/x/i.js", "1");
    house
}

/// The same with another project of Ada's, and an export of each.
fn house_with_two_exports() -> (House, [ExportHandle; 2]) {
    let house = house_with_a_shop();
    house.project("ada", "other").file("a", "a");
    let exports = ["shop", "other"].map(|project| house.user("ada").request(project));
    exports.iter().for_each(|export| drop(export.completed()));
    (house, exports)
}

/// What a request for another's export is answered with, as a page's script sees it.
fn fetched(tab: &Tab, path: &str) -> serde_json::Value {
    tab.run(&format!("fetch({}).then((reply) => reply.status)", json!(path)))
}
