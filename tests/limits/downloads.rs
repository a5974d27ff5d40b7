//! Downloads in a minute, and bytes in a day.

use std::time::Duration;

use exportd::app::Mode;
use serde_json::json;

use crate::support::api::{Answer, ExportHandle, eventually};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::raw;

use super::{limited, own, packed, refused};

const MINUTE: Duration = Duration::from_secs(60);
/// Large enough that a client that stops reading has not got all of it.
const LARGE: usize = 24_000_000;

/// By exportd itself, and by nginx.
fn both(change: impl Fn(&mut exportd::app::LimitsConfig), case: impl Fn(&House)) {
    for mode in [Mode::Direct, Mode::Accel] {
        let house = match mode {
            Mode::Direct => limited(&change),
            Mode::Accel => House::behind_nginx(|settings| change(&mut settings.user_limits)),
        };
        case(&house);
    }
}

fn get(export: &ExportHandle, range: &str) -> Answer {
    if range.is_empty() { export.download(&[]) } else { export.download(&[("range", range)]) }
}

#[test]
fn a_download_is_charged_once_however_it_is_fetched_and_again_from_the_start() {
    both(
        |limits| limits.downloads_per_minute = Some(2),
        |house| {
            let export = packed(house, "ada", "shop", 100_000);
            // What sends nothing is free.
            let tag = export.api.head(&export.path("/download"), &[]).expect(200).header("etag");
            export.download(&[("if-none-match", &tag)]).expect(304);
            export.download(&[("if-match", "\"x\"")]).expect(412);
            get(&export, "bytes=99999999-").expect(416);
            assert_eq!(own(&export.api, "downloads-per-minute")["used"], 0);

            for range in ["bytes=0-0", "bytes=0-999", "bytes=50000-", "bytes=1000-49999", "bytes=60000-"] {
                get(&export, range).expect(206);
            }
            assert_eq!(own(&export.api, "downloads-per-minute")["used"], 1, "one, in pieces");
            get(&export, "").expect(200);
            assert_eq!(own(&export.api, "downloads-per-minute")["used"], 2, "and the whole once more");
            refused(get(&export, ""), "RATE_LIMITED", "downloads-per-minute");
            refused(get(&export, "bytes=0-"), "RATE_LIMITED", "downloads-per-minute");
            get(&export, "bytes=70000-").expect(206);
            assert_eq!(house.metric(r#"exportd_rate_limited_total{policy="downloads_per_minute"}"#), 2.0);

            house.clock().advance(MINUTE);
            get(&export, "").expect(200);
        },
    );
}

#[test]
fn a_resume_at_a_server_that_has_just_started_belongs_to_what_was_begun() {
    let house = limited(|limits| limits.downloads_per_minute = Some(1));
    let export = packed(&house, "ada", "shop", 100_000);
    get(&export, "bytes=0-999").expect(206);
    let house = house.reopened();
    let export = house.user("ada").export(&export.id);
    get(&export, "bytes=1000-").expect(206);
    refused(get(&export, ""), "RATE_LIMITED", "downloads-per-minute");
    let other = packed(&house, "ada", "other", 1_000);
    refused(get(&other, "bytes=1-"), "RATE_LIMITED", "downloads-per-minute");
}

#[test]
fn links_are_charged_to_nobody_s_minute_and_their_bytes_to_their_maker_s_day() {
    let house = limited(|limits| {
        limits.downloads_per_minute = Some(1);
        limits.download_bytes_per_day = Some(250_000);
    });
    let export = packed(&house, "ada", "shop", 100_000);
    let url = export.api.post(&export.path("/links"), &json!({})).expect(201).text("/url");
    let path = url[url.find("/d/").expect("a path")..].to_owned();
    let visitor = export.api.anonymous();
    for _ in 0..2 {
        visitor.get(&path).expect(200);
    }
    assert_eq!(own(&export.api, "downloads-per-minute")["used"], 0);
    let refusal = visitor.get(&path).expect(429);
    assert_eq!(refusal.code(), "QUOTA_EXCEEDED");
    assert!(refusal.json().get("limit").is_none(), "visitors hear nothing of the owner's limits");
    refused(get(&export, ""), "QUOTA_EXCEEDED", "download-bytes-per-day");
    get(&export, "bytes=0-9").expect(206);
}

#[test]
fn bytes_of_a_day_are_counted_as_they_were_sent() {
    both(
        |limits| limits.download_bytes_per_day = Some(250_000),
        |house| {
            let export = packed(house, "ada", "shop", 100_000);
            let size = export.show()["fileSize"].as_u64().expect("a size");
            get(&export, "").expect(200);
            get(&export, "bytes=0-999").expect(206);
            let used = own(&export.api, "download-bytes-per-day")["used"].clone();
            assert_eq!(used, size + 1_000);
            get(&export, "").expect(200);
            let problem = refused(get(&export, ""), "QUOTA_EXCEEDED", "download-bytes-per-day");
            assert_eq!(problem["remaining"], 250_000 - 2 * size - 1_000);
            let wait = problem["retryAfterSeconds"].as_u64().expect("seconds");
            assert!((86_300..=86_400).contains(&wait), "{wait}");
            let entry = export.api.get(&export.path("/entries/noise.bin"));
            assert_eq!(entry.expect(429).code(), "QUOTA_EXCEEDED", "nor entry by entry");
            house.clock().advance(Duration::from_secs(wait));
            get(&export, "").expect(200);
        },
    );
}

#[test]
fn what_a_client_that_goes_away_was_not_sent_is_given_back() {
    both(
        |limits| limits.download_bytes_per_day = Some(LARGE as u64 + 1_000_000),
        |house| {
            let export = packed(house, "ada", "shop", LARGE);
            let mut socket = raw::connect(export.api.address());
            let (path, token) = (export.path("/download"), export.api.token());
            raw::send(
                &mut socket,
                &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
            );
            assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 200"));
            assert!(own(&export.api, "download-bytes-per-day")["used"].as_u64() >= Some(LARGE as u64));
            refused(get(&export, "bytes=1000000-"), "QUOTA_EXCEEDED", "download-bytes-per-day");
            drop(socket);
            eventually("what was not sent is free again", || {
                let used = own(&export.api, "download-bytes-per-day")["used"].as_u64().expect("bytes");
                (used < LARGE as u64).then_some(())
            });
            get(&export, "bytes=0-99").expect(206);
        },
    );
}

#[test]
fn a_server_that_is_killed_under_a_download_charges_what_it_is_known_to_have_sent() {
    let day = (LARGE + 1_000_000).to_string();
    let site = Site::new(&[("LIMITS__DOWNLOAD_BYTES_PER_DAY", &day)]);
    site.project("ada", "shop").noise("noise.bin", LARGE);
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    raw::send(
        &mut socket,
        &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
    );
    assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 200"));
    server.kill();
    drop(socket);
    let server = site.serve();
    let export = server.user("ada").export(&export.id);
    assert!(own(&export.api, "download-bytes-per-day")["used"].as_u64() < Some(LARGE as u64));
    get(&export, "bytes=20000000-").expect(206);
}
