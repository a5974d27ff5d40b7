//! What `--json` gives is what `docs/command-line.md` says.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Terminal, ran};
use crate::support::house::House;
use crate::support::process::Site;

/// The members that the page's table names for a command, nested ones left out.
fn documented(command: &str) -> BTreeSet<String> {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/command-line.md"));
    let page = page.expect("the page");
    let row = page.lines().find_map(|line| {
        let (commands, members) = line.strip_prefix("| ")?.split_once(" | ")?;
        commands.split(", ").any(|one| one == format!("`{command}`")).then(|| members.to_owned())
    });
    let row = row.unwrap_or_else(|| panic!("{command} is not on the page"));
    let first = row.split(';').next().unwrap_or_default();
    let words = first.split('`').skip(1).step_by(2).filter(|word| !word.contains('{'));
    words.map(ToOwned::to_owned).collect()
}

#[track_caller]
fn is_documented(command: &str, told: &Value) {
    let one = told.as_array().map_or(told, |all| &all[0]);
    let members: BTreeSet<String> = one.as_object().expect("an object").keys().cloned().collect();
    let page = documented(command);
    let left_out =
        if command == "nginx check" { BTreeSet::from(["next".to_owned()]) } else { BTreeSet::new() };
    let page: BTreeSet<_> = page.difference(&left_out).cloned().collect();
    let members: BTreeSet<_> = members.difference(&left_out).cloned().collect();
    assert_eq!(members, page, "{command}");
}

#[test]
fn commands_without_a_server_tell_what_the_page_says() {
    let site = Site::new(&[]);
    std::fs::create_dir(site.path().join("shop")).expect("a folder");
    std::fs::write(site.path().join("shop/a.csv"), "a,b\n1,2\n").expect("written");
    for words in [
        "migrate up",
        "pack shop -o shop.zip",
        "verify shop.zip",
        "convert shop/a.csv -o a.jsonl",
        "convert --check shop/a.csv",
        "config show",
        "config check",
        "audit verify",
        "doctor",
        "nginx check --plain --set server.listen=127.0.0.1:8080",
    ] {
        let words: Vec<_> = words.split(' ').chain(["--json"]).collect();
        let told = ran(site.exportd(&words)).json();
        let command = match words[..] {
            [first @ ("pack" | "verify" | "doctor" | "migrate"), ..] => first.to_owned(),
            ["convert", "--check", ..] => "convert --check".to_owned(),
            ["convert", ..] => "convert".to_owned(),
            [first, second, ..] => format!("{first} {second}"),
            _ => unreachable!("each has two words"),
        };
        is_documented(&command, &told);
    }
    let swept = ran(site.exportd(&["cleanup", "--json"])).expect(0).json();
    assert_eq!(swept["errors"], 0);
    let broken = ran(site.exportd(&["config", "check", "--json", "--set", "jobs.lease=1"])).expect(2).json();
    assert_eq!((&broken["ok"], &broken["faults"][0]["key"]), (&false.into(), &"jobs.lease".into()));
}

#[test]
fn commands_of_a_server_tell_what_the_page_says() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let ada = Terminal::of(&house.user("ada"));
    let export = ada.export(&["create", "--project", "shop", "--wait", "--json"]).expect(0).json();
    let id = export["id"].as_str().expect("an id");
    is_documented("export list", &ada.export(&["list", "--json"]).expect(0).json());
    is_documented("get", &ada.run(&["get", id, "--json"]).expect(0).json());
    is_documented("verify", &ada.run(&["verify", id, "--json"]).expect(0).json());
    let deleted = ada.export(&["delete", id, "--json"]).expect(0).json();
    is_documented("export delete", &deleted);
    assert_eq!((&deleted["items"][0]["done"], &deleted["items"][0]["error"]), (&true.into(), &Value::Null));
    let estimate = ada.export(&["create", "--project", "shop", "--estimate", "--json"]).expect(0).json();
    assert_eq!(estimate["files"], 1);
}
