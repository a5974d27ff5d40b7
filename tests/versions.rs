//! Versions of projects: git revisions and registered snapshots, exported and listed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use exportd::domain::Sha256;
use serde_json::{Value, json};
use sha2::Digest;

use crate::support::api::{Answer, Api, ExportHandle};
use crate::support::git::Repository;
use crate::support::house::House;

/// A house beside whose own folders sources may lie in `folder`.
fn house_with(folder: &Path) -> House {
    let allowed = folder.to_owned();
    House::with(move |settings| settings.projects.allowed_roots = vec![allowed])
}

fn register(api: &Api, id: &str, kind: &str, path: &Path) {
    let body = json!({"source": {"type": kind, "path": path}});
    api.put(&format!("/api/v1/projects/{id}"), &body).expect(200);
}

fn ask(api: &Api, selector: Value) -> Answer {
    api.post("/api/v1/exports", &json!({"kind": "project", "selector": selector}))
}

fn export(api: &Api, selector: Value) -> (ExportHandle, Value) {
    let export = api.export(&ask(api, selector).expect_one_of(&[200, 202]).text("/id"));
    export.completed();
    let manifest = api.get(&export.path("/manifest")).expect(200).json();
    (export, manifest)
}

/// Path and digest of all that is in a package.
fn entries(manifest: &Value) -> BTreeMap<String, String> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let entries = manifest["entries"].as_array().expect("entries").iter();
    entries.map(|entry| (text(&entry["path"]), text(&entry["sha256"]))).collect()
}

fn digests(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    let digest = |content: &str| Sha256(sha2::Sha256::digest(content).into()).to_string();
    files.iter().map(|(path, content)| ((*path).to_owned(), digest(content))).collect()
}

#[test]
fn a_revision_is_exported_and_later_commits_do_not_change_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    let first = repository.file("a.txt", "1").file("b.txt", "b").commit("first");
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    assert_eq!(ada.get("/api/v1/projects/shop").expect(200).json()["source"]["type"], "git");

    let (now, manifest) = export(&ada, json!({"projectId": "shop", "versionId": "main"}));
    assert_eq!(entries(&manifest), digests(&[("a.txt", "1"), ("b.txt", "b")]));
    assert_eq!(manifest["source"], json!({"version": "main", "commit": first}));
    assert_eq!(now.show()["selector"]["versionId"], "main", "as it was asked for");
    let again = ask(&ada, json!({"projectId": "shop", "versionId": "main"})).expect(200).json();
    assert_eq!((again["id"].as_str(), again["deduplicated"].as_bool()), (Some(&*now.id), Some(true)));

    // A new commit makes `main` another version; the tag and the commit stay what they are.
    let second = repository.file("a.txt", "2").commit("second");
    fs::write(repository.path.join("uncommitted"), "x").expect("a file");
    let (moved, manifest) = export(&ada, json!({"projectId": "shop", "versionId": "main"}));
    assert_ne!(moved.id, now.id);
    assert_eq!(manifest["source"]["commit"], *second);
    let (_, head) = export(&ada, json!({"projectId": "shop"}));
    assert_eq!(entries(&head), digests(&[("a.txt", "2"), ("b.txt", "b")]), "nothing uncommitted");
    assert_eq!(head["source"], json!({"commit": second}));
    let bytes = now.download(&[]).expect(200).body;
    for name in ["v1", &first, &first[..8]] {
        let (named, manifest) = export(&ada, json!({"projectId": "shop", "versionId": name}));
        assert_eq!(manifest["source"]["commit"], *first);
        assert!(named.download(&[]).expect(200).body == bytes, "{name}: other bytes for one commit");
    }
}

#[test]
fn the_next_revision_is_made_of_the_last_and_nobody_can_tell() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    let noise = crate::support::project::noise(300_000);
    fs::write(repository.path.join("noise.bin"), noise).expect("a file");
    for number in 0..50 {
        repository.file(&format!("src/{number}.txt"), "some text ".repeat(number));
    }
    repository.commit("first");
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    let hits = || house.metric("exportd_cache_requests_total{cache=\"previous_packages\",outcome=\"hit\"}");
    for format in ["zip", "tar.gz", "tar.zst"] {
        let ask = || {
            let body = json!({"kind": "project", "selector": {"projectId": "shop"}, "format": format});
            let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
            export.completed()["checksum"].clone()
        };
        let before = hits();
        ask();
        repository.file("src/7.txt", format).file("src/new.txt", format).commit(format);
        let checksum = ask();
        assert!(hits() > before, "{format}: the first one was known");
        let tree = crate::packing::library::tree(&repository.path);
        let shape = exportd::domain::Archive::parse(format).expect("a format");
        let (full, _) = crate::packing::library::packed(tree, shape, 2);
        assert_eq!(checksum, full.checksum.to_string(), "{format}: the bytes of a full package");
    }
}

