//! `exportd audit verify`, as an operator runs it.

use std::process::Output;

use serde_json::Value;

use crate::support::postgres::psql;
use crate::support::process::Site;

fn verify(site: &Site, arguments: &[&str]) -> Output {
    site.exportd(&[&["audit", "verify"], arguments].concat()).output().expect("it ends")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A site where something was done, and whose server is gone.
fn site() -> Site {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    for _ in 0..3 {
        server.user("ada").delete(&export.path("")).expect(204);
    }
    server.terminate();
    assert!(server.gone().success());
    site
}

/// Changes rows as somebody with the file, or the owner's password, would.
fn tamper(site: &Site, statements: &str) {
    match site.database() {
        Some(database) => {
            let guards = "ALTER TABLE audit_entries DISABLE TRIGGER USER;
                ALTER TABLE audit_head DISABLE TRIGGER USER;";
            let owner = database.owner_url.as_ref().unwrap_or(&database.url);
            psql(owner, &format!("{guards}{statements}"));
        }
        None => {
            let guards: String = [
                "audit_entries_grow",
                "audit_entries_stay",
                "audit_entries_last",
                "audit_head_is_one",
                "audit_head_stays",
                "audit_head_goes_on",
            ]
            .map(|name| format!("DROP TRIGGER {name};"))
            .concat();
            let ran = std::process::Command::new("sqlite3")
                .arg(site.path().join("exportd.db"))
                .arg(format!("{guards}{statements}"))
                .output()
                .expect("sqlite3 is installed");
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        }
    }
}

#[test]
fn an_operator_verifies_the_chain_and_keeps_its_head_elsewhere() {
    let site = site();
    let verified = verify(&site, &[]);
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stderr));
    let words = told(&verified);
    assert!(words.contains(" entries, unbroken, from 1 (") && words.contains("head "), "{words}");
    let json: Value = serde_json::from_str(&told(&verify(&site, &["--json"]))).expect("JSON");
    let (last, head) = (json["lastSeq"].as_u64().expect("a number"), json["head"].as_str().expect("a hash"));
    assert!(words.ends_with(head) && json["ok"] == true, "{words}\n{json}");
    let kept = format!("{last}:{head}");
    assert_eq!(verify(&site, &["--expect", &kept, "--expect-head", head]).status.code(), Some(0));
    assert_eq!(verify(&site, &["--from", "2"]).status.code(), Some(0));
    assert_eq!(verify(&site, &["--expect", "soon"]).status.code(), Some(2));

    let before = last - 1;
    let hash = format!("(SELECT hash FROM audit_entries WHERE seq = {before})");
    tamper(
        &site,
        &format!(
            "UPDATE audit_head SET seq = {before}, hash = {hash}; DELETE FROM audit_entries WHERE seq = {last};"
        ),
    );
    assert_eq!(verify(&site, &[]).status.code(), Some(0), "the rows alone do not show it");
    for arguments in [["--expect", &kept], ["--expect-head", head]] {
        let cut = verify(&site, &arguments);
        assert_eq!(cut.status.code(), Some(5), "{arguments:?}");
        assert!(
            told(&cut).contains(&format!("entry {last}")) || told(&cut).contains("ends with"),
            "{}",
            told(&cut)
        );
    }
}

#[test]
fn a_changed_and_a_removed_row_are_named_and_the_exit_tells() {
    let site = site();
    tamper(&site, "UPDATE audit_entries SET actor = 'eve' WHERE seq = 2;");
    let changed = verify(&site, &[]);
    assert_eq!(changed.status.code(), Some(5));
    assert!(told(&changed).starts_with("entry 2: changed"), "{}", told(&changed));
    let json: Value = serde_json::from_str(&told(&verify(&site, &["--json"]))).expect("JSON");
    assert_eq!((&json["ok"], &json["seq"], &json["what"]), (&false.into(), &2.into(), &"changed".into()));
}

#[test]
fn a_row_that_cannot_even_be_read_is_named() {
    let site = site();
    if site.database().is_some() {
        return; // PostgreSQL keeps types
    }
    tamper(&site, "UPDATE audit_entries SET actor = CAST('eve' AS BLOB) WHERE seq = 2;");
    let changed = verify(&site, &[]);
    assert_eq!(changed.status.code(), Some(5));
    assert!(told(&changed).starts_with("entry 2: changed"), "{}", told(&changed));
}

#[test]
fn a_database_that_is_not_there_is_not_made_and_found_in_order() {
    let site = Site::new(&[("DATABASE__URL", "sqlite://nowhere.db")]);
    if site.database().is_some() {
        return;
    }
    assert_eq!(verify(&site, &[]).status.code(), Some(3));
    assert!(!site.path().join("nowhere.db").exists());
}

#[test]
fn what_was_answered_is_in_the_audit_although_the_server_is_killed_at_once() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    for n in 1..=5 {
        let server = site.serve();
        let ada = server.user("ada");
        ada.put(&format!("/api/v1/projects/p{n}"), &project(&site)).expect(200);
        server.kill();
        let verified: Value = serde_json::from_str(&told(&verify(&site, &["--json"]))).expect("JSON");
        assert_eq!((&verified["ok"], verified["entries"].as_u64()), (&true.into(), Some(n)), "{verified}");
    }
}

fn project(site: &Site) -> Value {
    let path = site.path().join("projects/ada/shop");
    serde_json::json!({"name": "Shop", "source": {"type": "directory", "path": path}})
}
