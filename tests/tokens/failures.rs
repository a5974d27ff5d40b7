//! Credentials that prove nobody: refused alike, counted, slowed, and forgotten.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::support::api::{Answer, Api, eventually};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::raw;

use super::Made;

const LIST: &str = "/api/v1/exports";

/// A token of the right shape that nobody made.
fn strange(number: u64) -> String {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    let drawn = BASE64URL.encode(bytes);
    let mut rest = crc32fast::hash(drawn.as_bytes());
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut sum = [0; 6];
    for digit in sum.iter_mut().rev() {
        *digit = digits[(rest % 62) as usize];
        rest /= 62;
    }
    format!("exd_{drawn}{}", String::from_utf8_lossy(&sum))
}

fn with(house: &House, token: &str, from: &str) -> Answer {
    let api = Api::new(house.user("ada").address(), Some(token.to_owned()));
    api.get_with(LIST, &[("x-forwarded-for", from)])
}

#[test]
fn every_broken_token_is_refused_in_the_same_words() {
    let house = House::open();
    let ada = house.user("ada");
    let (good, revoked) = (Made::by(&ada, &["exports:read"]), Made::by(&ada, &["exports:read"]));
    ada.delete(&revoked.path()).expect(204);
    let typo = good.secret.replace(&good.secret[20..24], "AAAA");
    let lower = good.secret.to_lowercase();
    let cut = &good.secret[..52];
    let long = format!("{}0", good.secret);
    let jwt = ada.token().to_owned();
    let wrong = [
        "exd_",
        "exd",
        "EXD_x",
        &typo,
        &lower,
        cut,
        &long,
        &good.secret[4..],
        &format!("exd_{jwt}"),
        &strange(1),
        &revoked.secret,
        "a.b.c",
        &"x".repeat(8_000),
    ];
    let told: HashSet<String> = wrong
        .iter()
        .map(|token| {
            let answer = with(&house, token, "203.0.113.9").expect(401);
            let challenge = answer.header("www-authenticate");
            assert!(challenge.starts_with(r#"Bearer realm="exportd", error="invalid_token""#), "{challenge}");
            format!("{} {} {challenge}", answer.code(), answer.text("/detail"))
        })
        .collect();
    assert_eq!(told.len(), 1, "{told:?}");
    let missing = ada.anonymous().get(LIST).expect(401);
    assert_eq!(missing.header("www-authenticate"), r#"Bearer realm="exportd""#, "RFC 6750 §3.1");
    for (reason, times) in
        [("api_token_broken", 6.0), ("api_token_unknown", 1.0), ("api_token_revoked", 1.0), ("missing", 1.0)]
    {
        let sample = format!("exportd_auth_failures_total{{reason=\"{reason}\"}}");
        assert_eq!(house.metric(&sample), times, "{reason}");
    }
    let page = String::from_utf8(house.ops().get("/metrics").expect(200).body).expect("text");
    for reason in ["session_several", "csrf_wrong", "algorithm", "from_elsewhere"] {
        assert!(page.contains(&format!("exportd_auth_failures_total{{reason=\"{reason}\"}} 0")), "{reason}");
    }
    good.api.get(LIST).expect(200);
}

#[test]
fn whoever_keeps_failing_is_slowed_and_whoever_is_right_is_not() {
    let house = House::open();
    let made = Made::by(&house.user("ada"), &["exports:read"]);
    let jwt = house.user("ada").token().to_owned();
    for number in 0..100 {
        let place = if number % 2 == 0 { "2001:db8::1" } else { "2001:db8::ffff:2" };
        with(&house, &strange(number), place).expect(401);
    }
    let slowed = with(&house, "a.b.c", "2001:db8::3").expect(429);
    assert_eq!((slowed.code(), slowed.header("retry-after")), ("RATE_LIMITED".into(), "1".into()));
    for right in [&made.secret, &jwt] {
        with(&house, right, "2001:db8::3").expect(200);
    }
    with(&house, &strange(7), "2001:db8:0:1::1").expect(401);
    // Who has no credential, or one that was good once, is told so and not to wait.
    let nobody = house.user("ada").anonymous();
    nobody.get_with(LIST, &[("x-forwarded-for", "2001:db8::3")]).expect(401);
    house.clock().advance(Duration::from_secs(1));
    with(&house, "a.b.c", "2001:db8::3").expect(401);
    assert_eq!(with(&house, "a.b.c", "2001:db8::3").expect(429).header("retry-after"), "2", "doubled");
    assert_eq!(house.metric(r#"exportd_rate_limited_total{policy="credentials"}"#), 2.0);
    house.clock().advance(Duration::from_secs(3_651 * 86_400));
    for _ in 0..200 {
        assert_eq!(with(&house, &jwt, "198.51.100.7").expect(401).code(), "TOKEN_EXPIRED");
    }
}

#[test]
fn a_stranger_cannot_speak_of_another_address() {
    let house = House::with(|settings| settings.server.trusted_proxies = Vec::new());
    for number in 0..100 {
        with(&house, "a.b.c", &format!("203.0.113.{number}")).expect(401);
    }
    with(&house, "a.b.c", "203.0.113.200").expect(429);
    house.user("ada").get(LIST).expect(200);
}

#[test]
fn a_hundred_thousand_wrong_keys_from_everywhere_leave_nothing_behind() {
    const EACH: u64 = 12_500;
    let site = Site::new(&[("LOG__LEVEL", "error")]);
    let server = site.serve();
    let ada = server.user("ada");
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it runs");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a line");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
    };
    let guess = |numbers: std::ops::Range<u64>| {
        let mut socket = raw::connect(ada.address());
        let mut refused = 0;
        for number in numbers {
            let address = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
            let token = if number % 2 == 0 { strange(number) } else { format!("{number}.b.c") };
            let request = format!(
                "GET {LIST} HTTP/1.1\r\nhost: x\r\nx-forwarded-for: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
            );
            raw::send(&mut socket, &request);
            let answer = raw::read_some(&mut socket);
            refused += u64::from(answer.starts_with("HTTP/1.1 401"));
        }
        refused
    };
    guess(0..2_000);
    let before = memory();
    let refused: u64 = thread::scope(|scope| {
        let guess = &guess;
        let guessing = (0..8).map(|thread| scope.spawn(move || guess(thread * EACH..(thread + 1) * EACH)));
        let guessing: Vec<_> = guessing.collect();
        // Meanwhile Ada is served, and her token written down.
        let made = Made::by(&ada, &["exports:read"]);
        for _ in 0..50 {
            made.api.get(LIST).expect(200);
        }
        eventually("its use", || {
            let list = ada.get(super::TOKENS).expect(200).json();
            list["items"][0]["lastUsedAt"].is_string().then_some(())
        });
        guessing.into_iter().map(|thread| thread.join().expect("a guesser")).sum()
    });
    assert_eq!(refused, 8 * EACH, "each from an address of its own");
    let grown = memory().saturating_sub(before);
    assert!(grown < 60, "{grown} MiB more than before");
    server.terminate();
    assert!(server.gone().success());
}
