//! `exportd export list`, `show` and `links`.

use super::Terminal;
use crate::support::house::House;

#[test]
fn a_list_goes_over_as_many_pages_as_there_are() {
    let house = House::open();
    let caller = house.user("ada");
    for number in 0..5 {
        house.project("ada", &format!("shop-{number}")).sources(1);
        caller.request(&format!("shop-{number}")).completed();
    }
    let ada = Terminal::of(&caller);
    let all = ada.export(&["list", "--all", "-q"]).expect(0).out;
    assert_eq!(all.lines().count(), 5);
    let two = ada.export(&["list", "--limit", "2"]).expect(0).tells("project shop-4").notes("there are more");
    let cursor = two.err.trim().rsplit(' ').next().expect("a cursor").to_owned();
    let rest = ada.export(&["list", "--cursor", &cursor, "--json"]).expect(0).json();
    assert_eq!(
        (rest["items"].as_array().map(Vec::len), &rest["nextCursor"]),
        (Some(3), &serde_json::Value::Null)
    );
    let one =
        ada.export(&["list", "--project", "shop-1", "--status", "completed", "--json"]).expect(0).json();
    assert_eq!(one["items"][0]["selector"]["projectId"], "shop-1");
    let known = "status must be one or several of scheduled, queued, processing";
    ada.export(&["list", "--status", "done"]).expect(2).notes(known);
    ada.export(&["create", "--project", "shop-1", "--paths", "["]).expect(2).notes("`[` is no glob");
}

#[test]
fn all_that_is_known_of_an_export_can_be_shown() {
    let house = House::open();
    house.project("ada", "shop").file("a.txt", "a").file("node_modules/x.js", "x").file(".env", "KEY=1");
    let export = house.user("ada").request("shop");
    export.completed();
    let ada = Terminal::of(&export.api);
    ada.run(&["get", &export.id, "-o", "a.zip"]).expect(0);
    ada.export(&["show", &export.id]).expect(0).tells("what      project shop, zip").tells("sha256    ");
    ada.export(&["show", &export.id, "--log"]).expect(0).tells("completed").tells("AT");
    ada.export(&["show", &export.id, "--manifest"])
        .expect(0)
        .tells("a.txt")
        .tells("secret")
        .tells("left out");
    let manifest = ada.export(&["show", &export.id, "--manifest", "--json"]).expect(0).json();
    assert_eq!(manifest["entries"][0]["path"], "a.txt");
    crate::support::api::eventually("the download is counted", || {
        let told = ada.export(&["show", &export.id, "--downloads"]).expect(0).out;
        (told.contains("ada") && told.contains("exportd/")).then_some(())
    });
}

#[test]
fn a_link_is_made_used_and_taken_back() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let export = house.user("ada").request("shop");
    export.completed();
    let ada = Terminal::of(&export.api);
    std::fs::write(ada.path("password"), "hush\n").expect("written");
    let words = [
        "links",
        "make",
        export.id.as_str(),
        "--max-downloads",
        "3",
        "--expires-in",
        "1h",
        "--password-file",
        "password",
    ];
    let url = ada.export(&words).expect(0).out;
    let link = ada.export(&["links", "list", &export.id, "--json"]).expect(0).json()["items"][0].clone();
    assert_eq!((&link["maxDownloads"], &link["hasPassword"]), (&3.into(), &true.into()));
    let friend = Terminal::of(&export.api).stranger();
    friend.run(&["get", url.trim(), "-o", "a.zip"]).expect(4);
    std::fs::write(friend.path("password"), "hush\n").expect("written");
    friend.run(&["get", url.trim(), "-o", "a.zip", "--password-file", "password"]).expect(0);
    let id = link["id"].as_str().expect("an id");
    ada.export(&["links", "revoke", &export.id, id]).expect(0).tells("revoked");
    ada.export(&["links", "list", &export.id]).expect(0).tells("revoked");
}
