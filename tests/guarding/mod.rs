//! What keeps browsers, other sites and liars from making more of a server than it is.

mod addresses;
mod pages;

use ureq::http::Method;

use crate::support::api::{Answer, Api};
use crate::support::house::House;

/// What every answer has to say.
const GUARDS: [(&str, &str); 5] = [
    (
        "content-security-policy",
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-frame-options", "DENY"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-resource-policy", "same-origin"),
];

fn is_guarded(answer: &Answer, what: &str) {
    for (name, value) in GUARDS {
        assert_eq!(answer.header(name), value, "{name} of {what}");
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{name} of {what}");
    }
}

/// Answers of every sort.
fn each_sort(caller: &Api, download: &str) -> Vec<(String, Answer)> {
    let asked = |method: Method, path: &str, headers: &[(&str, &str)]| {
        (format!("{method} {path} {headers:?}"), caller.send(method.clone(), path, headers, None))
    };
    vec![
        asked(Method::GET, "/api/v1/exports", &[]),
        asked(Method::OPTIONS, "/api/v1/exports", &[]),
        asked(Method::PATCH, "/api/v1/exports", &[]),
        asked(Method::POST, "/api/v1/exports", &[]),
        asked(Method::GET, "/api/v1/exports/17", &[]),
        asked(Method::GET, "/nothing", &[]),
        asked(Method::GET, "/d/nothing", &[]),
        asked(Method::GET, "/healthz", &[]),
        asked(Method::GET, "/api/openapi.json", &[]),
        asked(Method::GET, download, &[]),
        asked(Method::HEAD, download, &[]),
        asked(Method::GET, download, &[("range", "bytes=0-9")]),
        asked(Method::GET, download, &[("range", "bytes=99999999-")]),
        asked(Method::GET, download, &[("if-none-match", "*")]),
    ]
}

fn packed(house: &House) -> (Api, String) {
    house.project("ada", "shop").noise("n", 10_000);
    let export = house.user("ada").request("shop");
    export.completed();
    (house.user("ada"), export.path("/download"))
}

#[test]
fn every_answer_is_guarded_whoever_gives_it() {
    for house in [House::open(), House::behind_nginx(|_| {})] {
        let (ada, download) = packed(&house);
        for (what, answer) in each_sort(&ada, &download) {
            is_guarded(&answer, &what);
        }
        is_guarded(&ada.anonymous().get(&download).expect(401), "a refusal");
    }
}

#[test]
fn nobody_s_page_may_read_answers_unless_the_operator_says_so() {
    let house = House::open();
    let (ada, download) = packed(&house);
    let preflight = [("origin", "https://app.example"), ("access-control-request-method", "GET")];
    for (what, answer) in each_sort(&ada, &download) {
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{what}");
    }
    let answer = ada.send(Method::OPTIONS, &download, &preflight, None).expect(204);
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{answer:?}");
}

#[test]
fn pages_of_known_origins_read_and_others_do_not() {
    let known = |settings: &mut exportd::config::Settings| {
        settings.server.cors_origins = vec!["https://app.example".parse().expect("an origin")];
    };
    for house in [House::with(known), House::behind_nginx(known)] {
        let (ada, download) = packed(&house);
        for path in ["/api/v1/exports", download.as_str(), "/nothing"] {
            let answer = ada.get_with(path, &[("origin", "https://app.example")]);
            assert_eq!(answer.header("access-control-allow-origin"), "https://app.example", "{path}");
            assert!(answer.header("access-control-expose-headers").contains("content-disposition"), "{path}");
            assert!(answer.header("vary").contains("origin"), "{path}");
            assert!(!answer.headers.contains_key("access-control-allow-credentials"), "{path}");
            let strangers =
                ["https://app.example.evil", "https://app.exampl", "http://app.example", "null", "*"];
            for origin in strangers {
                let answer = ada.get_with(path, &[("origin", origin)]);
                assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path} {origin}");
                assert!(answer.header("vary").contains("origin"), "{path} {origin}");
            }
        }
        let asks = |origin| [("origin", origin), ("access-control-request-method", "POST")];
        let asked = |origin| ada.send(Method::OPTIONS, "/api/v1/exports", &asks(origin), None).expect(204);
        let preflight = asked("https://app.example");
        assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS, POST");
        for name in ["authorization", "idempotency-key", "range", "if-range"] {
            assert!(preflight.header("access-control-allow-headers").contains(name), "{name}");
        }
        assert!(!asked("https://evil.example").headers.contains_key("access-control-allow-methods"));
    }
}
