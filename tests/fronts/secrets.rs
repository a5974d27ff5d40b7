//! What nginx may not say, and what it may not be told.

use super::packed;
use crate::support::api::Api;
use crate::support::house::House;
use crate::support::nginx::{Nginx, told};
use crate::support::raw::exchange;

const TOKEN: &str = "s3cr3t-token-of-a-link";

#[test]
fn the_token_of_a_link_is_in_no_log_however_it_is_written() {
    let house = House::behind_nginx(|_| {});
    let nobody = house.user("ada").anonymous();
    let spellings = ["/d/", "//d/", "/%64/", "/d%2F", "/d//", "/./d/", "/x/../d/", "/%2e/d/", "/%44/", "/D/"];
    let ask = |api: &Api| {
        for spelling in spellings {
            api.get(&format!("{spelling}{TOKEN}"));
            api.get(&format!("{spelling}{TOKEN}?a=b"));
            api.head(&format!("{spelling}{TOKEN}"), &[("referer", "https://elsewhere.example/")]);
        }
        let at = api.address();
        exchange(at, &format!("GET http://x/d/{TOKEN} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        exchange(at, &format!("GET /d/{TOKEN} HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n"));
        exchange(
            at,
            &format!("GET /d/{TOKEN} HTTP/1.1\r\nhost: x\r\nbad header\r\nconnection: close\r\n\r\n"),
        );
        exchange(at, &format!("GET /d/{TOKEN} HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "x".repeat(64 << 10)));
        exchange(at, &format!("POST /d/{TOKEN} HTTP/1.1\r\nhost: x\r\ncontent-length: 9999999\r\n\r\n"));
    };
    ask(&nobody);
    house.nginx().request_to("/d/***");
    assert!(!house.nginx().logs().contains(TOKEN), "{}", house.nginx().logs());

    // Nobody listens there: nginx has reason to complain.
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a port");
    let alone = Nginx::before(&told(house.settings(), nowhere), &["--connections", "1"]);
    ask(&nobody.at(alone.address()));
    alone.request_to("/d/***");
    assert!(!alone.logs().contains(TOKEN), "{}", alone.logs());
    nobody.at(alone.address()).get("/api/v1/exports").expect(503);
    assert!(alone.logs().contains("Connection refused"), "otherwise it does complain");
}

#[test]
fn what_clients_say_of_themselves_is_not_passed_on() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 1_000);
    let claims = [
        ("x-forwarded-for", "198.51.100.7"),
        ("forwarded", "for=198.51.100.7"),
        ("x-exportd-accel", "failed"),
    ];
    let claims = [&claims[..], &[("x-correlation-id", "claimed"), ("accept-encoding", "identity")]].concat();
    export.download(&claims).expect(200);
    assert!(house.nginx().sent("claimed"), "that nginx could not is for nginx to say");
    let who = crate::support::api::eventually("the download is told", || {
        let told = export.api.get(&export.path("/downloads")).expect(200).json();
        told["items"].as_array().filter(|items| !items.is_empty()).cloned()
    });
    assert_eq!(who[0]["address"], "127.0.0.1", "{who:?}");
}

#[test]
fn who_comes_past_nginx_gets_the_bytes_all_the_same() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 10_000);
    let direct = house.direct(&export.api).export(&export.id);
    let (past, through) = (direct.download(&[]).expect(200), export.download(&[]).expect(200));
    assert!(!past.body.is_empty() && past.body == through.body);
    for answer in [&past, &through] {
        for (name, value) in &answer.headers {
            let text = format!("{name}: {value:?}");
            assert!(
                !text.contains("ticket") && !text.contains("accel") && !text.contains("exportd-"),
                "{text}"
            );
        }
    }
}
