//! `exportd export create`, from the wish to the file.

use serde_json::json;

use super::{Terminal, ran};
use crate::support::house::House;
use crate::support::proxy::Proxy;
use crate::support::sha256;

#[test]
fn one_command_asks_waits_and_brings_the_package() {
    let house = House::open();
    house.project("ada", "shop").sources(20).file("notes/a.txt", "a");
    let ada = Terminal::of(&house.user("ada"));
    let got = ada
        .export(&[
            "create",
            "--project",
            "shop",
            "--paths",
            "notes/**",
            "--format",
            "tar.gz",
            "--get",
            "-o",
            "n.tgz",
        ])
        .expect(0)
        .notes("asked for: ");
    assert!(got.out.contains("n.tgz") && got.out.contains("as promised"), "{}", got.out);

    let told =
        ada.export(&["create", "--project", "shop", "--get", "-o", "all.zip", "--json", "-q"]).expect(0);
    let export = told.json();
    assert_eq!((told.err.as_str(), &export["status"]), ("", &json!("completed")));
    let bytes = std::fs::read(ada.path("all.zip")).expect("it is there");
    assert_eq!(export["checksum"], sha256(&bytes));
    assert_eq!(export["download"]["sha256"], export["checksum"]);

    let again = ada.export(&["create", "--project", "shop", "--json"]).expect(0).notes("already there: ");
    assert_eq!((&again.json()["id"], &again.json()["deduplicated"]), (&export["id"], &json!(true)));
    let id = ada.export(&["create", "--project", "shop", "-q"]).expect(0).out;
    assert_eq!(id.trim(), export["id"].as_str().expect("an id"));
}

#[test]
fn what_is_wrong_is_told_with_the_next_step() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let ada = Terminal::of(&house.user("ada"));
    ada.export(&["create"]).expect(2).notes("say what to export");
    ada.export(&["create", "--project", "shop", "--selector", "{"]).expect(2).notes("no JSON");
    ada.export(&["create", "--project", "shop", "--format", "rar"]).expect(2).notes("rar");
    ada.export(&["create", "--project", "nothing"]).expect(3).notes("404");
    ada.export(&["create", "--kind", "trace", "--limit", "0"]).expect(2).notes("limit");
    let away = Terminal::of(&house.user("ada")).at("http://127.0.0.1:1".to_owned());
    away.export(&["create", "--project", "shop"]).expect(1).notes("`exportd serve` starts one");
    let stranger = Terminal::of(&house.user("ada")).stranger();
    stranger.export(&["create", "--project", "shop"]).expect(4).notes("exportd token --user");
    stranger.export(&["list", "--server", "ftp://x"]).expect(2);
}

#[test]
fn a_token_in_a_file_is_as_good_and_who_else_can_read_it_is_told() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::open();
    let ada = Terminal::of(&house.user("ada"));
    let token = ada.path("token");
    std::fs::write(&token, format!("{}\n", ada.token)).expect("written");
    let ada = ada.stranger();
    let mode = |mode| std::fs::set_permissions(&token, std::fs::Permissions::from_mode(mode)).expect("ours");
    mode(0o644);
    ada.export(&["list", "--token-file", "token"]).expect(0).notes("chmod 600 token");
    mode(0o600);
    assert_eq!(ada.export(&["list", "--token-file", "token"]).expect(0).err, "");
    ada.export(&["list", "--token-file", "nowhere"]).expect(2).notes("nowhere");

    // What is said for this once weighs more than what is set for all.
    let with = |token: &str, words: &[&str]| {
        let mut command = ada.command(&[&["export", "list"], words].concat());
        command.env("EXPORTD_TOKEN", token).env("EXPORTD_TOKEN_FILE", "nowhere");
        ran(command)
    };
    let good = std::fs::read_to_string(&token).expect("it is there").trim().to_owned();
    with("stale", &["--token-file", "token"]).expect(0);
    with("stale", &["--token", &good, "--token-file", "nowhere"]).expect(0);
    with(&good, &[]).expect(0);
    with("stale", &[]).expect(4);
    with("", &[]).expect(2).notes("nowhere");
}

#[test]
fn who_waits_is_let_in_when_the_limit_says_so_and_who_does_not_is_told_when() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let ada = house.user("ada");
    let full = "{\"code\":\"RATE_LIMITED\",\"detail\":\"10 exports an hour\"}";
    let busy = |after: &str| {
        format!(
            "HTTP/1.1 429 Too Many Requests\r\nRetry-After: {after}\r\nContent-Type: application/problem+json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{full}",
            full.len()
        )
    };
    let proxy = Proxy::to(ada.address()).answering(&[&busy("1800"), &busy("0"), &busy("0")]);
    let ada = Terminal::of(&ada).at(proxy.url(""));
    let told = ada.export(&["create", "--project", "shop"]).expect(1).notes("10 exports an hour");
    told.notes("come again in 30m");
    ada.export(&["create", "--project", "shop", "--wait"])
        .expect(0)
        .notes("asking again in 0s")
        .tells("completed");
    let asked = proxy.asked();
    let keys: Vec<_> = asked
        .iter()
        .filter(|asked| asked.method == "POST")
        .map(|asked| asked.header("idempotency-key"))
        .collect();
    assert_eq!(keys.len(), 4, "{keys:?}");
    assert!(
        keys[0].is_empty() && keys[1].len() == 36 && keys[1] == keys[2] && keys[2] == keys[3],
        "{keys:?}"
    );
}

