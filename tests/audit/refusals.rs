//! Whoever was refused.

use serde_json::json;

use super::{entries, entries_are};
use crate::support::api::{Api, wanted};
use crate::support::house::House;

#[test]
fn whoever_may_not_is_told_with_their_name_and_whoever_proves_nothing_with_their_address() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let (ada, eve, root) = (house.user("ada"), house.user("eve"), house.admin());
    let export = ada.request("shop");
    export.completed();
    eve.get(&export.path("/download")).expect(403);
    let refused = entries_are(&root, "actor=eve", 1).remove(0);
    assert_eq!((&refused["action"], &refused["outcome"]), (&json!("package.downloaded"), &json!("refused")));
    assert_eq!((&refused["status"], &refused["code"]), (&json!(403), &json!("DOWNLOAD_UNAUTHORIZED")));
    assert_eq!(refused["subject"]["id"], export.id);
    eve.delete(&export.path("")).expect(403);
    eve.get(&export.path("")).expect(403);
    eve.get("/api/v1/admin/audit").expect(403);
    let told = entries_are(&root, "actor=eve&outcome=refused", 4);
    let actions: Vec<_> = told.iter().map(|entry| entry["action"].as_str().expect("a word")).collect();
    assert_eq!(actions, ["package.downloaded", "export.deleted", "access.refused", "audit.read"]);

    let stranger = ada.anonymous();
    stranger.post("/api/v1/exports", &wanted("shop")).expect(401);
    let forged = Api::new(ada.address(), Some(format!("{}x", ada.token())));
    forged.get_with("/api/v1/exports", &[("x-correlation-id", "forged")]).expect(401);
    let told = entries_are(&root, "address=127.0.0.1&correlationId=forged", 1).remove(0);
    assert_eq!((&told["actor"], &told["code"]), (&json!(null), &json!("UNAUTHENTICATED")));
    assert_eq!(told["detail"]["reason"], "signature");
    assert_eq!(entries(&root, "action=export.requested&outcome=refused").len(), 1);
}

#[test]
fn a_thousand_wrong_keys_are_a_handful_of_lines_and_their_number() {
    let house = House::open();
    let (stranger, root) = (house.user("ada").anonymous(), house.admin());
    for _ in 0..1000 {
        stranger.get("/api/v1/exports").expect(401);
    }
    house.clock().advance(std::time::Duration::from_secs(61));
    let told = entries_are(&root, "outcome=refused", 11);
    assert_eq!(told[10]["detail"]["more"], 990);
    assert_eq!(told[10]["address"], "127.0.0.1");
}

#[test]
fn what_is_not_there_for_them_is_told_too() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let nothing = "0198f2aa-0000-7000-8000-000000000000";
    ada.get(&format!("/api/v1/exports/{nothing}/download")).expect(404);
    let told = entries_are(&root, &format!("subject={nothing}"), 1).remove(0);
    assert_eq!((&told["outcome"], &told["code"]), (&json!("failed"), &json!("JOB_NOT_FOUND")));
    ada.anonymous().get("/d/K7gNU3sdo-OL0wNhqoVWhr3g6s1xYv72ol_pe_Unols").expect(404);
    let told = entries_are(&root, "outcome=failed", 2).remove(1);
    assert_eq!((&told["code"], &told["subject"]), (&json!("LINK_NOT_FOUND"), &json!(null)));
}
