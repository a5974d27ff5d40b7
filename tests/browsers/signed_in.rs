//! Somebody signed in to our page, and what pages of others can have their browser do.

use serde_json::{Value, json};

use crate::support::api::wanted;
use crate::support::house::House;

use super::Chromium;

/// What a page's script gets for asking `url` as `options` say, with whatever cookies there are.
fn fetched(browser: &mut Chromium, page: &str, url: &str, options: &Value) -> Value {
    let script = format!(
        "fetch({}, {{credentials: 'include', ...{options}}}).then(
            async (reply) => [reply.status, await reply.text()], (error) => [0, String(error)])",
        json!(url),
    );
    browser.run(page, &script)
}

#[test]
fn a_page_of_ours_works_by_its_cookie_and_no_page_of_others_does() {
    let (house, other) = (House::open(), House::open());
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let downloads = tempfile::tempdir().expect("a folder");
    let mut browser = Chromium::open(downloads.path());
    let exports = ada.url("/api/v1/exports");
    let body = wanted("shop").to_string();
    let json_type = json!({"content-type": "application/json"});

    // Signed in, by a script that then forgets the token.
    let own = browser.page(&ada.url("/healthz"));
    let bearer = json!({"method": "POST", "headers": {"authorization": format!("Bearer {}", ada.token())}});
    assert_eq!(fetched(&mut browser, &own, "/api/v1/session", &bearer)[0], 201);
    assert_eq!(browser.run(&own, "document.cookie"), "", "no script sees it");
    let session = fetched(&mut browser, &own, "/api/v1/session", &json!({}));
    let session: Value = serde_json::from_str(session[1].as_str().expect("text")).expect("JSON");
    assert_eq!(session["user"], "ada");

    // A neighbour: the same site for cookies, another origin. Somebody else: another site.
    let plain = json!({"method": "POST", "mode": "no-cors", "body": body});
    let neighbour = browser.page(&other.user("eve").url("/healthz"));
    fetched(&mut browser, &neighbour, &exports, &plain);
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="from_elsewhere"}"#), 1.0);
    let strange = other.user("eve").url("/healthz").replace("127.0.0.1", "localhost");
    let stranger = browser.page(&strange);
    fetched(&mut browser, &stranger, &exports, &plain);
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="missing"}"#), 1.0, "without the cookie");
    // Neither may send what makes a change count, nor read what is only shown.
    let forged = json!({"method": "POST", "body": body, "headers": {"x-csrf-token": session["csrfToken"]}});
    for page in [&neighbour, &stranger] {
        assert_eq!(fetched(&mut browser, page, &exports, &forged)[0], 0, "the browser asks first");
        assert_eq!(fetched(&mut browser, page, &ada.url("/api/v1/session"), &json!({}))[0], 0);
    }
    assert_eq!(ada.get("/api/v1/exports").expect(200).json()["items"], json!([]));

    let mut headers = json_type;
    assert_eq!(
        fetched(&mut browser, &own, &exports, &json!({"method": "POST", "body": body, "headers": headers}))
            [0],
        403
    );
    headers["x-csrf-token"] = session["csrfToken"].clone();
    let asked = json!({"method": "POST", "body": body, "headers": headers});
    assert_eq!(fetched(&mut browser, &own, &exports, &asked)[0], 202);
    let ended = json!({"method": "DELETE", "headers": headers});
    assert_eq!(fetched(&mut browser, &own, "/api/v1/session", &ended)[0], 204);
    assert_eq!(fetched(&mut browser, &own, &exports, &json!({}))[0], 401);
    let export = ada.get("/api/v1/exports").expect(200).text("/items/0/id");
    ada.export(&export).completed();
}
