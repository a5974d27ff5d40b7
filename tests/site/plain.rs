//! Without scripts: forms and links.

use std::fs;

use serde_json::json;
use ureq::http::Method;

use crate::support::api::{Answer, Api};
use crate::support::sha256;

use super::{browser, house_with_a_shop};

#[test]
fn without_scripts_exports_are_asked_for_and_downloaded_all_the_same() {
    let house = house_with_a_shop();
    house.project("ada", "<b>&amp;").file("a", "a");
    let ada = house.user("ada");
    let downloads = tempfile::tempdir().expect("a folder");
    let browser = browser(downloads.path());
    let tab = browser.tab_without_scripts(&ada.url("/"));
    tab.turns_to("Go on without scripts");
    tab.press("Go on without scripts");
    tab.turns_to("An access token of your provider");
    tab.fill("Token", "not a token");
    tab.press("Sign in");
    tab.turns_to("the token is not valid here");
    tab.fill("Token", ada.token());
    tab.press("Sign in");
    tab.turns_to("There are no exports yet.");
    assert!(tab.text().contains("Project <b>&amp;"), "{}", tab.text());
    // What looks for obstacles is a script.
    let with_scripts = browser.tab(&ada.url("/plain"));
    let obstacles = with_scripts.obstacles();
    assert!(obstacles.is_empty(), "{obstacles:#?}");
    drop(with_scripts);
    tab.fill("Of what", "project:shop");
    tab.press("Make the export");
    tab.turns_to("Look again");
    let id = ada.get("/api/v1/exports").expect(200).text("/items/0/id");
    let object = ada.export(&id).completed();
    tab.press("Look again");
    tab.turns_to("completed");
    tab.picture("plain");
    tab.press("Download");
    assert_eq!(browser.download_ended()["state"], "completed");
    let file = downloads.path().join(object["fileName"].as_str().expect("a name"));
    assert_eq!(sha256(&fs::read(file).expect("a file")), object["checksum"]);
    tab.press("Sign out");
    tab.turns_to("An access token of your provider");
}

fn sent(api: &Api, path: &str, body: &str, headers: &[(&str, &str)]) -> Answer {
    let mut all = vec![("content-type", "application/x-www-form-urlencoded")];
    all.extend_from_slice(headers);
    api.send(Method::POST, path, &all, Some(body.as_bytes().to_vec()))
}

#[test]
fn a_form_that_is_not_ours_signs_nobody_in_and_changes_nothing() {
    let house = house_with_a_shop();
    let ada = house.user("ada");
    let anybody = ada.anonymous();
    let token = format!("token={}", ada.token());
    for elsewhere in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ] {
        let refused = sent(&anybody, "/plain/sign-in", &token, &[elsewhere]).expect(403);
        assert_eq!(
            (refused.header("set-cookie"), refused.header("content-type")),
            (String::new(), "text/html; charset=utf-8".to_owned())
        );
    }
    let cookie = sent(&anybody, "/plain/sign-in", &token, &[]).expect(303).header("set-cookie");
    let cookie = cookie.split(';').next().expect("a cookie");
    for forged in ["what=project:shop", "what=project:shop&csrf=guessed"] {
        sent(&anybody, "/plain/exports", forged, &[("cookie", cookie)]).expect(403);
    }
    sent(&anybody, "/plain/sign-out", "", &[("cookie", cookie)]).expect(403);
    sent(&anybody, "/plain/exports", "what=project:shop", &[]).expect(401);
    assert_eq!(ada.get("/api/v1/exports").expect(200).json()["items"], json!([]));
    let page = anybody.get_with("/plain", &[("cookie", cookie)]).expect(200);
    let page = String::from_utf8(page.body).expect("text");
    let csrf =
        page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a field");
    sent(
        &anybody,
        "/plain/exports",
        &format!("what=project:shop&format=rar&csrf={csrf}"),
        &[("cookie", cookie)],
    )
    .expect(422);
    sent(
        &anybody,
        "/plain/exports",
        &format!("what=project:shop&format=tar.zst&csrf={csrf}"),
        &[("cookie", cookie)],
    )
    .expect(303);
    let id = ada.get("/api/v1/exports").expect(200).text("/items/0/id");
    assert_eq!(ada.export(&id).completed()["format"], "tar.zst");
    sent(&anybody, &format!("/plain/exports/{id}/cancel"), &format!("csrf={csrf}"), &[("cookie", cookie)])
        .expect(409);
}
