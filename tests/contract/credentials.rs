//! Whoever has to be known is, whatever the call.

use ureq::http::Method;

use super::ground::Ground;
use crate::support::api::Api;

#[test]
fn no_call_that_needs_credentials_is_answered_without_true_ones() {
    let ground = Ground::new();
    let document = ground.document();
    let ada = ground.house.user("ada");
    let forger = Api::new(ada.address(), Some("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.".to_owned()));
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            if operation["security"].as_array().is_none_or(Vec::is_empty) {
                continue;
            }
            let method: Method = method.to_uppercase().parse().expect("a method");
            let headers = [("content-type", "application/json")];
            let send =
                |by: &Api| by.send(method.clone(), &ground.place(path), &headers, Some(b"{}".to_vec()));
            assert_eq!(send(&ada.anonymous()).status, 401, "{method} {path}");
            // Who goes on trying is slowed down.
            assert!([401, 429].contains(&send(&forger).status), "{method} {path}");
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
    assert_eq!(ada.get("/api/v1/exports").expect(200).json()["items"].as_array().map(Vec::len), Some(1));
}