#[test]
fn an_unknown_version_is_refused_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    repository.file("a", "1").commit("one");
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    house.project("ada", "plain").file("a", "1");
    for project in ["shop", "plain"] {
        for (selector, pointer) in [
            (json!({"projectId": project, "versionId": "nothing"}), "/selector/versionId"),
            (json!({"projectId": project, "since": "nothing"}), "/selector/since"),
            (json!({"projectId": project, "versionId": "a//b"}), "/selector/versionId"),
        ] {
            let refused = ask(&ada, selector.clone()).expect(400);
            assert_eq!(refused.code(), "VALIDATION_FAILED");
            assert_eq!(refused.text("/errors/0/pointer"), pointer, "{selector}");
            let body = json!({"kind": "project", "selector": selector});
            let refused = ada.post("/api/v1/exports/estimate", &body).expect(400);
            assert_eq!(refused.text("/errors/0/pointer"), pointer);
        }
    }
    let empty = Repository::new(folder.path().join("empty"));
    register(&ada, "empty", "git", &empty.path);
    let refused = ask(&ada, json!({"projectId": "empty"})).expect(409);
    assert!(refused.text("/detail").contains("no commit"), "{}", refused.text("/detail"));
}

#[test]
fn since_brings_what_changed_and_names_what_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    repository.file("same", "s").file("changed", "old").file("gone", "g").file("old/name", "n");
    let first = repository.file("dist/x", "built").commit("first");
    repository.file("changed", "new").file("added", "a").file("dist/x", "again").file("same size", "abc");
    fs::remove_file(repository.path.join("gone")).expect("removed");
    fs::rename(repository.path.join("old"), repository.path.join("new")).expect("renamed");
    let second = repository.commit("second");
    repository.file("same size", "abd").commit("third");
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);

    let since = json!({"projectId": "shop", "versionId": second, "since": first});
    let (changes, manifest) = export(&ada, since.clone());
    let expected = [("added", "a"), ("changed", "new"), ("new/name", "n"), ("same size", "abc")];
    assert_eq!(entries(&manifest), digests(&expected));
    assert_eq!(manifest["deleted"], json!(["gone", "old/name"]), "what no rule lets through never was there");
    assert_eq!(manifest["source"]["sinceCommit"], *first);
    assert_eq!(changes.show()["selector"]["since"], *first);
    let (_, small) = export(&ada, json!({"projectId": "shop", "since": second}));
    assert_eq!(entries(&small), digests(&[("same size", "abd")]), "as long as before, and not the same");
    let (nothing, manifest) =
        export(&ada, json!({"projectId": "shop", "versionId": "main", "since": "HEAD"}));
    assert_eq!((entries(&manifest).len(), &manifest["deleted"]), (0, &Value::Null));
    assert!(nothing.download(&[]).expect(200).body.starts_with(b"PK"), "an empty package is one");
    let body = json!({"kind": "project", "selector": since});
    assert_eq!(ada.post("/api/v1/exports/estimate", &body).expect(200).json()["files"], 4);
}

