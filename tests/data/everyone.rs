//! Archives of data: one's own, and everyone's for disaster recovery.

use std::fs;
use std::io::{Cursor, Read};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::exported;
use crate::support::api::eventually;
use crate::support::forum::{self, POSTS};
use crate::support::house::House;
use crate::support::postgres::{OwnDatabase, psql};

const BULK: &str = r#"
[[datasets]]
name = "everything"
kind = "bulk"
title = "Everything"
source = "forum"
for = "admins"

[[datasets.queries]]
name = "users"
title = "Users"
sql = "SELECT id AS user_id, email, joined FROM members ORDER BY id"
columns = [ { name = "user_id", type = "text" }, { name = "email", type = "text" }, { name = "joined", type = "timestamp" } ]

[[datasets.queries]]
name = "statistics"
title = "Statistics"
sql = "SELECT count(*) AS members FROM members"
columns = [ { name = "members", type = "integer" } ]

[[datasets.queries]]
name = "posts"
title = "Posts"
kind = "conversation"
sql = """SELECT id, member, thread, title, body, score, written FROM posts
    WHERE member >= :first_user AND member <= :last_user [[ AND written >= :start ]] [[ AND written < :end ]] ORDER BY id"""
columns = [ { name = "id", type = "integer" }, { name = "member", type = "text" }, { name = "thread", type = "text" },
    { name = "title", type = "text" }, { name = "body", type = "text" }, { name = "score", type = "number" },
    { name = "written", type = "timestamp" } ]
"#;

/// The names of what is in a zip, and their bytes.
fn unzipped(package: &[u8], folder: &Path) -> Vec<String> {
    let path = folder.join("package.zip");
    fs::write(&path, package).expect("a folder");
    let unzip = Command::new("unzip").arg("-q").arg(&path).arg("-d").arg(folder.join("out")).status();
    assert!(unzip.expect("unzip is installed").success());
    let listed = Command::new("unzip").arg("-Z1").arg(&path).output().expect("unzip is installed");
    String::from_utf8(listed.stdout).expect("names").lines().map(str::to_owned).collect()
}

fn checked(folder: &Path) {
    let sums = Command::new("sha256sum")
        .args(["-c", "--quiet", "SHA256SUMS"])
        .current_dir(folder.join("out"))
        .status()
        .expect("coreutils");
    assert!(sums.success());
}

#[test]
fn ones_own_data_as_an_archive_are_for_people_and_for_programs() {
    let house = House::with(forum::declared);
    let (export, package) = exported(&house.user("ada"), json!({"kind": "user_data"}), "zip");
    let folder = tempfile::tempdir().expect("a folder");
    let names = unzipped(&package.body, folder.path());
    assert_eq!(
        names,
        [
            "README.txt",
            "SHA256SUMS",
            "manifest.json",
            "posts.csv",
            "posts.jsonl",
            "profile.csv",
            "profile.jsonl"
        ]
    );
    checked(folder.path());
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).expect("a file");
    assert_eq!(read("posts.jsonl").lines().count(), POSTS);
    let manifest: Value = serde_json::from_str(&read("manifest.json")).expect("JSON");
    assert_eq!(manifest["totals"]["rows"], POSTS + 1);
    assert_eq!(export["progress"]["rowsDone"], POSTS + 1);
    assert_eq!(
        export["warnings"][0]["code"], "CONTENT_CHANGED",
        "of the spreadsheets, by what guards formulas"
    );
}

#[test]
fn everyone_s_data_are_restored_by_the_guide_that_lies_among_them() {
    let house = House::with(|settings| forum::declared_with(settings, BULK));
    let refused = house.user("ada").post("/api/v1/exports", &json!({"kind": "bulk"})).expect(403);
    assert_eq!(refused.code(), "FORBIDDEN");
    for format in ["zip", "tar.zst"] {
        let (export, package) = exported(&house.admin(), json!({"kind": "bulk"}), format);
        assert_eq!(export["progress"]["rowsDone"], POSTS + 1 + 2 + 1);
        let folder = tempfile::tempdir().expect("a folder");
        match format {
            "zip" => {
                unzipped(&package.body, folder.path());
            }
            _ => {
                let raw = zstd::decode_all(&package.body[..]).expect("frames");
                tar::Archive::new(Cursor::new(raw)).unpack(folder.path().join("out")).expect("a tar");
            }
        }
        checked(folder.path());
        restored(&house, folder.path());
    }
}

