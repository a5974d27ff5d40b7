//! Whose word about addresses counts.

use serde_json::{Value, json};

use super::packed;
use crate::support::api::{Api, eventually};
use crate::support::house::House;

/// From where the only download of a package came, as its owner is told.
fn told(ada: &Api, download: &str) -> Value {
    let downloads = download.replace("/download", "/downloads");
    eventually("the download is counted", || {
        let items = ada.get(&downloads).expect(200).json()["items"].clone();
        items.get(0).map(|item| item["address"].clone())
    })
}

const LIES: [(&str, &str); 4] = [
    ("x-forwarded-for", "198.51.100.7"),
    ("forwarded", "for=198.51.100.7"),
    ("x-real-ip", "198.51.100.7"),
    ("x-client-ip", "198.51.100.7"),
];

#[test]
fn a_forged_address_never_counts() {
    let house = House::with(|settings| settings.server.trusted_proxies.clear());
    let (ada, download) = packed(&house);
    ada.get_with(&download, &LIES).expect(200);
    assert_eq!(told(&ada, &download), json!("127.0.0.1"));
}

#[test]
fn a_forged_address_does_not_count_behind_a_proxy_that_is_trusted_either() {
    let house = House::behind_nginx(|_| {});
    let (ada, download) = packed(&house);
    ada.get_with(&download, &LIES).expect(200);
    assert_eq!(told(&ada, &download), json!("127.0.0.1"));
}

#[test]
fn a_trusted_proxy_is_believed_as_to_whom_it_speaks_for() {
    let house = House::open();
    let (ada, download) = packed(&house);
    ada.get_with(&download, &[("x-forwarded-for", "203.0.113.9, 198.51.100.7")]).expect(200);
    assert_eq!(told(&ada, &download), json!("198.51.100.7"), "the nearest that it had it from");
}
