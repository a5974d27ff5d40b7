//! Report templates over the API: made, shown, changed, deleted, and by whom.

use serde_json::{Value, json};
use ureq::http::Method;

use exportd::datasets::reference::{self, Seed};
use exportd::domain::Timestamp;

use crate::support::api::{Answer, Api};
use crate::support::forum;
use crate::support::house::House;

const ALL: &str = "/api/v1/templates";

fn of(id: &str) -> String {
    format!("{ALL}/{id}")
}

fn weekly() -> Value {
    json!({
        "name": "weekly", "title": "The week", "audience": "executive", "kinds": ["analytics"],
        "sections": [
            {"type": "heading", "text": "{{ title }}"},
            {"type": "text", "text": "{{ count|plural('row', 'rows') }}"},
            {"type": "table", "rows": 10, "sort": {"by": "day"}, "optional": true}
        ]
    })
}

fn made(api: &Api, template: &Value) -> String {
    let answer = api.post(ALL, template).expect(201);
    let id = answer.text("/id");
    assert_eq!(answer.header("location"), of(&id));
    id
}

fn put(api: &Api, id: &str, body: &Value, tag: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("if-match", tag)];
    api.send(Method::PUT, &of(id), &headers, Some(body.to_string().into_bytes()))
}

fn names(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items").iter();
    items.map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn a_template_is_made_shown_changed_and_deleted() {
    let house = House::open();
    let ada = house.user("ada");
    let id = made(&ada, &weekly());
    let shown = ada.get(&of(&id)).expect(200);
    let (tag, shown) = (shown.header("etag"), shown.json());
    assert_eq!(
        (&shown["owner"], &shown["shared"], &shown["shipped"]),
        (&json!("ada"), &json!(false), &json!(false))
    );
    assert_eq!((&shown["sections"], &shown["kinds"]), (&weekly()["sections"], &weekly()["kinds"]));
    assert_eq!(ada.get(&of("weekly")).expect(200).json(), shown, "by its name too");
    ada.get_with(&of(&id), &[("if-none-match", &tag)]).expect(304);

    // What was read may be sent back changed.
    let mut changed = shown.clone();
    changed["title"] = "The month".into();
    let second = put(&ada, &id, &changed, &tag).expect(200);
    assert_eq!(second.text("/title"), "The month");
    assert_eq!(put(&ada, &id, &weekly(), &tag).expect(412).code(), "PRECONDITION_FAILED");
    ada.put(&of(&id), &weekly()).expect(200);
    assert_eq!(ada.get(&of(&id)).expect(200).text("/title"), "The week");

    ada.delete(&of(&id)).expect(204);
    for gone in [ada.get(&of(&id)), ada.delete(&of(&id)), ada.put(&of(&id), &weekly())] {
        assert_eq!(gone.expect(404).code(), "TEMPLATE_NOT_FOUND");
    }
    assert_eq!(ada.get(&of("WEEKLY")).expect(400).code(), "INVALID_ID");
}

#[test]
fn those_that_come_with_the_server_are_listed_and_stay_as_they_are() {
    let house = House::open();
    let ada = house.user("ada");
    let listed = ada.get(ALL).expect(200).json();
    assert_eq!(names(&listed), ["executive", "technical", "customer", "compliance"]);
    assert!(listed["items"][0].get("sections").is_none(), "{listed}");
    for name in names(&listed) {
        let shown = ada.get(&of(&name)).expect(200).json();
        assert_eq!(
            (&shown["id"], &shown["shipped"], &shown["owner"]),
            (&json!(name), &json!(true), &Value::Null)
        );
        assert!(shown["sections"].as_array().is_some_and(|parts| !parts.is_empty()));
        for refused in [house.admin().put(&of(&name), &shown), house.admin().delete(&of(&name))] {
            assert_eq!(refused.expect(403).code(), "FORBIDDEN");
        }
        // Another of that name would be taken for it.
        let refused = ada.post(ALL, &shown).expect(400);
        assert_eq!(
            (refused.code().as_str(), refused.text("/errors/0/pointer").as_str()),
            ("VALIDATION_FAILED", "/name")
        );
        let mut own = shown;
        own["name"] = format!("my-{name}").into();
        made(&ada, &own);
    }
}

#[test]
fn templates_are_their_makers_own_unless_an_admin_shares_them() {
    let house = House::open();
    let (ada, bob, root) = (house.user("ada"), house.user("bob"), house.admin());
    let own = made(&ada, &weekly());
    for refused in
        [bob.get(&of(&own)), bob.put(&of(&own), &weekly()), bob.delete(&of(&own)), bob.get(&of("weekly"))]
    {
        assert_eq!(refused.expect(404).code(), "TEMPLATE_NOT_FOUND");
    }
    let mut shared = weekly();
    shared["shared"] = true.into();
    assert_eq!(bob.post(ALL, &shared).expect(403).code(), "FORBIDDEN");
    assert_eq!(ada.put(&of(&own), &shared).expect(403).code(), "FORBIDDEN");

    shared["title"] = "Everyone's".into();
    let ours = made(&root, &shared);
    assert_eq!(bob.get(&of("weekly")).expect(200).text("/id"), ours);
    assert_eq!(ada.get(&of("weekly")).expect(200).text("/id"), own, "one's own comes first");
    for refused in [bob.put(&of(&ours), &weekly()), bob.delete(&of(&ours))] {
        assert_eq!(refused.expect(403).code(), "FORBIDDEN");
    }
    assert_eq!(names(&bob.get(ALL).expect(200).json()).len(), 5);
    assert_eq!(names(&ada.get(ALL).expect(200).json()).len(), 6);

    // An admin sees and changes everyone's, which stay whose they are.
    assert_eq!(root.put(&of(&own), &weekly()).expect(200).text("/owner"), "ada");
    assert_eq!(ada.get(&of(&own)).expect(200).text("/updatedBy"), "root");
    root.delete(&of(&own)).expect(204);
    assert_eq!(ada.get(&of("weekly")).expect(200).text("/id"), ours);
    assert_eq!(ada.post(ALL, &weekly()).expect(201).text("/owner"), "ada");
    assert_eq!(ada.post(ALL, &weekly()).expect(409).code(), "CONFLICT");
}

#[test]
fn a_template_for_data_that_its_maker_may_not_ask_for_is_refused() {
    let house = House::with(forum::declared);
    let (ada, root) = (house.user("ada"), house.admin());
    let mut template = weekly();
    template["datasets"] = json!(["usage", "nowhere"]);
    let refused = ada.post(ALL, &template).expect(400);
    assert_eq!(
        (refused.text("/errors/0/pointer").as_str(), refused.code()),
        ("/datasets/1", "VALIDATION_FAILED".into())
    );
    assert!(refused.text("/errors/0/message").contains("`nowhere`"), "{}", refused.json());
    template["datasets"] = json!(["everyone"]);
    assert_eq!(
        ada.post(ALL, &template).expect(400).text("/errors/0/pointer"),
        "/datasets/0",
        "it is for admins"
    );
    made(&root, &template);
    template["datasets"] = json!(["usage"]);
    let id = made(&ada, &template);
    template["datasets"] = json!(["user_data", "usages"]);
    assert_eq!(ada.put(&of(&id), &template).expect(400).text("/errors/0/pointer"), "/datasets/1");
}

#[test]
fn the_guide_s_very_example_makes_a_report_of_the_reference_data() {
    let house = House::with(|settings| {
        let folder = settings.storage.root.parent().expect("a folder").to_owned();
        let url = format!("sqlite://{}", folder.join("app.db").display());
        let until = Timestamp::from_millis(1_795_262_400_000);
        let seed = Seed { users: 1, conversations: 400, ..Seed::demo("ada".parse().expect("a user"), until) };
        let runtime = tokio::runtime::Runtime::new().expect("threads");
        runtime.block_on(async {
            reference::up(&url).await.expect("tables");
            reference::seed(&url, &seed).await.expect("rows");
        });
        let file = folder.join("datasets.toml");
        std::fs::write(&file, reference::example(&url).expect("known")).expect("a folder");
        settings.datasets.file = Some(file);
    });
    let guide = include_str!("../docs/templates.md");
    let example =
        guide.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let example: Value = serde_json::from_str(example).expect("JSON");
    let ada = house.user("ada");
    made(&ada, &example);
    let wanted = json!({"kind": "analytics", "format": "markdown", "template": "weekly-usage",
        "selector": {"report": "usage", "dateRange": {"start": "2026-01-01"}}});
    let export = ada.export(&ada.post("/api/v1/exports", &wanted).expect(202).text("/id"));
    export.completed();
    let text = String::from_utf8(export.download(&[]).expect(200).body).expect("UTF-8");
    let chart = text.split("**Conversations**").nth(1).expect("the chart is called what it shows");
    let header = chart.lines().find(|line| line.starts_with('|')).expect("its numbers");
    assert!(header.contains("Conversations"), "{header}");
    let chart = chart.split("## ").next().expect("the chart");
    let days = chart.lines().filter(|line| line.starts_with("| 2026-")).count();
    assert!(days > 31 && chart.contains("2026-11-20"), "the latest days are there: {chart}");
    assert!(!chart.contains("points are shown"), "{chart}");
}

#[test]
fn everything_that_is_wrong_with_a_template_is_told_at_once() {
    let house = House::open();
    let ada = house.user("ada");
    let faulty = json!({
        "name": "Weekly", "title": "", "sections": [
            {"type": "text", "text": "fine"}, {"type": "chart", "shape": "round"}, {"type": "table", "rows": -1}
        ], "colour": "red", "shared": "yes"
    });
    let refused = ada.post(ALL, &faulty).expect(400);
    assert_eq!(refused.code(), "VALIDATION_FAILED");
    let pointers = |answer: &Answer| {
        let errors = answer.json()["errors"].as_array().expect("faults").clone();
        errors.iter().map(|fault| fault["pointer"].as_str().expect("a place").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(pointers(&refused), ["/shared", "/colour"], "of the request");
    let mut faulty = faulty;
    faulty["shared"] = false.into();
    faulty.as_object_mut().expect("an object").remove("colour");
    let refused = ada.post(ALL, &faulty).expect(400);
    assert_eq!(pointers(&refused), ["/name", "/title", "/audience", "/sections/1/shape", "/sections/2/rows"]);

    let mut endless = weekly();
    endless["sections"] = json!([
        {"type": "text", "text": "One\n{{ two"}, {"type": "text", "text": "{{ 'a' * 100000000 }}"},
        {"type": "text", "text": "\n\n{{ count|shout }}"}
    ]);
    let refused = ada.post(ALL, &endless).expect(400);
    assert_eq!(pointers(&refused), ["/sections/0/text", "/sections/1/text", "/sections/2/text"]);
    let told: Vec<_> = (0..3).map(|place| refused.text(&format!("/errors/{place}/message"))).collect();
    assert!(
        told[0].starts_with("line 2: ") && told[1].contains("`*`") && told[2].starts_with("line 3: "),
        "{told:?}"
    );

    let mut large = weekly();
    large["sections"] = (0..30).map(|_| json!({"type": "text", "text": "x".repeat(16_000)})).collect();
    assert!(ada.post(ALL, &large).expect(400).text("/errors/0/message").contains("256 KiB"));
    assert_eq!(names(&ada.get(ALL).expect(200).json()).len(), 4, "nothing was made");
}

#[test]
fn pages_of_templates_follow_each_other() {
    let house = House::open();
    let ada = house.user("ada");
    for number in 0..5 {
        let mut one = weekly();
        one["name"] = format!("t{number}").into();
        made(&ada, &one);
    }
    for limit in [1, 3, 4, 5, 8, 9, 200] {
        let (mut found, mut path) = (Vec::new(), format!("{ALL}?limit={limit}"));
        loop {
            let page = ada.get(&path).expect(200).json();
            found.extend(names(&page));
            let Some(cursor) = page["nextCursor"].as_str() else { break };
            path = format!("{ALL}?limit={limit}&cursor={cursor}");
        }
        let all = ["executive", "technical", "customer", "compliance", "t0", "t1", "t2", "t3", "t4"];
        assert_eq!(found, all, "{limit} at a time");
    }
    assert_eq!(ada.get(&format!("{ALL}?cursor=nonsense")).expect(400).code(), "INVALID_CURSOR");
}

#[test]
fn whoever_only_reads_changes_no_template_and_every_change_is_in_the_audit() {
    let house = House::open();
    let (ada, root) = (house.user("ada"), house.admin());
    let new = json!({"name": "reader", "scopes": ["exports:read"]});
    let token = ada.post("/api/v1/tokens", &new).expect(201).text("/token");
    let reader = Api::new(house.address(), Some(token));
    reader.get(ALL).expect(200);
    reader.post(ALL, &weekly()).expect(403);

    let id = made(&ada, &weekly());
    ada.put(&of(&id), &weekly()).expect(200);
    ada.delete(&of(&id)).expect(204);
    let entries = root.get("/api/v1/admin/audit?action=template.changed").expect(200).json();
    let told: Vec<_> = entries["items"].as_array().expect("entries").iter().collect();
    assert_eq!(told.iter().filter(|entry| entry.to_string().contains(&id)).count(), 3, "{entries}");
}