/// Follows the guide, with the shell commands that stand in it.
fn restored(house: &House, folder: &Path) {
    let original = house.settings().storage.root.parent().expect("a folder").join("forum.db");
    let copy = folder.join("restored.db");
    forum::run(
        &copy,
        "CREATE TABLE users (user_id TEXT, email TEXT, joined TEXT);
         CREATE TABLE posts (id INTEGER PRIMARY KEY, member TEXT NOT NULL, thread TEXT NOT NULL, title TEXT NOT NULL,
            body TEXT, score REAL, written TEXT NOT NULL);",
    );
    let guide = fs::read_to_string(folder.join("out/RESTORE.md")).expect("a guide");
    let commands = guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default());
    let mut followed = 0;
    for command in commands.filter(|command| !command.contains("psql")) {
        let shell = Command::new("bash")
            .args(["-e", "-c", command])
            .current_dir(folder.join("out"))
            .env("DB", &copy)
            .status()
            .expect("a shell");
        assert!(shell.success(), "{command}");
        followed += 1;
    }
    assert_eq!(followed, 3, "the sums, and two tables");
    let rows = |database: &Path| {
        let sql = "SELECT id, member, thread, title, body, score, written FROM posts ORDER BY id";
        let shell = Command::new("sqlite3").arg("-json").arg(database).arg(sql).output().expect("sqlite3");
        String::from_utf8(shell.stdout).expect("JSON")
    };
    let (before, after) = (rows(&original), rows(&copy));
    assert!(before.len() > 1000 && before == after);
}

#[test]
fn everyone_s_data_of_some_kinds_are_those_alone() {
    let house = House::with(|settings| forum::declared_with(settings, BULK));
    let wanted = json!({"kind": "bulk", "selector": {"kinds": ["trace"]}});
    let (_, package) = exported(&house.admin(), wanted, "zip");
    let folder = tempfile::tempdir().expect("a folder");
    let names = unzipped(&package.body, folder.path());
    assert_eq!(names, ["RESTORE.md", "SHA256SUMS", "manifest.json", "statistics.jsonl", "users.jsonl"]);
}

#[test]
fn what_was_finished_before_a_stop_is_not_made_again() {
    let database = OwnDatabase::create();
    let url = database.superuser_url();
    psql(
        &url,
        "CREATE TABLE members (id text PRIMARY KEY, email text, joined timestamptz);
         CREATE TABLE posts (id bigint, member text, thread text, title text, body text, score float8, written timestamptz);
         INSERT INTO members SELECT 'user-' || lpad(i::text, 5, '0'), 'x@example.org', now() FROM generate_series(1, 1500) i;
         INSERT INTO posts SELECT i, 'user-' || lpad(i::text, 5, '0'), 't', 't', 'b', 1, now() FROM generate_series(1, 1500) i;",
    );
    let house = House::with(|settings| {
        let file = settings.storage.root.parent().expect("a folder").join("datasets.toml");
        fs::write(&file, format!("[sources.forum]\nurl = \"{url}\"\n{BULK}")).expect("a folder");
        settings.datasets.file = Some(file);
    });
    // Nobody reads posts for now; the users are read all the same.
    let mut lock = Lock::on(&url, "posts");
    let admin = house.admin();
    let wanted = json!({"kind": "bulk", "format": "zip", "selector": {"kinds": ["conversation"]}});
    let id = admin.post("/api/v1/exports", &wanted).expect(202).text("/id");
    let bench = house.settings().storage.root.join(&id[34..36]).join(format!("{id}.parts"));
    eventually("the users are on the bench", || bench.join("000000.finished").exists().then_some(()));

    let house = {
        psql(&url, "INSERT INTO members VALUES ('user-99999', 'late@example.org', now())");
        let house = house.reopened();
        lock.release();
        house
    };
    let admin = house.admin();
    let export = admin.export(&id).completed();
    assert_eq!(export["attempt"], 1, "a stop burns none");
    let package = admin.export(&id).download(&[]).expect(200);
    let folder = tempfile::tempdir().expect("a folder");
    unzipped(&package.body, folder.path());
    checked(folder.path());
    let mut users = String::new();
    fs::File::open(folder.path().join("out/users.jsonl"))
        .and_then(|mut file| file.read_to_string(&mut users))
        .expect("users");
    assert_eq!(users.lines().count(), 1500, "who came after the list was finished is in the next one");
    assert!(export["warnings"].to_string().contains("SEVERAL_MOMENTS"), "{}", export["warnings"]);
    assert!(!bench.exists(), "the bench is cleared");
}

/// A table that nobody can read until the lock is released.
struct Lock(std::process::Child);

impl Lock {
    fn on(url: &str, table: &str) -> Self {
        use std::io::{BufRead, BufReader, Write};
        let mut child = Command::new("psql")
            .args(["-XqAt", url])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("psql is installed");
        let statements = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE; SELECT 'locked';\n");
        child.stdin.as_mut().expect("a pipe").write_all(statements.as_bytes()).expect("psql listens");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().expect("a pipe")).read_line(&mut line).expect("psql speaks");
        assert_eq!(line.trim(), "locked");
        Self(child)
    }

    fn release(&mut self) {
        drop(self.0.stdin.take());
        self.0.wait().expect("psql ends");
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
