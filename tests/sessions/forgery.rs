//! Pages of other sites, which have a browser send its cookie along.

use serde_json::json;
use ureq::http::Method;

use crate::support::house::House;

use super::{LIST, Page, SESSION};

#[test]
fn a_change_by_cookie_needs_the_csrf_token_of_this_very_session() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (page, other) = (Page::of(&house.user("ada")), Page::of(&house.user("ada")));
    let value = page.cookie.split('=').nth(1).expect("a value");
    let twice = [("x-csrf-token", page.csrf.as_str()), ("x-csrf-token", page.csrf.as_str())];
    let wrong = [
        &[][..],
        &[("x-csrf-token", "")],
        &[("x-csrf-token", "x")],
        &[("x-csrf-token", &other.csrf)],
        &[("x-csrf-token", value)],
        &[("x-csrf-token", &page.csrf[1..])],
        &twice,
    ];
    for headers in wrong {
        for method in [Method::POST, Method::DELETE, Method::PUT] {
            let path = if method == Method::POST { LIST } else { "/api/v1/projects/shop" };
            let refused = page.send_with(method, path, headers).expect(403);
            assert_eq!(refused.code(), "FORBIDDEN");
            assert!(refused.text("/detail").contains("X-CSRF-Token"), "{headers:?}");
        }
    }
    // Not even a question that needs a body, nor signing out.
    page.send_with(Method::POST, "/api/v1/exports/estimate", &[]).expect(403);
    page.send_with(Method::DELETE, SESSION, &[]).expect(403);
    let keyed = [("idempotency-key", "k")];
    page.send_with(Method::POST, LIST, &keyed).expect(403);
    assert_eq!(page.get(LIST).expect(200).json()["items"], json!([]), "nothing was done");
    page.send(Method::POST, LIST).expect(202);
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="csrf_missing"}"#), 6.0);
    assert_eq!(house.metric(r#"exportd_auth_failures_total{reason="csrf_wrong"}"#), 18.0);
}

#[test]
fn a_change_that_a_browser_sends_for_another_site_is_refused_even_with_the_token() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let page = Page::of(&house.user("ada"));
    let own = page.api.url("");
    let with = |headers: &[(&str, &str)]| {
        let all = [&[("x-csrf-token", page.csrf.as_str())], headers].concat();
        page.send_with(Method::POST, LIST, &all)
    };
    let port = own.rsplit(':').next().expect("a port");
    let neighbour = format!("http://localhost:{port}");
    let secure = own.replace("http:", "https:");
    for origin in ["https://evil.example", "null", "", &neighbour, &secure, "http://127.0.0.1"] {
        let refused = with(&[("origin", origin)]).expect(403);
        assert!(refused.text("/detail").contains("Origin"), "{origin}");
    }
    for site in ["cross-site", "same-site", "none", "same-origin, cross-site"] {
        let refused = with(&[("sec-fetch-site", site), ("origin", &own)]).expect(403);
        assert!(refused.text("/detail").contains("Sec-Fetch-Site"), "{site}");
    }
    with(&[("origin", &own), ("origin", "https://evil.example")]).expect(403);
    assert_eq!(page.get(LIST).expect(200).json()["items"], json!([]), "nothing was done");
    with(&[("origin", &own), ("sec-fetch-site", "same-origin")]).expect(202);
    // To look, no page needs more than the cookie, which SameSite keeps from those of others.
    page.send_with(Method::GET, LIST, &[("origin", "https://evil.example")]).expect(200);
}

#[test]
fn behind_a_proxy_the_own_origin_is_the_one_that_the_browser_knows() {
    let house = House::with(|settings| settings.server.public_url = Some("https://Out.example".into()));
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let page = Page::from(&ada, &ada.act(SESSION).expect(201));
    let with = |origin: &str| {
        page.send_with(Method::POST, LIST, &[("x-csrf-token", &page.csrf), ("origin", origin)])
    };
    with("https://evil.example").expect(403);
    with("http://out.example").expect(403);
    with("https://out.example").expect_one_of(&[200, 202]);
    with(&ada.url("")).expect_one_of(&[200, 202]);
}
