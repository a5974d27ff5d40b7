//! Storage of a user's packages.

use std::time::Duration;

use crate::support::house::House;

use super::{ask, limited, own, packed, refused};

fn room_for_three() -> House {
    limited(|limits| limits.user_storage = Some(350_000))
}

#[test]
fn whoever_has_no_room_left_is_told_before_anything_is_made() {
    let house = limited(|limits| limits.user_storage = Some(250_000));
    let first = packed(&house, "ada", "a", 130_000);
    packed(&house, "ada", "b", 110_000);
    house.project("ada", "d").file("d", "d".repeat(10));
    let problem = own(&first.api, "user-storage");
    assert!(problem["used"].as_u64() > Some(240_000), "{problem}");
    // There is a little room, so it is made, and found too large then.
    house.project("ada", "c").noise("noise.bin", 100_000);
    let failed = first.api.request("c").ended();
    assert_eq!(failed["error"]["code"], "QUOTA_EXCEEDED", "{failed}");

    house.beside(async |database| {
        let mut set = exportd::domain::SetLimits::default();
        set[exportd::domain::Policy::UserStorage] = Some(exportd::domain::Limit::AtMost(240_000));
        database.user_limits().set(&"ada".parse().expect("an id"), &set).await.expect("set");
    });
    let problem = refused(ask(&first.api, "d"), "QUOTA_EXCEEDED", "user-storage");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("delete")), "{problem}");
    first.api.delete(&first.path("")).expect(204);
    first.api.request("d").completed();
}

#[test]
fn a_package_that_would_be_too_much_fails_clearly_and_leaves_nothing() {
    let house = room_for_three();
    packed(&house, "ada", "a", 200_000);
    let before = house.stored_files().len();
    house.project("ada", "big").noise("noise.bin", 160_000);
    let ada = house.user("ada");
    let failed = ada.request("big").ended();
    assert_eq!((&failed["status"], &failed["error"]["code"]), (&"failed".into(), &"QUOTA_EXCEEDED".into()));
    let message = failed["error"]["message"].as_str().expect("a message");
    assert!(message.contains("341.8 KB") && message.contains("delete"), "{message}");
    assert_eq!(house.stored_files().len(), before, "nothing is left");
    assert_eq!(failed["attempt"], 1, "another attempt would end the same");
}

#[test]
fn what_has_expired_makes_room() {
    let house = room_for_three();
    packed(&house, "ada", "a", 200_000);
    house.clock().advance(Duration::from_secs(8 * 86_400));
    packed(&house, "ada", "b", 200_000);
    assert!(own(&house.user("ada"), "user-storage")["used"].as_u64() < Some(250_000));
}
