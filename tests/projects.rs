//! The registry of projects.

use serde_json::json;

use crate::support::house::House;

#[test]
fn a_project_is_registered_shown_exported_and_forgotten() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    std::fs::write(elsewhere.path().join("main.py"), "print()").expect("a file");
    let allowed = elsewhere.path().to_owned();
    let house = House::with(move |settings| settings.projects.allowed_roots = vec![allowed]);
    let ada = house.user("ada");
    let body = json!({"name": "My Shop", "framework": "django", "source": {"type": "directory", "path": elsewhere.path()}});

    ada.put("/api/v1/projects/shop", &body).expect_one_of(&[200, 201]);
    let shown = ada.get("/api/v1/projects/shop").expect(200).json();
    assert_eq!((shown["name"].as_str(), shown["framework"].as_str()), (Some("My Shop"), Some("django")));
    house.project("ada", "found").file("a", "a");
    let listed = ada.get("/api/v1/projects").expect(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(2), "registered and found");

    let export = ada.post("/api/v1/projects/shop/exports", &json!({})).expect(202);
    let export = ada.export(&export.text("/id")).completed();
    assert!(export["fileName"].as_str().is_some_and(|name| name.starts_with("my-shop-")));
    assert_eq!(house.user("bob").get("/api/v1/projects/shop").expect(404).code(), "PROJECT_NOT_FOUND");

    ada.delete("/api/v1/projects/shop").expect(204);
    assert_eq!(ada.get("/api/v1/projects/shop").expect(404).code(), "PROJECT_NOT_FOUND");
    assert!(elsewhere.path().join("main.py").exists(), "no file is touched");
}

#[test]
fn a_source_outside_the_allowed_roots_is_refused() {
    let house = House::open();
    let ada = house.user("ada");
    for path in ["/etc", "relative/folder", "/nowhere/at/all", ""] {
        let body = json!({"source": {"type": "directory", "path": path}});
        ada.put("/api/v1/projects/p", &body).expect_one_of(&[400, 403]);
    }
    ada.put("/api/v1/projects/p", &json!({"source": {"type": "carrier pigeon"}})).expect(400);
    assert_eq!(ada.get("/api/v1/projects/..%2Fbob").expect(400).code(), "INVALID_ID");
}

#[test]
fn pages_of_projects_follow_each_other() {
    let house = House::open();
    for i in 0..7 {
        house.project("ada", &format!("p{i}"));
    }
    let ada = house.user("ada");
    let first = ada.get("/api/v1/projects?limit=5").expect(200).json();
    let cursor = first["nextCursor"].as_str().expect("there is more");
    let rest = ada.get(&format!("/api/v1/projects?limit=5&cursor={cursor}")).expect(200).json();
    let ids = |page: &serde_json::Value| {
        page["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|p| p["id"].as_str().expect("an id").to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!([ids(&first), ids(&rest)].concat(), (0..7).map(|i| format!("p{i}")).collect::<Vec<_>>());
    assert!(rest["nextCursor"].is_null());
}

#[test]
fn a_project_shows_what_an_export_would_take_along() {
    let house = House::open();
    let shop = house.project("ada", "shop").file("src/a.rs", "12345").file("src/deep/b.rs", "1");
    shop.file(".env", "KEY=1").file("README.md", "x").file("node_modules/x/index.js", "x");
    let ada = house.user("ada");
    let told = |path: &str| {
        let tree = ada.get(&format!("/api/v1/projects/shop/tree{path}")).expect(200).json();
        let item = |item: &serde_json::Value| {
            let text = |name: &str| item[name].as_str().unwrap_or("-").to_owned();
            format!("{} {} {} {}", text("type"), text("path"), item["size"], text("excluded"))
        };
        tree["items"].as_array().expect("items").iter().map(item).collect::<Vec<_>>()
    };
    let top =
        ["file .env 0 secret", "file README.md 1 -", "folder node_modules 0 dependency", "folder src 6 -"];
    assert_eq!(told(""), top);
    assert_eq!(told("?path=src"), ["file src/a.rs 5 -", "folder src/deep 1 -"]);
    assert_eq!(told("?path=/src/deep/"), ["file src/deep/b.rs 1 -"]);

    assert_eq!(ada.get("/api/v1/projects/shop/tree?path=..%2Fother").expect(404).code(), "NOT_FOUND");
    ada.get("/api/v1/projects/shop/tree?versionId=v9").expect(400);
    ada.get("/api/v1/projects/shop/tree?exportType=some").expect(400);
    let eve = house.user("eve").get("/api/v1/projects/shop/tree").expect(404);
    assert_eq!(eve.code(), "PROJECT_NOT_FOUND");
}
