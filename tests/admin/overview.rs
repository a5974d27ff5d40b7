//! Everyone's exports at a glance: why they fail, what packages take, what sweeps did.

use std::time::Duration;

use serde_json::{Value, json};

use super::{is_for_admins, told};
use crate::support::api::eventually;
use crate::support::house::House;

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn failures_are_told_by_their_cause() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    for user in ["ada", "bob"] {
        house.project(user, "many").file("a", "a").file("b", "b");
        assert_eq!(house.user(user).request("many").ended()["status"], "failed");
    }
    let last = told(&house.user("bob"), "/api/v1/exports")["items"][0].clone();
    let causes = told(&house.admin(), "/api/v1/admin/failures");
    let [cause] = &causes["items"].as_array().expect("causes")[..] else { panic!("one: {causes}") };
    let (code, exports, users) = (&cause["code"], &cause["exports"], &cause["users"]);
    assert_eq!((code, exports, users), (&json!("TOO_MANY_FILES"), &json!(2), &json!(2)));
    assert_eq!((&cause["kind"], &cause["format"]), (&json!("project"), &json!("zip")));
    assert_eq!(cause["example"], json!({"id": last["id"], "message": last["error"]["message"]}));
    assert_eq!(cause["lastAt"], last["completedAt"]);
    house.clock().advance(2 * DAY);
    assert_eq!(told(&house.admin(), "/api/v1/admin/failures?days=2")["items"], json!([]));
    assert_eq!(
        told(&house.admin(), "/api/v1/admin/failures?days=3")["items"].as_array().map(Vec::len),
        Some(1)
    );
    is_for_admins(&house.user("ada"), |api| api.get("/api/v1/admin/failures"));
    house.admin().get("/api/v1/admin/failures?days=0").expect(400);
}

#[test]
fn storage_is_told_by_format_and_by_user() {
    let house = House::with(|settings| settings.storage.reserve = 4096);
    for (user, size) in [("ada", 100_000), ("bob", 300_000)] {
        house.project(user, "shop").noise("n", size);
        house.user(user).request("shop").completed();
    }
    let storage = told(&house.admin(), "/api/v1/admin/storage");
    let size = |user: &str| {
        told(&house.user(user), "/api/v1/exports")["items"][0]["fileSize"].as_u64().expect("a size")
    };
    let (ada, bob) = (size("ada"), size("bob"));
    let none = json!({"packages": 0, "bytes": 0});
    assert_eq!(
        (&storage["backend"], &storage["packages"], &storage["reserveBytes"]),
        (&json!("local"), &json!(2), &json!(4096))
    );
    assert_eq!(storage["byFormat"], json!([{"format": "zip", "packages": 2, "bytes": ada + bob}]));
    assert_eq!(
        storage["users"],
        json!([{"userId": "bob", "packages": 1, "bytes": bob}, {"userId": "ada", "packages": 1, "bytes": ada}])
    );
    let bytes = |name: &str| storage[name].as_u64().expect("bytes");
    assert!(bytes("usedBytes") >= ada + bob && bytes("totalBytes") >= bytes("freeBytes"), "{storage}");
    assert_eq!(storage["expiringWithinDay"], none);
    house.clock().advance(6 * DAY + Duration::from_secs(60));
    let later = told(&house.admin(), "/api/v1/admin/storage");
    assert_eq!(later["expiringWithinDay"], json!({"packages": 2, "bytes": ada + bob}));
    house.clock().advance(DAY);
    let later = told(&house.admin(), "/api/v1/admin/storage");
    assert_eq!(
        (&later["packages"], &later["users"], &later["expiringWithinDay"]),
        (&json!(0), &json!([]), &none)
    );
    is_for_admins(&house.user("ada"), |api| api.get("/api/v1/admin/storage"));
}

#[test]
fn sweeps_that_did_something_are_remembered_with_why_and_for_ninety_days() {
    let house = House::with(|settings| settings.cleanup.interval = DAY);
    let admin = house.admin();
    let sweeps = || told(&admin, "/api/v1/admin/cleanups")["items"].as_array().expect("sweeps").clone();
    house.project("ada", "shop").noise("n", 100_000);
    house.user("ada").request("shop").completed();
    admin.act("/api/v1/admin/cleanup").expect(200);
    assert_eq!(sweeps(), Vec::<Value>::new(), "nothing was done");
    house.clock().advance(8 * DAY);
    let swept = admin.act("/api/v1/admin/cleanup").expect(200).json();
    let [past] = &sweeps()[..] else { panic!("one") };
    for member in ["expired", "deletedFiles", "freedBytes", "orphansRemoved", "errors"] {
        assert_eq!(past[member], swept[member], "{past}");
    }
    assert_eq!((&past["reason"], &past["expired"]), (&json!("asked"), &json!(1)));
    assert!(
        past["worker"].is_string() && past["durationMillis"].is_u64() && past["at"].is_string(),
        "{past}"
    );
    house.clock().advance(91 * DAY);
    admin.act("/api/v1/admin/cleanup").expect(200);
    assert_eq!(sweeps(), Vec::<Value>::new(), "after ninety days nobody asks");
    is_for_admins(&house.user("ada"), |api| api.get("/api/v1/admin/cleanups"));
    admin.get("/api/v1/admin/cleanups?limit=0").expect(400);
}

#[test]
fn the_house_s_own_sweeps_tell_that_they_were() {
    let house = House::with(|settings| settings.cleanup.interval = Duration::from_millis(20));
    house.project("ada", "shop").file("a", "a");
    house.user("ada").request("shop").completed();
    house.clock().advance(8 * DAY);
    eventually("it is swept", || house.stored_files().is_empty().then_some(()));
    let reason = eventually("a sweep is remembered", || {
        told(&house.admin(), "/api/v1/admin/cleanups")["items"].get(0).map(|past| past["reason"].clone())
    });
    assert!([json!("tick"), json!("deep")].contains(&reason), "{reason}");
}
