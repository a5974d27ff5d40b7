//! A signed request is good once: on every server, and whatever restarts.

use std::time::Duration;

use super::EXPORTS;
use super::machine::{KeyFile, Request};
use crate::support::house::House;
use crate::support::postgres::OwnDatabase;

fn outcome(house: &House, request: &Request) -> String {
    let answer = request.send(house);
    if answer.status == 200 { "served".to_owned() } else { answer.expect(401).code() }
}

#[test]
fn a_request_that_is_sent_again_is_refused_and_others_come_in_any_order() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let first = Request::get(&house, "ci", EXPORTS).signed();
    let second = Request::get(&house, "ci", EXPORTS).signed();
    assert_eq!(outcome(&house, &second), "served");
    assert_eq!(outcome(&house, &first), "served");
    for again in [&first, &second] {
        assert_eq!(outcome(&house, again), "REPLAYED");
    }
    let same_nonce = Request::get(&house, "ci", EXPORTS).parameter("nonce", "\"x\"").signed();
    let of_another = Request::get(&house, "robot", EXPORTS).parameter("nonce", "\"x\"").signed();
    assert_eq!(outcome(&house, &same_nonce), "served");
    assert_eq!(outcome(&house, &of_another), "served", "a nonce is of one key");

    let house = house.reopened();
    for again in [&first, &second, &same_nonce] {
        // It comes to another port now, but a proxy may well hide that.
        let again = again.clone().bare("x-forwarded-host", again.host());
        assert_eq!(outcome(&house, &again), "REPLAYED");
    }
}

#[test]
fn of_the_same_request_at_once_one_is_served() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    for _ in 0..5 {
        let request = Request::get(&house, "ci", EXPORTS).signed();
        let outcomes: Vec<String> = std::thread::scope(|scope| {
            let sent: Vec<_> = (0..16).map(|_| scope.spawn(|| outcome(&house, &request))).collect();
            sent.into_iter().map(|sent| sent.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "served").count(), 1, "{outcomes:?}");
        assert!(outcomes.iter().all(|outcome| outcome == "served" || outcome == "REPLAYED"), "{outcomes:?}");
    }
}

#[test]
fn a_second_server_of_the_same_rows_knows_what_the_first_has_served() {
    let (keys, database) = (KeyFile::new(), OwnDatabase::create());
    let server = || {
        keys.house(|settings| {
            settings.database = database.config();
            settings.server.public_url = Some("https://exports.example".to_owned());
        })
    };
    let (one, other) = (server(), server());
    for _ in 0..5 {
        let request = Request::get(&one, "ci", EXPORTS)
            .saying("@target-uri", "https://exports.example/api/v1/exports")
            .signed();
        let outcomes: Vec<String> = std::thread::scope(|scope| {
            let houses = [&one, &other].into_iter().cycle().take(12);
            let sent: Vec<_> = houses.map(|house| scope.spawn(|| outcome(house, &request))).collect();
            sent.into_iter().map(|sent| sent.join().expect("no panic")).collect()
        });
        assert_eq!(outcomes.iter().filter(|outcome| *outcome == "served").count(), 1, "{outcomes:?}");
    }
    drop((one, other));
}

#[test]
fn nonces_are_forgotten_once_their_signatures_are_too_old() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    let request = Request::get(&house, "ci", EXPORTS).signed();
    let count = || house.stored::<i64>("SELECT COUNT(*) FROM nonces");
    assert_eq!(outcome(&house, &request), "served");
    house.clock().advance(Duration::from_secs(301));
    house.sweep();
    assert_eq!(
        (count(), outcome(&house, &request).as_str()),
        (1, "SIGNATURE_INVALID"),
        "too early to forget"
    );
    house.clock().advance(Duration::from_secs(301));
    house.sweep();
    assert_eq!(count(), 0);
}
