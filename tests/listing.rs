//! Lists: newest first, page by page, each row once.

use std::collections::HashSet;
use std::time::Duration;

use crate::support::house::House;

#[test]
fn pages_follow_each_other_without_gap_or_repetition_while_rows_are_added() {
    let house = House::open();
    let ada = house.user("ada");
    let mut asked = Vec::new();
    let ask = |i: usize| {
        house.project("ada", &format!("p{i:02}")).file("a", "a");
        ada.request(&format!("p{i:02}")).id
    };
    for i in 0..23 {
        asked.push(ask(i));
    }
    let mut seen = Vec::new();
    let mut next = Some("/api/v1/exports?limit=5".to_owned());
    while let Some(path) = next {
        let answer = ada.get(&path).expect(200);
        let page = answer.json();
        seen.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item["id"].as_str().expect("an id").to_owned()),
        );
        next = page["nextCursor"].as_str().map(|cursor| format!("/api/v1/exports?limit=5&cursor={cursor}"));
        match &next {
            Some(path) => assert!(
                answer.header("link").contains(&format!("<{path}>; rel=\"next\"")),
                "{}",
                answer.header("link")
            ),
            None => assert_eq!(answer.header("link"), ""),
        }
        ask(23 + seen.len());
    }
    asked.reverse();
    assert_eq!(seen, asked, "newest first, each once");
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 23);
}

#[test]
fn a_list_can_be_narrowed() {
    let house = House::open();
    let ada = house.user("ada");
    house.project("ada", "shop").file("a", "a");
    house.project("ada", "blog").file("a", "a");
    let before = house.clock().now().minus(Duration::from_millis(1));
    ada.request("shop").completed();
    ada.request("blog").completed();
    let count = |query: &str| {
        let page = ada.get(&format!("/api/v1/exports?{query}")).expect(200).json();
        page["items"].as_array().expect("items").len()
    };
    assert_eq!(count("projectId=shop"), 1);
    assert_eq!(count("status=completed"), 2);
    assert_eq!(count("status=pending"), 0);
    assert_eq!(count("status=completed,failed&kind=project&format=zip"), 2);
    assert_eq!(count(&format!("createdBefore={before}")), 0);
    assert_eq!(count(&format!("createdAfter={before}")), 2);
}