#[test]
fn snapshots_are_registered_listed_exported_and_compared() {
    let folder = tempfile::tempdir().expect("a folder");
    let make = |name: &str, files: &[(&str, &str)]| {
        for (path, content) in files {
            let file = folder.path().join(name).join(path);
            fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
            fs::write(file, content).expect("a file");
        }
        folder.path().join(name)
    };
    let (one, two) =
        (make("one", &[("a", "1"), ("b", "b"), ("c", "x")]), make("two", &[("a", "2"), ("b", "b")]));
    let house = house_with(folder.path());
    let ada = house.user("ada");
    house.project("ada", "shop").file("a", "3").file("b", "b").file("d", "d").file("c", "y");
    let put = |version: &str, path: &Path| {
        ada.put(&format!("/api/v1/projects/shop/versions/{version}"), &json!({"path": path}))
    };
    let first = put("v1", &one).expect(200).json();
    assert_eq!(
        (&first["id"], &first["type"], &first["commit"]),
        (&json!("v1"), &json!("snapshot"), &Value::Null)
    );
    house.clock().advance(std::time::Duration::from_secs(60));
    assert_eq!(put("v1", &one).expect(200).json(), first, "once more changes nothing");
    put("feature%2Fx", &two).expect(200);
    let listed = ada.get("/api/v1/projects/shop/versions").expect(200).json();
    let ids: Vec<_> = listed["items"].as_array().expect("items").iter().map(|item| &item["id"]).collect();
    assert_eq!(ids, ["feature/x", "v1"], "newest first");

    let (snapshot, manifest) = export(&ada, json!({"projectId": "shop", "versionId": "v1"}));
    assert_eq!(entries(&manifest), digests(&[("a", "1"), ("b", "b"), ("c", "x")]));
    assert_eq!(manifest["source"], json!({"version": "v1"}));
    let (_, manifest) = export(&ada, json!({"projectId": "shop", "versionId": "feature/x", "since": "v1"}));
    assert_eq!((entries(&manifest), &manifest["deleted"]), (digests(&[("a", "2")]), &json!(["c"])));
    let (_, manifest) = export(&ada, json!({"projectId": "shop", "since": "v1"}));
    assert_eq!(entries(&manifest), digests(&[("a", "3"), ("c", "y"), ("d", "d")]));

    // Another folder under the same name is another version.
    put("v1", &two).expect(200);
    let (replaced, manifest) = export(&ada, json!({"projectId": "shop", "versionId": "v1"}));
    assert_ne!(replaced.id, snapshot.id);
    assert_eq!(entries(&manifest), digests(&[("a", "2"), ("b", "b")]));
    assert_eq!(put("v2", Path::new("/etc")).expect(400).text("/errors/0/pointer"), "/path");
    assert_eq!(put("..", &one).status, 400);
    let missing = json!({"path": folder.path().join("nowhere")});
    ada.put("/api/v1/projects/shop/versions/v3", &missing).expect(400);
    let bob = house.user("bob");
    assert_eq!(bob.get("/api/v1/projects/shop/versions").expect(404).code(), "PROJECT_NOT_FOUND");
    bob.put("/api/v1/projects/shop/versions/v1", &json!({"path": one})).expect(404);
}

#[test]
fn pages_of_versions_follow_each_other_and_a_git_project_takes_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    for i in 0..7 {
        repository.file("a", i.to_string()).commit(&format!("number {i}"));
        repository.git(&["tag", &format!("v{i}")]);
    }
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    let mut ids = Vec::new();
    let mut next = "/api/v1/projects/shop/versions?limit=3".to_owned();
    for _ in 0..4 {
        let answer = ada.get(&next).expect(200);
        let page = answer.json();
        ids.extend(page["items"].as_array().expect("items").iter().map(|item| item["id"].clone()));
        let Some(cursor) = page["nextCursor"].as_str() else { break };
        next = format!("/api/v1/projects/shop/versions?limit=3&cursor={cursor}");
        assert!(answer.header("link").contains(cursor), "{}", answer.header("link"));
    }
    assert_eq!(ids, ["v6", "main", "v5", "v4", "v3", "v2", "v1", "v0"]);
    let first = &ada.get("/api/v1/projects/shop/versions?limit=1").expect(200).json()["items"][0];
    assert_eq!((&first["type"], &first["subject"]), (&json!("tag"), &json!("number 6")));
    assert_eq!(first["commit"], repository.git(&["rev-parse", "HEAD"]));
    let refused = ada.put("/api/v1/projects/shop/versions/v9", &json!({"path": folder.path()}));
    assert_eq!(refused.expect(409).code(), "CONFLICT");
    ada.get("/api/v1/projects/shop/versions?cursor=made-up").expect(400);
}

