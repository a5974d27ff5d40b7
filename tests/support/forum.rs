//! Data for a house: a forum in a SQLite database, and the data sets that its operator declared.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use exportd::config::Settings;

/// Posts of ada in every forum; bob has one.
pub const POSTS: usize = 250;

const SCHEMA: &str = "
CREATE TABLE members (id TEXT PRIMARY KEY, email TEXT, joined TEXT NOT NULL, internal_note TEXT);
CREATE TABLE posts (id INTEGER PRIMARY KEY, member TEXT NOT NULL, thread TEXT NOT NULL, title TEXT NOT NULL,
    body TEXT, score REAL, written TEXT NOT NULL);
INSERT INTO members VALUES ('ada', 'ada@example.org', '2025-01-02T03:04:05Z', 'likes \"quotes\", commas'),
    ('bob', 'bob@example.org', '2025-02-03T04:05:06Z', NULL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
INSERT INTO posts SELECT i, 'ada', 'thread-' || (i % 5), 'Thread ' || (i % 5), CASE i % 4
        WHEN 0 THEN NULL WHEN 1 THEN 'plain ' || i WHEN 2 THEN 'a \"quote\", a comma' || char(10) || 'and a line'
        ELSE '=1+1 <b>שלום</b> 漢字 🙂' END,
    i / 8.0, strftime('%Y-%m-%dT%H:%M:%SZ', '2026-01-01', '+' || i || ' hours') FROM n;
INSERT INTO posts VALUES (1000, 'bob', 'thread-1', 'Thread 1', 'mine alone', 1.0, '2026-01-01T00:00:00Z');
";

const DECLARED: &str = r#"
[[datasets]]
name = "user_data"
kind = "user_data"
title = "All about me"
source = "forum"

[[datasets.queries]]
name = "profile"
title = "Profile"
sql = "SELECT id, email, joined, internal_note FROM members WHERE id = :user_id"
columns = [ { name = "id", type = "text" }, { name = "email", type = "text", pii = true, mask = "email" },
    { name = "joined", type = "timestamp" }, { name = "internal_note", type = "text", system = true } ]

[[datasets.queries]]
name = "posts"
title = "Posts"
sql = "SELECT id, title, body FROM posts WHERE member = :user_id [[ AND written >= :start ]] [[ AND written < :end ]] ORDER BY id"
columns = [ { name = "id", type = "integer" }, { name = "title", type = "text" }, { name = "body", type = "text" } ]

[[datasets]]
name = "conversations"
kind = "conversation"
title = "Conversations"
source = "forum"

[[datasets.queries]]
name = "messages"
title = "Messages"
sql = """SELECT id, thread, title, member, body, score, written FROM posts WHERE member = :user_id
    [[ AND thread IN (:conversation_ids) ]] [[ AND written >= :start ]] [[ AND written < :end ]]
    ORDER BY thread, id [[ LIMIT :limit ]]"""
columns = [ { name = "id", type = "integer" }, { name = "thread", type = "text" }, { name = "title", type = "text" },
    { name = "member", type = "text" }, { name = "body", type = "text" }, { name = "score", type = "number" },
    { name = "written", type = "timestamp" } ]
layout = { transcript = { talk = "thread", title = "title", speaker = "member", text = "body", at = "written" } }

[[datasets]]
name = "scores"
title = "Scores"
source = "forum"
unmasked_for = "nobody"

[[datasets.parameters]]
name = "least"
type = "number"
required = true
min = 0
max = 100

[[datasets.queries]]
name = "scores"
title = "Scores"
sql = "SELECT p.id, m.email, p.score FROM posts p JOIN members m ON m.id = p.member WHERE p.member = :user_id AND p.score >= :least ORDER BY p.id"
columns = [ { name = "id", type = "integer" }, { name = "email", type = "text", pii = true, mask = "email" },
    { name = "score", type = "number" } ]

[[datasets]]
name = "everyone"
title = "Everyone"
source = "forum"
for = "admins"

[[datasets.queries]]
name = "members"
title = "Members"
sql = "SELECT id, email FROM members ORDER BY id"
columns = [ { name = "id", type = "text" }, { name = "email", type = "text" } ]

[[datasets]]
name = "usage"
kind = "analytics"
report = "usage"
title = "Usage"
source = "forum"

[[datasets.queries]]
name = "usage"
title = "Usage"
sql = """SELECT substr(written, 1, CASE :granularity WHEN 'month' THEN 7 ELSE 10 END) AS step, count(*) AS posts
    FROM posts WHERE member = :user_id [[ AND written >= :start ]] [[ AND written < :end ]] GROUP BY 1 ORDER BY 1"""
columns = [ { name = "step", type = "text" }, { name = "posts", type = "integer" } ]
"#;

/// The forum's database, in `folder`.
pub fn database(folder: &Path) -> PathBuf {
    let path = folder.join("forum.db");
    run(&path, SCHEMA);
    path
}

/// Has `sqlite3` do what `sql` says.
pub fn run(database: &Path, sql: &str) {
    let mut shell = Command::new("sqlite3")
        .arg("-bail")
        .arg(database)
        .stdin(Stdio::piped())
        .spawn()
        .expect("sqlite3 is installed");
    shell.stdin.take().expect("a pipe").write_all(sql.as_bytes()).expect("sqlite3 listens");
    assert!(shell.wait().expect("sqlite3 ends").success());
}

/// Declares the forum's data sets, and `more`, in a house that is to be opened with `settings`.
pub fn declared_with(settings: &mut Settings, more: &str) {
    let folder = settings.storage.root.parent().expect("a folder").to_owned();
    let database = database(&folder);
    let file = folder.join("datasets.toml");
    let source = format!("[sources.forum]\nurl = \"sqlite://{}\"\n", database.display());
    fs::write(&file, source + DECLARED + more).expect("a folder");
    settings.datasets.file = Some(file);
}

/// Declares the forum's data sets in a house that is to be opened with `settings`.
pub fn declared(settings: &mut Settings) {
    declared_with(settings, "");
}
