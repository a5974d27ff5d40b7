//! Sessions of the page: a cookie that nobody else can use.

mod forgery;
mod lasting;

use serde_json::json;
use ureq::http::Method;

use crate::support::api::{Answer, Api, wanted};
use crate::support::house::House;

const SESSION: &str = "/api/v1/session";
const LIST: &str = "/api/v1/exports";

/// A page where somebody has signed in.
struct Page {
    api: Api,
    /// `name=value`, as a browser sends it.
    cookie: String,
    csrf: String,
}

impl Page {
    /// Signed in with what `caller` has.
    fn of(caller: &Api) -> Self {
        Self::from(caller, &caller.act(SESSION).expect(201))
    }

    fn from(caller: &Api, answer: &Answer) -> Self {
        let cookie = answer.header("set-cookie").split(';').next().expect("a pair").to_owned();
        Self { api: caller.anonymous(), cookie, csrf: answer.text("/csrfToken") }
    }

    /// As its scripts ask for things: with the CSRF token.
    fn send(&self, method: Method, path: &str) -> Answer {
        self.send_with(method, path, &[("x-csrf-token", &self.csrf)])
    }

    /// With the cookie and these headers, as some browser sends it for whomever.
    fn send_with(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("cookie", self.cookie.as_str()), ("content-type", "application/json")];
        all.extend_from_slice(headers);
        let body = (method == Method::POST).then(|| wanted("shop").to_string().into_bytes());
        self.api.send(method, path, &all, body)
    }

    fn get(&self, path: &str) -> Answer {
        self.send_with(Method::GET, path, &[])
    }
}

#[test]
fn a_page_signs_in_shows_who_is_there_works_and_signs_out() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let begun = ada.act(SESSION).expect(201);
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("exportd_session="), "{cookie}");
    let attributes: Vec<_> = cookie.split("; ").skip(1).collect();
    assert_eq!(attributes, ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"], "{cookie}");
    assert_eq!(begun.header("cache-control"), "no-store");
    assert_eq!(begun.header("location"), SESSION);
    let view = begun.json();
    assert_eq!((&view["user"], &view["role"]), (&json!("ada"), &json!("user")));
    assert!(!view.to_string().contains(&cookie[16..59]), "no script sees the session");

    let page = Page::from(&ada, &begun);
    assert_eq!(page.get(SESSION).expect(200).json(), view, "told again");
    let export = page.send(Method::POST, LIST).expect(202).text("/id");
    let export = ada.export(&export);
    export.completed();
    page.get(&export.path("/download")).expect(200);

    let ended = page.send(Method::DELETE, SESSION).expect(204);
    assert!(
        ended.header("set-cookie").starts_with("exportd_session=; ")
            && ended.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(page.get(LIST).expect(401).code(), "UNAUTHENTICATED");
    ada.get(LIST).expect(200);
}

#[test]
fn by_https_the_cookie_is_for_https_only_and_no_neighbour_can_set_one() {
    let house = House::open();
    let ada = house.user("ada");
    let https = ("x-forwarded-proto", "https");
    let begun = ada.post_with(SESSION, &json!({}), &[https]).expect(201);
    let cookie = begun.header("set-cookie");
    assert!(cookie.starts_with("__Host-exportd_session=") && cookie.contains("; Secure"), "{cookie}");
    assert!(!cookie.contains("Domain") && cookie.contains("; Path=/;"), "{cookie}");
    let page = Page::from(&ada, &begun);
    page.send_with(Method::GET, LIST, &[https]).expect(200);
    // What was set by http, or by a neighbour, has another name and is nothing here.
    let tossed = page.cookie.replace("__Host-", "");
    assert_eq!(
        ada.anonymous().get_with(LIST, &[https, ("cookie", &tossed)]).expect(401).code(),
        "UNAUTHENTICATED"
    );
    page.get(LIST).expect(401);

    let public = House::with(|settings| settings.server.public_url = Some("https://out.example".into()));
    let cookie = public.user("ada").act(SESSION).expect(201).header("set-cookie");
    assert!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
}

#[test]
fn what_is_sent_on_purpose_wins_over_the_cookie() {
    let house = House::open();
    house.project("bob", "shop").file("a", "a");
    let (page, bob) = (Page::of(&house.user("ada")), house.user("bob"));
    let bearer = format!("Bearer {}", bob.token());
    let both = [("authorization", bearer.as_str())];
    let export = page.send_with(Method::POST, LIST, &both).expect(202).text("/id");
    bob.export(&export).completed();
    // It says who calls, so this is about no session.
    let shown = page.send_with(Method::GET, SESSION, &both).expect(404);
    assert_eq!(shown.code(), "SESSION_NOT_FOUND");
    let wrong = [("authorization", "Bearer a.b.c")];
    page.send_with(Method::GET, LIST, &wrong).expect(401);
    page.send_with(Method::GET, LIST, &[("authorization", "Basic YTpi")]).expect(401);
    page.get(LIST).expect(200);
}

#[test]
fn nothing_that_a_cookie_was_before_a_sign_in_is_worth_anything_after_it() {
    let house = House::open();
    let (ada, eve) = (house.user("ada"), house.user("eve"));
    let of_eve = Page::of(&eve);
    // Eve has put her cookie, and one of her choice, into Ada's browser before Ada signs in.
    let chosen = format!("exportd_session={}", "A".repeat(43));
    for planted in [&of_eve.cookie, &chosen] {
        let begun = ada.post_with(SESSION, &json!({}), &[("cookie", planted)]).expect(201);
        let page = Page::from(&ada, &begun);
        assert_ne!(&page.cookie, planted);
        assert_eq!(page.get(SESSION).expect(200).text("/user"), "ada");
    }
    assert_eq!(of_eve.get(SESSION).expect(200).text("/user"), "eve");
    ada.anonymous().get_with(LIST, &[("cookie", &chosen)]).expect(401);
}

#[test]
fn a_cookie_that_is_none_or_stands_beside_another_is_refused_like_any_wrong_credential() {
    let house = House::open();
    let (ada, bob) = (Page::of(&house.user("ada")), Page::of(&house.user("bob")));
    let told = |cookies: &[&str]| {
        let headers: Vec<_> = cookies.iter().map(|cookie| ("cookie", *cookie)).collect();
        let answer = ada.api.get_with(LIST, &headers).expect(401);
        assert!(answer.header("www-authenticate").contains("invalid_token"));
        (answer.code(), answer.text("/detail"))
    };
    let twice = format!("{}; {}", ada.cookie, bob.cookie);
    let same = format!("{}; {}", ada.cookie, ada.cookie);
    let refused = [
        told(&[&twice]),
        told(&[&same]),
        told(&[&ada.cookie, &bob.cookie]),
        told(&["exportd_session="]),
        told(&["exportd_session=x"]),
        told(&[&format!("exportd_session={}", "A".repeat(43))]),
        told(&[&format!("{}A", ada.cookie)]),
    ];
    assert!(refused.iter().all(|told| *told == refused[0]), "{refused:?}");
    let missing = ada.api.get_with(LIST, &[("cookie", "theme=dark")]).expect(401);
    assert_eq!(missing.header("www-authenticate"), r#"Bearer realm="exportd""#);
    let among = format!("theme=dark; {}; lang=de", ada.cookie);
    ada.api.get_with(LIST, &[("cookie", &among)]).expect(200);
}
