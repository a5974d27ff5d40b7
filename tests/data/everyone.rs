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
sql = "SELECT 'posts' AS item, count(*) AS total FROM posts"
columns = [ { name = "item", type = "text" }, { name = "total", type = "integer" } ]

[[datasets.queries]]
name = "posts"
title = "Posts"
kind = "conversation"
sql = """SELECT id, member, thread, title, body, score, written FROM posts
    WHERE (member IS NULL OR (1 = 1 [[ AND member < :next_user ]])) [[ AND member >= :first_user ]] [[ AND written >= :start ]] [[ AND written < :end ]] ORDER BY id"""
columns = [ { name = "id", type = "integer" }, { name = "member", type = "text" }, { name = "thread", type = "text" },
    { name = "title", type = "text" }, { name = "body", type = "text" }, { name = "score", type = "number" },
    { name = "written", type = "timestamp" } ]
"#;

/// The names of what is in a zip, and their bytes.
pub fn unzipped(package: &[u8], folder: &Path) -> Vec<String> {
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
    assert_eq!(followed(folder, &format!("sqlite:{}", copy.display())), (0, String::new()));
    let rows = |database: &Path| {
        let sql = "SELECT id, member, thread, title, body, score, written FROM posts ORDER BY id";
        let shell = Command::new("sqlite3").arg("-json").arg(database).arg(sql).output().expect("sqlite3");
        String::from_utf8(shell.stdout).expect("JSON")
    };
    let (before, after) = (rows(&original), rows(&copy));
    assert!(before.len() > 1000 && before == after);
}

/// What becomes of the one command that stands in the guide, as it stands there: its exit code, and what
/// it complains of.
pub fn followed(folder: &Path, database: &str) -> (i32, String) {
    let guide = fs::read_to_string(folder.join("out/RESTORE.md")).expect("a guide");
    let commands: Vec<_> =
        guide.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default()).collect();
    let [command] = &commands[..] else { panic!("one command, not {commands:?}") };
    let shell = Command::new("bash")
        .args(["-e", "-c", command])
        .current_dir(folder.join("out"))
        .env("DB", database)
        .output()
        .expect("a shell");
    let complaints = String::from_utf8(shell.stderr).expect("text");
    let complaints = complaints.lines().filter(|line| !line.starts_with("note: ")).collect::<Vec<_>>();
    (shell.status.code().expect("it ends"), complaints.join("\n"))
}

#[test]
fn everyone_s_data_of_some_kinds_are_those_alone() {
    let house = House::with(|settings| forum::declared_with(settings, BULK));
    let wanted = json!({"kind": "bulk", "selector": {"kinds": ["trace"]}});
    let (_, package) = exported(&house.admin(), wanted, "zip");
    let folder = tempfile::tempdir().expect("a folder");
    let names = unzipped(&package.body, folder.path());
    assert_eq!(
        names,
        ["RESTORE.md", "SHA256SUMS", "manifest.json", "restore.py", "statistics.jsonl", "users.jsonl"]
    );
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
        // The statistics must not wait for the posts.
        let declared = BULK.replace(
            "'posts' AS item, count(*) AS total FROM posts",
            "'users' AS item, count(*) AS total FROM members",
        );
        fs::write(&file, format!("[sources.forum]\nurl = \"{url}\"\n{declared}")).expect("a folder");
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

#[test]
fn rows_of_users_who_are_on_no_list_are_there_once_and_what_is_missed_is_told() {
    const PEOPLE: &str = "
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
        INSERT INTO members SELECT printf('user-%05d', i), NULL, '2026-01-01T00:00:00Z', NULL FROM n;
        CREATE TABLE loose (id INTEGER PRIMARY KEY, member TEXT);
        INSERT INTO loose VALUES (1, NULL), (2, ''), (3, 'Zoe'), (4, 'user-00998'), (5, 'user-00998b'), (6, 'zoe');
        INSERT INTO loose VALUES (7, 'user-00999'), (8, 'user-01500');";
    let query = |name: &str, narrowed: &str| {
        format!(
            "\n[[datasets.queries]]\nname = \"{name}\"\nsql = \"SELECT id, member FROM loose WHERE {narrowed} ORDER BY id\"\n\
             columns = [ {{ name = \"id\", type = \"integer\" }}, {{ name = \"member\", type = \"text\" }} ]\n"
        )
    };
    let all = "(member IS NULL OR (1 = 1 [[ AND member < :next_user ]])) [[ AND member >= :first_user ]]";
    let some = "member <> 'zoe' [[ AND member >= :first_user ]] [[ AND member < :next_user ]]";
    let more = query("loose", all) + &query("few", some);
    let told =
        "SELECT 'loose' AS item, count(*) AS total FROM loose UNION ALL SELECT 'few', count(*) FROM loose";
    let declared = BULK.replace("SELECT 'posts' AS item, count(*) AS total FROM posts", told) + &more;
    let house = House::with(|settings| {
        forum::declared_with(settings, &declared);
        let folder = settings.storage.root.parent().expect("a folder");
        forum::run(&folder.join("forum.db"), PEOPLE);
    });
    let (export, package) = exported(&house.admin(), json!({"kind": "bulk"}), "zip");
    let folder = tempfile::tempdir().expect("a folder");
    unzipped(&package.body, folder.path());
    let parts = |name: &str| {
        let part = |number| folder.path().join(format!("out/data/{name}/part-{number:06}.jsonl"));
        [1, 2].map(|number| fs::read_to_string(part(number)).expect("a part")).concat()
    };
    let mut ids: Vec<u64> = parts("loose")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].as_u64().expect("a number"))
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8]);
    let warnings = export["warnings"].as_array().expect("warnings").clone();
    let short: Vec<_> = warnings.iter().filter(|warning| warning["code"] == "ROWS_LEFT_OUT").collect();
    assert_eq!(short.len(), 1, "{warnings:?}");
    assert_eq!(short[0]["path"], "few");
    assert!(
        short[0]["message"].to_string().contains("6 rows are here, and its data set told of 8"),
        "{short:?}"
    );
    let guide = fs::read_to_string(folder.path().join("out/RESTORE.md")).expect("a guide");
    assert!(guide.contains("**Know this first**") && guide.contains("- few: 6 rows are here"), "{guide}");
}

#[test]
fn what_a_limit_leaves_out_of_everyone_s_data_is_told_to_the_row() {
    let house = House::with(|settings| {
        forum::declared_with(settings, BULK);
        settings.caps.max_rows = 1;
    });
    let (export, package) = exported(&house.admin(), json!({"kind": "bulk"}), "zip");
    let warnings = export["warnings"].to_string();
    assert!(
        warnings.contains("1 row is left out") && warnings.contains("250 rows are left out"),
        "{warnings}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    unzipped(&package.body, folder.path());
    let guide = fs::read_to_string(folder.path().join("out/RESTORE.md")).expect("a guide");
    assert!(guide.contains("- posts: 250 rows are left out"), "{guide}");
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
