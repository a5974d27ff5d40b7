//! How long a session lasts.

use std::time::Duration;

use exportd::domain::{Role, Timestamp};
use exportd::security::{Claims, sign};
use serde_json::json;
use ureq::http::Method;

use crate::support::api::{Api, eventually};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;

use super::{LIST, Page, SESSION};

const HOUR: Duration = Duration::from_secs(3600);
const TOKENS: &str = "/api/v1/tokens";

fn ends(page: &Page) -> Timestamp {
    Timestamp::parse(&page.get(SESSION).expect(200).text("/expiresAt")).expect("an instant")
}

#[test]
fn a_session_ends_after_two_hours_unused_and_after_twelve_anyway() {
    let house = House::open();
    let (page, unused) = (Page::of(&house.user("ada")), Page::of(&house.user("ada")));
    let begun_at = house.clock().now();
    for hour in 1..=7 {
        house.clock().advance(HOUR * 19 / 12);
        page.get(LIST).expect(200);
        // The use is written down without anyone waiting for it.
        let now = house.clock().now().millis();
        eventually("its use", || {
            let last: i64 = house.stored("SELECT max(last_used_at) FROM sessions");
            (last >= now - 60_000).then_some(())
        });
        if hour == 2 {
            assert_eq!(unused.get(LIST).expect(401).code(), "TOKEN_EXPIRED");
        }
    }
    let left = ends(&page).since(house.clock().now());
    assert!(left < HOUR && ends(&page).since(begun_at) <= HOUR * 12, "{left:?} left");
    house.clock().advance(left);
    let ended = page.get(LIST).expect(401);
    assert_eq!(ended.code(), "TOKEN_EXPIRED");
    // A day later nothing is left of it.
    house.clock().advance(HOUR * 25);
    house.sweep();
    assert_eq!(house.stored::<i64>("SELECT count(*) FROM sessions"), 0);
    assert_eq!(page.get(LIST).expect(401).code(), "UNAUTHENTICATED");
}

#[test]
fn how_long_is_a_setting() {
    let house = House::with(|settings| {
        settings.session.lifetime = HOUR;
        settings.session.idle = Duration::from_secs(600);
    });
    let ada = house.user("ada");
    let begun = ada.act(SESSION).expect(201);
    assert!(begun.header("set-cookie").contains("Max-Age=3600"), "{}", begun.header("set-cookie"));
    let page = Page::from(&ada, &begun);
    house.clock().advance(Duration::from_secs(599));
    page.get(LIST).expect(200);
    let other = Page::of(&ada);
    house.clock().advance(Duration::from_secs(600));
    assert_eq!(other.get(LIST).expect(401).code(), "TOKEN_EXPIRED");
}

#[test]
fn a_session_lasts_no_longer_than_what_it_was_begun_with() {
    let house = House::open();
    let ada = house.user("ada");
    let secret = house.settings().jwt.secret.clone().expect("a secret");
    let until = |seconds| house.clock().now().plus(Duration::from_secs(seconds));
    let short = Claims::new("ada".parse().expect("a user"), Role::User, until(1800));
    let short = Api::new(ada.address(), Some(sign(&secret, &short).expect("signed")));
    let page = Page::of(&short);
    assert!(ends(&page) <= until(1800));
    let wanted = json!({"name": "page", "scopes": ["exports:write"], "expiresInSeconds": 900});
    let token = ada.post(TOKENS, &wanted).expect(201);
    let by_token = Page::of(&Api::new(ada.address(), Some(token.text("/token"))));
    assert_eq!(ends(&by_token).to_string(), token.text("/expiresAt"));

    house.clock().advance(Duration::from_secs(900));
    assert_eq!(by_token.get(LIST).expect(401).code(), "TOKEN_EXPIRED");
    page.get(LIST).expect(200);
    house.clock().advance(Duration::from_secs(900));
    assert_eq!(page.get(LIST).expect(401).code(), "TOKEN_EXPIRED");
    // Within what is forgiven to clocks the token is still good, but nothing is begun with it.
    short.get(LIST).expect(200);
    assert_eq!(short.act(SESSION).expect(401).code(), "TOKEN_EXPIRED");
}

#[test]
fn a_session_reaches_no_further_than_what_it_was_begun_with_and_begins_no_other() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let wanted = json!({"name": "page", "scopes": ["exports:read"]});
    let token = ada.post(TOKENS, &wanted).expect(201);
    let reader = Page::of(&Api::new(ada.address(), Some(token.text("/token"))));
    assert_eq!(reader.get(SESSION).expect(200).text("/scope"), "exports:read");
    assert!(reader.send(Method::POST, LIST).expect(403).text("/detail").contains("may only read"));
    assert_eq!(reader.send(Method::POST, SESSION).expect(403).code(), "FORBIDDEN");
    ada.delete(&format!("{TOKENS}/{}", token.text("/id"))).expect(204);
    assert_eq!(reader.get(LIST).expect(401).code(), "UNAUTHENTICATED", "it went with its token");
    let reader =
        Page::of(&Api::new(ada.address(), Some(ada.post(TOKENS, &wanted).expect(201).text("/token"))));
    reader.send(Method::DELETE, SESSION).expect(204);

    let root = Page::of(&house.admin());
    assert_eq!(root.get(SESSION).expect(200).text("/role"), "admin");
    root.get("/api/v1/exports?userId=ada").expect(200);
    let for_ada = [("x-on-behalf-of", "ada")];
    root.send_with(Method::GET, "/api/v1/exports?userId=bob", &for_ada).expect(403);
    let acting = Page::from(&ada, &house.admin().post_with(SESSION, &json!({}), &for_ada).expect(201));
    assert_eq!(acting.get(SESSION).expect(200).text("/user"), "ada");
    assert_eq!(acting.get(SESSION).expect(200).text("/acting"), "root", "the page can say so");
    acting.get("/api/v1/exports?userId=bob").expect(403);
    let last = "SELECT acting FROM sessions WHERE acting IS NOT NULL";
    assert_eq!(house.stored::<String>(last), "root", "who really acts is remembered");
}

#[test]
fn a_session_that_ended_through_another_server_has_ended_here_and_others_outlive_a_restart() {
    let rows = OwnDatabase::create();
    let open = || House::with(|settings| settings.database = rows.config());
    let (here, there) = (open(), open());
    let (ended, kept) = (Page::of(&here.user("ada")), Page::of(&here.user("ada")));
    ended.get(LIST).expect(200);
    let elsewhere = Page { api: there.user("ada").anonymous(), ..ended };
    elsewhere.send(Method::DELETE, SESSION).expect(204);
    let ended = Page { api: kept.api.clone(), ..elsewhere };
    assert_eq!(ended.get(LIST).expect(401).code(), "UNAUTHENTICATED");
    drop(there);
    let here = here.reopened();
    let kept = Page { api: here.user("ada").anonymous(), ..kept };
    assert_eq!(kept.get(SESSION).expect(200).text("/csrfToken"), kept.csrf);
    Page { api: kept.api.clone(), ..ended }.get(LIST).expect(401);
}
