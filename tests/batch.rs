//! Many requests at once: one result for each, or none carried out.

use serde_json::{Value, json};

use crate::support::api::{Api, wanted};
use crate::support::house::House;

fn batch(api: &Api, items: &[Value]) -> crate::support::api::Answer {
    api.post("/api/v1/exports/batch", &json!({"items": items}))
}

fn listed(api: &Api) -> usize {
    api.get("/api/v1/exports?limit=200").expect(200).json()["items"].as_array().expect("items").len()
}

#[test]
fn each_item_has_its_result_in_the_order_asked() {
    let house = House::open();
    for project in ["a", "b", "c"] {
        house.project("ada", project).file("a", "a");
    }
    let ada = house.user("ada");
    let known = ada.request("b");
    known.completed();
    let mut too_important = wanted("c");
    too_important["priority"] = json!(5);
    let answer =
        batch(&ada, &[wanted("a"), wanted("nothing"), wanted("b"), too_important, wanted("a")]).expect(207);
    let items = answer.json()["items"].as_array().expect("results").clone();
    let statuses: Vec<_> = items.iter().map(|item| item["status"].as_u64().expect("a status")).collect();
    assert_eq!(statuses, [202, 404, 200, 403, 200]);
    assert_eq!(items[1]["problem"]["code"], "PROJECT_NOT_FOUND");
    assert_eq!(items[1]["problem"]["correlationId"], answer.header("x-correlation-id"));
    assert_eq!(
        (&items[2]["export"]["id"], &items[2]["export"]["deduplicated"]),
        (&json!(known.id), &json!(true))
    );
    assert_eq!(items[4]["export"]["id"], items[0]["export"]["id"], "the same twice is one");
    assert!(items[0].get("problem").is_none() && items[1].get("export").is_none(), "{items:?}");
    ada.export(items[0]["export"]["id"].as_str().expect("an id")).completed();
    assert_eq!(listed(&ada), 2);
}

#[test]
fn one_item_that_cannot_be_meant_keeps_all_from_being_made_and_every_fault_is_told() {
    let house = House::with(|settings| settings.retention.max = std::time::Duration::from_secs(3_600));
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let pointers = |items: &[Value]| -> Vec<String> {
        let refused = batch(&ada, items).expect(400);
        assert_eq!(refused.code(), "VALIDATION_FAILED");
        let errors = refused.json()["errors"].as_array().expect("errors").clone();
        errors.iter().map(|error| error["pointer"].as_str().expect("a pointer").to_owned()).collect()
    };
    let mut long = wanted("shop");
    long["retentionSeconds"] = json!(7_200);
    let mut glob = wanted("shop");
    glob["selector"]["paths"] = json!(["[z-a]"]);
    let mut version = wanted("shop");
    version["selector"]["versionId"] = json!("v9");
    let mut rar = wanted("shop");
    rar["format"] = json!("rar");
    let data = json!({"kind": "user_data", "selector": {}});
    let read = [wanted("shop"), json!({"kind": "project", "selector": {}, "x": 1}), json!(7)];
    assert_eq!(pointers(&read), ["/items/1/selector/projectId", "/items/1/x", "/items/2"]);
    assert_eq!(pointers(&[rar, wanted("shop")]), ["/items/0"]);
    assert_eq!(pointers(&[wanted("shop"), data]), ["/items/1"], "nothing of that kind is declared here");
    assert_eq!(
        pointers(&[wanted("shop"), long, glob, version]),
        ["/items/1/retentionSeconds", "/items/2/selector/paths", "/items/3/selector/versionId"]
    );
    assert_eq!(listed(&ada), 0, "none was made");
}

#[test]
fn a_batch_has_one_to_a_hundred_items() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    for items in [json!([]), json!({}), json!("x"), Value::Null, json!(vec![wanted("shop"); 101])] {
        let refused = ada.post("/api/v1/exports/batch", &json!({"items": items})).expect(400);
        assert_eq!(refused.text("/errors/0/pointer"), "/items");
    }
    assert_eq!(listed(&ada), 0);
    let all = batch(&ada, &vec![wanted("shop"); 100]).expect(207).json();
    assert_eq!(all["items"].as_array().map(Vec::len), Some(100));
    assert_eq!(listed(&ada), 1);
    ada.export(all["items"][0]["export"]["id"].as_str().expect("an id")).completed();
}

#[test]
fn a_batch_is_sent_again_with_its_key_and_made_once() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let (body, key) = (json!({"items": [wanted("shop"), wanted("nothing")]}), [("idempotency-key", "k")]);
    let first = ada.post_with("/api/v1/exports/batch", &body, &key).expect(207);
    let again = ada.post_with("/api/v1/exports/batch", &body, &key).expect(207);
    assert_eq!((first.body, again.header("idempotency-replayed")), (again.body.clone(), "true".to_owned()));
    ada.export(&again.text("/items/0/export/id")).completed();
    assert_eq!(listed(&ada), 1);
}
