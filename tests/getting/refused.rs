//! The server says no, or somebody else answers.

use super::{Getter, packed};
use crate::support::house::House;
use crate::support::proxy::Proxy;

const UNKNOWN: &str = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";

#[test]
fn each_no_has_its_exit_code_and_its_reason() {
    let house = House::open();
    let export = packed(&house, "shop", 100_000);
    let ada = Getter::of(&export);
    ada.get(&[UNKNOWN]).expect(3).says("404");
    Getter { token: String::new(), ..Getter::of(&export) }.get(&[&export.id]).expect(4).says("--token");
    let bob = Getter { token: house.user("bob").token().to_owned(), ..Getter::of(&export) };
    bob.get(&[&export.id]).expect(4).says("Only the");
    house.clock().advance(std::time::Duration::from_secs(8 * 86_400));
    ada.get(&[&export.id]).expect(3).says("expired");
    for words in
        [&["shop.zip"][..], &["ftp://host/x"], &["http://ada:pw@host/x"], &[&export.id, "--connections", "0"]]
    {
        ada.get(words).expect(2);
    }
    assert!(ada.files().is_empty() && bob.files().is_empty());
}

#[test]
fn a_token_goes_to_its_own_server_and_to_no_other() {
    let house = House::open();
    let export = packed(&house, "shop", 100_000);
    let elsewhere = Proxy::to(export.api.address());
    let getter = Getter::of(&export);
    getter.get(&[&elsewhere.url(&export.path("/download"))]).expect(4).says("the token was not sent");
    assert!(elsewhere.asked().iter().all(|asked| asked.header("authorization").is_empty()));

    // Nor does it follow where its own server may lead it.
    let moved = format!(
        "HTTP/1.1 302 Found\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n",
        elsewhere.url("/d/sesame")
    );
    let asked = elsewhere.asked().len();
    let ours = Proxy::to(export.api.address()).answering(&[&moved]);
    let led = Getter { server: ours.url(""), ..Getter::of(&export) }.get(&[&export.id]).expect(1);
    assert!(ours.asked()[0].header("authorization").starts_with("Bearer "));
    assert_eq!(elsewhere.asked().len(), asked, "nobody was asked there");
    assert!(!led.says("another server").err.contains("sesame"));
}

#[test]
fn the_token_of_a_link_is_told_to_nobody() {
    let house = House::open();
    let export = packed(&house, "shop", 12_000_000);
    let proxy = Proxy::to(export.api.address())
        .adding(format!("Authorization: Bearer {}", export.api.token()))
        .holding_after(5_000_000);
    proxy.lead("/d/open-sesame", &export.path("/download"));
    let getter = Getter { server: proxy.url(""), ..Getter::of(&export) };
    let getting = getter.begin(&[&proxy.url("/d/open-sesame")]);
    proxy.held();
    let name = export.show()["fileName"].as_str().expect("a name").to_owned();
    getter.some_of(&name, super::size(&export));
    assert!(!String::from_utf8(getter.read(&format!("{name}.part.json"))).expect("text").contains("sesame"));
    getting.signal(rustix::process::Signal::INT);
    assert!(!getting.ended().expect(130).err.contains("sesame"));
    proxy.release();
    // A link needs no other credentials, and is given none but its own.
    assert!(proxy.asked().iter().all(|asked| asked.header("authorization").is_empty()));

    std::fs::write(getter.path("password"), "hush\n").expect("written");
    getter.get(&[&proxy.url("/d/open-sesame"), "--password-file", "password"]).expect(0);
    assert_eq!(proxy.asked().last().expect("asked").header("authorization"), "Basic Omh1c2g=");
}

#[test]
fn a_server_that_is_busy_is_asked_again_when_it_wants_to_be() {
    let house = House::open();
    let export = packed(&house, "shop", 100_000);
    let busy = |status: &str, after: &str| {
        format!("HTTP/1.1 {status}\r\nRetry-After: {after}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    // Three answers each, as the words for a HEAD come with a GET.
    let (later, past) = (
        busy("503 Service Unavailable", "0"),
        busy("429 Too Many Requests", "Sun, 06 Nov 1994 08:49:37 GMT"),
    );
    let proxy = Proxy::to(export.api.address()).answering(&[&later, &later, &past, &past]);
    let getter = Getter { server: proxy.url(""), ..Getter::of(&export) };
    let got = getter.get(&[&export.id, "-o", "a.zip", "--json"]).expect(0).says("503");
    assert_eq!(got.json()["retries"], 2);

    let never = busy("503 Service Unavailable", "86400");
    let proxy = Proxy::to(export.api.address()).answering(&[&never, &never]);
    let getter = Getter { server: proxy.url(""), ..Getter::of(&export) };
    getter.get(&[&export.id, "-o", "b.zip"]).expect(1).says("come back in 1day");
    getter.get(&["http://127.0.0.1:1/x", "--retries", "1"]).expect(1).says("given up after 1");
}