#[test]
fn only_a_repository_of_ones_own_is_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let house = house_with(folder.path());
    let (ada, bob) = (house.user("ada"), house.user("bob"));
    let theirs = Repository::new(house.project("bob", "theirs").path);
    let secret = theirs.file("secret.txt", "bob's").commit("secret");
    let ours = Repository::new(house.project("ada", "ours").path);
    ours.file("a", "1").commit("one");
    fs::create_dir_all(folder.path().join("plain")).expect("a folder");
    for path in [folder.path().join("plain"), theirs.path.clone(), folder.path().join("nothing")] {
        let body = json!({"source": {"type": "git", "path": path}});
        assert_eq!(
            ada.put("/api/v1/projects/p", &body).expect(400).text("/errors/0/pointer"),
            "/source/path"
        );
    }
    // What lies in one's own folder and is a repository has revisions without registering.
    let (_, manifest) = export(&ada, json!({"projectId": "ours", "versionId": "main"}));
    assert_eq!(entries(&manifest), digests(&[("a", "1")]));
    fs::write(ours.path.join("b"), "2").expect("a file");
    let (_, manifest) = export(&ada, json!({"projectId": "ours", "since": "main"}));
    assert_eq!(entries(&manifest), digests(&[("b", "2")]), "the folder as it is, since a commit");
    // Borrowing another's objects gives nothing of theirs away.
    let alternates = ours.path.join(".git/objects/info/alternates");
    fs::create_dir_all(alternates.parent().expect("a folder")).expect("a folder");
    fs::write(&alternates, format!("{}\n", theirs.path.join(".git/objects").display())).expect("written");
    ask(&ada, json!({"projectId": "ours", "versionId": secret})).expect(400);
    let stolen = json!({"source": {"type": "git", "path": ours.path}});
    ada.put("/api/v1/projects/registered", &stolen).expect(200);
    ask(&ada, json!({"projectId": "registered", "versionId": secret})).expect(400);
    // A folder that became a link by the time of the export leads nowhere.
    fs::rename(&ours.path, folder.path().join("moved")).expect("renamed");
    std::os::unix::fs::symlink(&theirs.path, &ours.path).expect("a link");
    ask(&ada, json!({"projectId": "registered", "versionId": secret})).expect(404);
    ask(&ada, json!({"projectId": "ours", "versionId": secret})).expect(404);
    ask(&bob, json!({"projectId": "theirs", "versionId": secret})).expect(202);
}

#[test]
fn an_export_is_of_the_commit_that_was_there_when_it_was_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    let first = repository.file("a", "1").commit("one");
    let allowed = folder.path().to_owned();
    let house = House::with(move |settings| {
        settings.projects.allowed_roots = vec![allowed];
        settings.jobs.concurrency = 1;
    });
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    // The only slot is taken until `busy` is over; the branch moves while the other one waits.
    house.project("ada", "busy").file("large", crate::support::project::slow_text(60));
    let busy = ada.request("busy");
    let waiting = ask(&ada, json!({"projectId": "shop", "versionId": "main"})).expect(202).text("/id");
    let second = repository.file("a", "2").commit("two");
    let later = house.clock().now().plus(std::time::Duration::from_secs(3600));
    let scheduled =
        json!({"kind": "project", "runAt": later, "selector": {"projectId": "shop", "versionId": "main"}});
    let scheduled = ada.post("/api/v1/exports", &scheduled).expect(202).text("/id");
    busy.ended();
    ada.export(&waiting).completed();
    let manifest = |id: &str| ada.get(&format!("/api/v1/exports/{id}/manifest")).expect(200).json();
    assert_eq!(manifest(&waiting)["source"]["commit"], *first);

    let third = repository.file("a", "3").commit("three");
    assert_ne!(second, third);
    house.clock().advance(std::time::Duration::from_secs(3700));
    ada.export(&scheduled).completed();
    assert_eq!(
        manifest(&scheduled)["source"]["commit"],
        *third,
        "what is to run later is of what is there then"
    );
}

#[test]
fn a_commit_that_is_gone_by_the_time_of_the_job_fails_with_clear_words() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path().join("shop"));
    repository.file("a", "1").commit("one");
    let house = house_with(folder.path());
    let ada = house.user("ada");
    register(&ada, "shop", "git", &repository.path);
    let later = house.clock().now().plus(std::time::Duration::from_secs(60));
    let body =
        json!({"kind": "project", "runAt": later, "selector": {"projectId": "shop", "versionId": "main"}});
    let id = ada.post("/api/v1/exports", &body).expect(202).text("/id");
    repository.git(&["branch", "-m", "main", "trunk"]);
    house.clock().advance(std::time::Duration::from_secs(70));
    let failed = ada.export(&id).ended();
    assert_eq!(
        (&failed["status"], &failed["error"]["code"]),
        (&json!("failed"), &json!("VERSION_NOT_FOUND"))
    );
    assert!(!failed.to_string().contains(folder.path().to_str().expect("text")), "{failed}");
}
