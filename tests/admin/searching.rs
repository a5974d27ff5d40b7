//! Searching lists: literally, whatever the case, page by page.

use serde_json::{Value, json};

use super::told;
use crate::support::api::Api;
use crate::support::house::House;

/// The names of the files that `query` finds, newest first.
fn found(api: &Api, query: &[(&str, &str)]) -> Vec<String> {
    let query = serde_urlencoded::to_string(query).expect("a query");
    let page = told(api, &format!("/api/v1/exports?{query}"));
    let name = |item: &Value| item["fileName"].as_str().expect("a name").to_owned();
    page["items"].as_array().expect("items").iter().map(name).collect()
}

#[test]
fn exports_are_found_by_file_name_project_version_and_id() {
    let house = House::open();
    let ada = house.user("ada");
    house.project("ada", "Straßen_Karte").file("a", "a");
    house.project("ada", "shop100%").file("a", "a");
    house.project("bob", "straßen").file("a", "a");
    house.user("bob").request("straßen").completed();
    let map = ada.request("Straßen_Karte").completed();
    let shop = ada.request("shop100%").completed();
    let [map_name, shop_name] = [&map, &shop].map(|export| export["fileName"].as_str().expect("a name"));
    let id = shop["id"].as_str().expect("an id");
    for (wanted, names) in [
        ("STRASSEN", &[][..]),
        ("STRAßEN", &[map_name]),
        ("straßen_", &[map_name]),
        ("straßen-", &[map_name]),
        ("_", &[map_name]),
        ("%", &[shop_name]),
        ("100%", &[shop_name]),
        ("100_", &[]),
        (&shop_name.to_uppercase(), &[shop_name]),
        (".zip", &[shop_name, map_name]),
        (id, &[shop_name]),
        (&id[..23], &[shop_name]),
        (&id[1..], &[]),
        ("' OR 1=1 --", &[]),
        ("", &[shop_name, map_name]),
    ] {
        assert_eq!(found(&ada, &[("q", wanted)]), names, "{wanted:?}");
    }
    assert_eq!(found(&house.admin(), &[("q", "straßen")]).len(), 2, "an admin finds everyone's");
    assert_eq!(found(&house.admin(), &[("q", "straßen"), ("userId", "bob")]).len(), 1);
    assert_eq!(found(&ada, &[("q", "shop"), ("status", "failed")]).len(), 0, "beside other filters");
    let refused = ada.get("/api/v1/exports?q=a%0Ab").expect(400);
    assert_eq!(refused.text("/errors/0/pointer"), "/q");
}

#[test]
fn what_is_found_comes_in_pages_and_by_its_failure() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    let ada = house.user("ada");
    for i in 0..5 {
        house.project("ada", &format!("shop{i}")).file("a", "a");
        house.project("ada", &format!("blog{i}")).file("a", "a").file("b", "b");
        ada.request(&format!("shop{i}")).completed();
        assert_eq!(ada.request(&format!("blog{i}")).ended()["status"], "failed");
    }
    let (mut seen, mut next) = (Vec::new(), Some(String::new()));
    while let Some(cursor) = next {
        let page = told(&ada, &format!("/api/v1/exports?q=SHOP&limit=2{cursor}"));
        let items = page["items"].as_array().expect("items").iter();
        seen.extend(items.map(|item| item["selector"]["projectId"].as_str().expect("a project").to_owned()));
        next = page["nextCursor"].as_str().map(|cursor| format!("&cursor={cursor}"));
    }
    assert_eq!(seen, ["shop4", "shop3", "shop2", "shop1", "shop0"]);
    assert_eq!(found(&ada, &[("errorCode", "TOO_MANY_FILES")]).len(), 5);
    assert_eq!(found(&ada, &[("errorCode", "INTERNAL")]).len(), 0);
    assert_eq!(found(&ada, &[("errorCode", "TOO_MANY_FILES"), ("q", "blog3")]).len(), 1);
    let refused = ada.get("/api/v1/exports?errorCode=EATEN").expect(400);
    assert_eq!(refused.json()["errors"][0]["pointer"], json!("/errorCode"));
}

#[test]
fn exports_of_an_earlier_version_are_found_after_the_first_deep_sweep() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let name = ada.request("shop").completed()["fileName"].as_str().expect("a name").to_owned();
    house.change("UPDATE exports SET words = NULL");
    assert!(found(&ada, &[("q", "shop")]).is_empty());
    house.sweep();
    assert_eq!(found(&ada, &[("q", &name)]), [name.as_str()]);
}
