//! `/api-docs`, in a browser.

use serde_json::json;

use super::ground::Ground;
use crate::browsers::Chromium;
use crate::support::api::eventually;

/// Whether a script of the page comes to true.
fn until(browser: &mut Chromium, page: &str, what: &str, script: &str) {
    eventually(what, || (browser.run(page, script) == true).then_some(()));
}

#[test]
fn a_call_is_tried_by_whoever_is_signed_in_and_by_whoever_has_a_token() {
    let ground = Ground::new();
    let ada = ground.house.user("ada");
    let downloads = tempfile::tempdir().expect("a folder");
    let mut browser = Chromium::open(downloads.path());
    let page = browser.page_under_its_policy(&ada.url("/api-docs"));
    until(&mut browser, &page, "the document", "document.querySelectorAll('.opblock-tag').length > 10");
    browser.run(&page, "document.querySelectorAll('.opblock-tag').forEach((tag) => tag.click())");
    until(&mut browser, &page, "the operations", "document.querySelectorAll('.opblock').length > 50");
    let who = "document.getElementById('who').textContent";
    until(&mut browser, &page, "nobody is signed in", &format!("{who}.startsWith('Not signed in')"));

    let sign_in = format!(
        "fetch('/api/v1/session', {{method: 'POST', headers: {{authorization: 'Bearer {}'}}}}).then(r => r.status)",
        ada.token()
    );
    assert_eq!(browser.run(&page, &sign_in), json!(201));
    // A change by cookie: the page adds what makes it count.
    let estimate = "#operations-exports-exports_estimate";
    tries(&mut browser, &page, estimate);
    until(&mut browser, &page, "200", &status_is(estimate, 200));
    let shown = format!("document.querySelector('{estimate} .live-responses-table .microlight').textContent");
    assert!(browser.run(&page, &shown).as_str().is_some_and(|body| body.contains("estimatedSeconds")));

    let token = json!(ada.token());
    browser.run(&page, &format!("ui.preauthorizeApiKey('bearer', {token})"));
    let list = "#operations-exports-exports_list";
    tries(&mut browser, &page, list);
    until(&mut browser, &page, "200", &status_is(list, 200));
    let curl = format!("document.querySelector('{list} .curl-command').textContent.includes('Bearer')");
    assert_eq!(browser.run(&page, &curl), true);
    assert_eq!(browser.run(&page, "window.violations"), json!([]), "its policy is enough for all of this");
    if let Some(file) = std::env::var_os("EXPORTD_TEST_SCREENSHOT") {
        std::fs::write(file, browser.picture(&page)).expect("room");
    }
}

/// Opens an operation and sends the example that it shows.
fn tries(browser: &mut Chromium, page: &str, operation: &str) {
    let button = |name: &str| format!("document.querySelector('{operation} {name}')");
    until(browser, page, "the operation", &format!("{} !== null", button(".opblock-summary-control")));
    browser.run(page, &format!("{}.click()", button(".opblock-summary-control")));
    until(browser, page, "a button", &format!("{} !== null", button("button.execute")));
    browser.run(page, &format!("{}.click()", button("button.execute")));
}

fn status_is(operation: &str, status: u16) -> String {
    format!(
        "document.querySelector('{operation} .live-responses-table tbody .response-col_status')?.textContent.startsWith('{status}') === true"
    )
}