#[test]
fn names_and_messages_never_reach_a_terminal_as_they_are() {
    let house = House::open();
    let ada = house.user("ada");
    let answer = |status: &str, kind: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    };
    let problem = "{\"code\":\"X\",\"detail\":\"\u{9b}31mred\u{7f}\",\"errors\":[{\"pointer\":\"/a\",\"message\":\"m\\u001b[2J\"}]}";
    let refused = answer("400 Bad Request", "application/problem+json", problem);
    let id = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";
    let export = json!({
        "id": id, "status": "completed", "kind": "project", "format": "zip", "fileSize": 1, "fileCount": 1,
        "selector": {"projectId": "a\u{1b}]0;owned\u{7}"}, "fileName": "shop\u{202e}piz.exe\nsha256    0",
        "warnings": [{"path": "\u{9b}2J", "message": "left\rout"}],
    });
    let export = answer("200 OK", "application/json", &export.to_string());
    let proxy = Proxy::to(ada.address()).answering(&[&refused, &export, &export]);
    let terminal = Terminal::of(&ada).at(proxy.url(""));
    let runs = [
        terminal.export(&["list"]).expect(2).notes("\\u{9b}31mred\\u{7f}; a m\\u{1b}[2J"),
        terminal.export(&["show", id]).expect(0).tells("shop\\u{202e}piz.exe\\nsha256"),
        terminal.export(&["show", id, "--json"]).expect(0).tells("\\u202e"),
    ];
    for ran in runs {
        let safe = |text: &str| text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}'));
        assert!(safe(&ran.out) && safe(&ran.err), "{:?}\n{:?}", ran.out, ran.err);
    }
}

/// Says no for now, and when to come again.
fn later(status: &str, after: u32) -> String {
    let full = "{\"code\":\"INSUFFICIENT_STORAGE\",\"detail\":\"the disk is full\"}";
    format!(
        "HTTP/1.1 {status}\r\nRetry-After: {after}\r\nContent-Type: application/problem+json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{full}",
        full.len()
    )
}

#[test]
fn who_waits_for_a_server_that_is_full_does_not_wait_for_ever() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let ada = house.user("ada");
    let full = "507 Insufficient Storage";
    let (now, soon, hour) = (later(full, 0), later(full, 30), later("503 Service Unavailable", 3700));
    let proxy = Proxy::to(ada.address()).answering(&[&now, &soon, &hour]);
    let terminal = Terminal::of(&ada).at(proxy.url(""));
    let create = ["create", "--project", "shop", "--wait"];
    let told = terminal.export(&[&create[..], &["--give-up-after", "20s"]].concat()).expect(1);
    let told = told.notes("asking again in 0s");
    told.notes("the disk is full").notes("given up, as 20s is not enough");
    terminal.export(&create).expect(1).notes("given up, as 1h is not enough; see --give-up-after");
    assert_eq!(proxy.asked().len(), 3, "nobody waited, and nobody asked once more");
    terminal.export(&[&create[..], &["--give-up-after", "1h"]].concat()).expect(0).tells("completed");
    terminal
        .export(&["create", "--project", "shop", "--give-up-after", "1h"])
        .expect(2)
        .notes("--wait or --get");
    terminal.export(&["watch", "01987b3e-5d1c-7c3a-9f5e-0123456789ab", "--give-up-after", "0s"]).expect(2);
}

#[test]
fn an_answer_that_is_no_exportds_is_told_with_whose_it_is() {
    let house = House::open();
    let ada = house.user("ada");
    let page =
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>";
    let moved = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let proxy = Proxy::to(ada.address()).answering(&[page, page, moved, page]);
    let terminal = Terminal::of(&ada).at(proxy.url(""));
    let id = "01987b3e-5d1c-7c3a-9f5e-0123456789ab";
    for (words, came) in [
        (&["export", "list"][..], "200 with text/html"),
        (&["export", "watch", id], "200 with text/html"),
        (&["export", "create", "--project", "shop", "--wait"], "302 without a media type"),
        (&["verify", id], "200 with text/html"),
    ] {
        let told = terminal.run(words).expect(1).notes(&format!("{} answered {came}", proxy.url("")));
        told.notes("--server or EXPORTD_SERVER says so");
    }
}

#[test]
fn a_single_fault_is_told_once_and_several_each_by_its_field() {
    let house = House::open();
    house.project("ada", "shop").sources(1);
    let ada = Terminal::of(&house.user("ada"));
    let told = ada.export(&["create", "--project", "shop", "--version", "v9"]).expect(2);
    let detail = told.err.split(": ").nth(2).expect("a detail").split(" (").next().expect("words");
    assert_eq!(told.err.matches(detail.trim()).count(), 1, "{}", told.err);
}
