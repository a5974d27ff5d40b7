//! From "never been here" to a package on disk.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::support::sha256;

use super::tab::Tab;
use super::{browser, house_with_a_shop, house_with_two_exports, shown_export, signed_in};

/// The lines that the page offers below `heading`, by their programs' names.
fn lines_to_copy(tab: &Tab) -> Vec<(String, String)> {
    let found = tab.run(
        "[...document.querySelectorAll('.copyable code')].filter((code) => code.checkVisibility()).map((code) => [code.getAttribute('aria-label'), code.textContent])",
    );
    serde_json::from_value(found).expect("pairs of texts")
}

/// Runs a line that was copied from the page, as a shell does.
fn run(line: &str, folder: &Path, token: &str) {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir(folder)
        .env("EXPORTD_TOKEN", token)
        .env("LINK_PASSWORD", "päss 'word'");
    let out = shell.output().expect("a shell");
    assert!(out.status.success(), "{line}\n{}", String::from_utf8_lossy(&out.stderr));
}

/// Runs each program's line in a folder of its own; what each fetched is `whole`.
fn fetch_and_compare(lines: &[(String, String)], name: &str, whole: &str, token: &str) {
    let check = &lines.iter().find(|(tool, _)| tool == "Check it").expect("a check").1;
    for tool in ["curl", "wget", "aria2"] {
        let folder = tempfile::tempdir().expect("a folder");
        let line = &lines.iter().find(|(known, _)| known == tool).expect("a line").1;
        run(line, folder.path(), token);
        run(check, folder.path(), token);
        assert_eq!(sha256(&fs::read(folder.path().join(name)).expect("a file")), whole, "{line}");
    }
}

#[test]
fn somebody_who_was_never_here_gets_their_export_and_every_byte_of_it() {
    let house = house_with_a_shop();
    let (ada, downloads) = (house.user("ada"), tempfile::tempdir().expect("a folder"));
    let browser = browser(downloads.path());
    let tab = signed_in(&browser, &ada, "/");
    assert_eq!(tab.run("document.cookie"), "", "no script sees who is signed in");
    tab.reads("No exports yet");
    tab.press("Ask for the first");
    tab.until("what it comes to", "/Files\\s+31/.test(document.querySelector('.estimate dl')?.innerText)");
    tab.press("Make the export");
    let export = ada.export(&shown_export(&tab));
    tab.reads("Ready");
    let object = export.completed();
    let name = object["fileName"].as_str().expect("a name").to_owned();
    tab.reads(&format!("{name} is ready."));

    tab.press("What was left out, and why");
    tab.reads("apps/api/.env");
    tab.reads("holds a secret");
    tab.press("Verify");
    tab.reads("Every byte is as it should be.");
    tab.press("README.md");
    assert_eq!(browser.download_ended()["state"], "completed");
    assert_eq!(fs::read(downloads.path().join("README.md")).expect("a file"), b"# Shop\n");
    tab.press("Download");
    assert_eq!(browser.download_ended()["state"], "completed");
    let whole = object["checksum"].as_str().expect("a digest");
    assert_eq!(sha256(&fs::read(downloads.path().join(&name)).expect("a file")), whole);

    tab.press("Fetch it from a terminal");
    tab.until("the lines", "document.querySelector('code[aria-label=aria2]')");
    fetch_and_compare(&lines_to_copy(&tab), &name, whole, ada.token());
}

#[test]
fn a_link_with_a_password_can_be_fetched_by_the_lines_beside_it() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let export = ada.request("shop");
    let object = export.completed();
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, &format!("/#/exports/{}", export.id));
    tab.press("Share it");
    tab.fill("Password", "päss 'word'");
    tab.press("Make a link");
    tab.reads("Keep this address");
    tab.press("From a terminal");
    let (name, whole) =
        (object["fileName"].as_str().expect("a name"), object["checksum"].as_str().expect("a digest"));
    fetch_and_compare(&lines_to_copy(&tab), name, whole, "no token is needed");
}

#[test]
fn the_same_again_is_not_made_twice_and_filters_are_kept_in_the_address() {
    let (house, [shop, _other]) = house_with_two_exports();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/exports?projectId=other");
    tab.until("the other alone", "document.querySelectorAll('tbody tr').length === 1");
    tab.fill("Project", "shop");
    tab.press("Find");
    tab.until("the shop alone", "document.querySelector('tbody tr')?.innerText.includes('shop')");
    assert_eq!(tab.run("location.hash"), "#/exports?projectId=shop");
    tab.fill("Status", "failed");
    tab.reads("Nothing matches");
    tab.run("history.back()");
    tab.until("the shop again", "document.querySelector('tbody tr')?.innerText.includes('shop')");

    tab.run("location.hash = '#/new?project=shop'");
    tab.until("what it comes to", "document.querySelector('.estimate dl')");
    tab.press("Make the export");
    tab.reads("There is such an export already");
    assert_eq!(json!(shown_export(&tab)), json!(shop.id));
}

#[test]
fn a_part_of_a_project_is_chosen_by_ticking() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let browser = browser(Path::new("/nowhere"));
    let tab = signed_in(&browser, &ada, "/#/new?project=shop");
    let box_of = |name: &str| {
        format!(
            "[...document.querySelectorAll('.twig label')].find((label) => label.innerText.includes({}))?.querySelector('input')",
            json!(name)
        )
    };
    tab.until("the tree", &box_of("README.md"));
    tab.reads("stays out: dependencies, which can be installed again");
    tab.run(&format!("{}.click()", box_of("README.md")));
    tab.until("one less", "/Files\\s+30/.test(document.querySelector('.estimate dl')?.innerText)");
    for folder in ["src", "part000"] {
        tab.press(&format!("What is in {folder}"));
    }
    tab.until("what is in it", &box_of("file00007.rs"));
    tab.run(&format!("{}.click()", box_of("file00007.rs")));
    tab.until("two less", "/Files\\s+29/.test(document.querySelector('.estimate dl')?.innerText)");
    tab.press("Make the export");
    let export = ada.export(&shown_export(&tab));
    assert_eq!(export.completed()["fileCount"], 29);
    let entries = export.api.get(&export.path("/entries?limit=200")).expect(200).json().to_string();
    assert!(
        !entries.contains("file00007.rs")
            && !entries.contains("README.md")
            && entries.contains("file00008.rs")
    );
}
