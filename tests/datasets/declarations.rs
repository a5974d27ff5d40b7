//! What is wrong with the file is told at once, each fault with its line, its data set and what to do.

use exportd::datasets::{Arguments, Audience, Config, DataSets, DataSetsError, Mask, UnmaskedFor};
use exportd::domain::{ConversationSelector, DateRange, Kind, Selection, Timestamp};
use exportd::records::{Layout, Type};
use serde_json::json;

use super::ground::user;

fn open(text: &str) -> Result<DataSets, DataSetsError> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("datasets.toml");
    std::fs::write(&file, text).expect("written");
    DataSets::open(&Config { file: Some(file), mask_key: None })
}

#[track_caller]
fn faults(text: &str) -> Vec<String> {
    match open(text).map(drop) {
        Err(DataSetsError::Declared(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("faults, not {other:?}"),
    }
}

const RIGHT: &str = r#"
[sources.app]
url = "sqlite:///srv/app.db"
timeout = "2m"
connections = 4

[[datasets]]
name = "conversations"
kind = "conversation"
title = "Conversations"
source = "app"
unmasked_for = "nobody"
[[datasets.queries]]
name = "messages"
title = "Messages"
max_rows = 1000
sql = """
SELECT id, talk, role, text, at, note FROM m WHERE user_id = :user_id
[[ AND talk IN (:conversation_ids) ]] [[ AND at >= :start ]] [[ LIMIT :limit ]]"""
columns = [
  { name = "id", type = "text" }, { name = "talk", type = "text" }, { name = "role", type = "text", title = "Who" },
  { name = "text", type = "text", pii = true, mask = "hash" }, { name = "at", type = "timestamp" },
  { name = "note", type = "json", system = true } ]
layout = { transcript = { talk = "talk", speaker = "role", text = "text", at = "at" } }

[[datasets]]
name = "orders"
source = "app"
for = ["ada", "bob"]
[[datasets.parameters]]
name = "country"
type = "text[]"
values = ["de", "at"]
[[datasets.parameters]]
name = "least"
type = "decimal"
min = 0
default = "1.50"
[[datasets.queries]]
name = "orders"
sql = "SELECT id FROM orders WHERE user_id = :user_id AND sum >= :least [[ AND country IN (:country) ]]"

[[datasets]]
name = "usage"
kind = "analytics"
report = "usage"
source = "app"
for = "admins"
[[datasets.queries]]
name = "usage"
sql = "SELECT 1 AS n [[ WHERE :granularity = 'day' ]]"
"#;

#[test]
fn what_was_declared_is_told() {
    let data_sets = open(RIGHT).expect("right");
    let talks = data_sets.of_kind(Kind::Conversation).expect("declared");
    assert_eq!(
        (talks.name(), talks.title(), talks.unmasked_for()),
        ("conversations", "Conversations", UnmaskedFor::Nobody)
    );
    let sections = talks.sections();
    let [messages] = &sections[..] else { panic!("one section") };
    assert_eq!((messages.title.as_str(), messages.max_rows), ("Messages", Some(1000)));
    assert_eq!(messages.columns[2].title, "Who");
    assert_eq!(messages.columns[3].mask, Some(Mask::Hash));
    assert!(messages.columns[5].system && messages.columns[5].kind == Type::Json);
    assert!(
        matches!(messages.layout, Layout::Transcript(transcript) if (transcript.talk, transcript.at) == (1, Some(4)))
    );

    let orders = data_sets.find("orders").expect("declared");
    assert!(orders.is_for(&user("ada"), false) && !orders.is_for(&user("eve"), true));
    assert_eq!(orders.parameters().len(), 2);
    let usage = data_sets.report("usage").expect("declared");
    assert_eq!(usage.audience(), &Audience::Admins);
    assert!(usage.is_for(&user("eve"), true) && !usage.is_for(&user("eve"), false));
    assert!(data_sets.report("cost").is_none() && DataSets::none().all().next().is_none());
}

#[test]
fn what_is_asked_with_is_checked_all_at_once() {
    let data_sets = open(RIGHT).expect("right");
    let orders = data_sets.find("orders").expect("declared");
    let ask = |given: serde_json::Value| orders.arguments(given.as_object().expect("an object"));
    let arguments = ask(json!({ "country": ["de"], "least": 2 })).expect("taken");
    assert_eq!(arguments.names().collect::<Vec<_>>(), ["country", "least"]);
    assert_eq!(ask(json!({})).expect("taken").names().collect::<Vec<_>>(), ["least"]);
    let told = ask(json!({ "country": ["ch"], "least": -1, "user_id": "eve" })).expect_err("refused");
    let told: Vec<_> = told.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "parameter `user_id` is not one of this data set's",
            "parameter `country` is none of de, at",
            "parameter `least` is below 0"
        ]
    );
}

#[test]
fn a_selector_that_a_data_set_would_ignore_or_that_makes_no_sense_is_refused() {
    let data_sets = open(RIGHT).expect("right");
    let talks = data_sets.of_kind(Kind::Conversation).expect("declared");
    let at = |millis| Some(Timestamp::from_millis(millis));
    let ask = |selector| talks.selected(&Selection::Conversation(selector));
    let right = ConversationSelector {
        conversation_ids: vec!["a".to_owned()],
        date_range: DateRange { start: at(0), end: None },
        limit: Some(5),
        ..ConversationSelector::default()
    };
    let expected = Arguments::new()
        .texts("conversation_ids", &["a".to_owned()])
        .instant("start", at(0))
        .number("limit", Some(5));
    assert_eq!(ask(right).expect("taken"), expected);
    let wrong = ConversationSelector {
        widget_session_ids: vec!["w".to_owned()],
        date_range: DateRange { start: at(5), end: at(5) },
        ..ConversationSelector::default()
    };
    let told = ask(wrong).expect_err("refused");
    let told: Vec<_> = told.iter().map(|fault| (fault.name.as_str(), fault.why.as_str())).collect();
    assert_eq!(
        told,
        [
            ("end", "does not narrow this data set"),
            ("widget_session_ids", "does not narrow this data set"),
            ("end", "is not after the start")
        ]
    );
}

#[test]
fn every_fault_is_told_at_once_with_its_line_and_what_to_do() {
    let told = faults(
        r#"[sources.app]
url = "oracle://me:hunter2@db/x"
tiemout = "5m"
[sources.files]
folder = "/srv/feeds"
connections = 0
[sources.both]
url = "sqlite://a.db"
folder = "/srv"
[[datasets]]
name = "Orders"
source = "nowhere"
kind = "project"
[[datasets.queries]]
name = "a"
sql = "SELECT 1"
[[datasets]]
name = "feeds"
source = "files"
[[datasets.queries]]
name = "a"
files = "../secrets.csv"
"#,
    );
    let expected = [
        "datasets.toml:2: source `app`: url: is not the address of a database; write sqlite:///file.db, \
         postgres://user:password@host/name or mysql://user:password@host/name",
        "datasets.toml:3: source `app`: tiemout: is not known here; known are connections, folder, timeout, url, \
         url_file, user_ids",
        "datasets.toml:9: source `both`: folder: stands beside `url`; keep one of them",
        "datasets.toml:6: source `files`: connections: is not a whole number of at least 1",
        "datasets.toml:11: data set `Orders`: name: is no name; write a letter first, then `a`–`z`, `0`–`9` and `_`",
        "datasets.toml:13: data set `Orders`: kind: is not one of custom, user_data, conversation, analytics, trace, bulk",
        "datasets.toml:12: data set `Orders`: source: `nowhere` is not declared; there are: app, both, files",
        "datasets.toml:22: data set `feeds`, query `a`: files: leads out of the folder; write a name, with `*` and `?` \
         where it varies",
        "datasets.toml:20: data set `feeds`, query `a`: user_column: is missing, so everyone's rows would go to anyone; \
         name the column with the user's id, or say `for = \"admins\"` or `shared = true`",
        "datasets.toml:20: data set `feeds`, query `a`: columns: are missing; files are read by the columns and types \
         that are declared",
    ];
    assert_eq!(told, expected);
}

#[test]
fn stretches_of_users_are_open_at_both_ends() {
    let declared = |narrowed: &str| {
        faults(&format!(
            "[sources.app]\nurl = \"sqlite:///srv/app.db\"\n[[datasets]]\nname = \"all\"\nkind = \"bulk\"\nsource = \"app\"\n\
             for = \"admins\"\n[[datasets.queries]]\nname = \"a\"\nsql = \"SELECT n FROM t WHERE 1 = 1 {narrowed}\"\n"
        ))
    };
    for (narrowed, told) in [
        ("AND u >= :first_user AND u < :next_user", "`:first_user` may have no value"),
        ("[[ AND u >= :first_user ]]", "belong together"),
        ("[[ AND u >= :first_user AND u < :next_user ]]", "belong together"),
        (
            "[[ AND u <= :last_user ]]",
            "`:last_user` is not a parameter; there are end, first_user, next_user",
        ),
    ] {
        assert!(declared(narrowed).iter().any(|fault| fault.contains(told)), "{:?}", declared(narrowed));
    }
}

#[test]
fn a_fault_in_sql_is_told_with_its_own_line() {
    let told = faults(
        r#"[sources.app]
url = "sqlite:///srv/app.db"
[[datasets]]
name = "a"
source = "app"
[[datasets.parameters]]
name = "unused"
type = "text"
[[datasets.parameters]]
name = "maybe"
type = "integer"
[[datasets.queries]]
name = "one"
sql = """
SELECT 1
WHERE x = :mabye AND y = :maybe
"""
[[datasets.queries]]
name = "two"
sql = """
SELECT 1 WHERE u = :user_id [[ AND a = :maybe ]]
; DROP TABLE x
"""
[[datasets.queries]]
name = "three"
sql = "SELECT 1 [[ WHERE u = :user_id ]]"
layout = { transcript = { talk = "a", speaker = "b", text = "c" } }
"#,
    );
    let expected = [
        "datasets.toml:16: data set `a`, query `one`: sql: `:mabye` is not a parameter; there are maybe, unused, user_id",
        "datasets.toml:14: data set `a`, query `one`: sql: `:maybe` may have no value; put what needs it into \
         `[[ … ]]`, or give it a default",
        "datasets.toml:14: data set `a`, query `one`: sql: has no `:user_id` outside `[[ … ]]`, so it would give \
         everyone's rows to anyone; narrow it, or say `for = \"admins\"` or `shared = true`",
        "datasets.toml:22: data set `a`, query `two`: sql: there is more than one statement; a query is one",
        "datasets.toml:26: data set `a`, query `three`: sql: has no `:user_id` outside `[[ … ]]`, so it would give \
         everyone's rows to anyone; narrow it, or say `for = \"admins\"` or `shared = true`",
        "datasets.toml:27: data set `a`, query `three`, layout: talk: names `a`, which is none of the query's declared \
         columns, or a system field",
        "datasets.toml:27: data set `a`, query `three`, layout: speaker: names `b`, which is none of the query's \
         declared columns, or a system field",
        "datasets.toml:27: data set `a`, query `three`, layout: text: names `c`, which is none of the query's \
         declared columns, or a system field",
        "datasets.toml: data set `a`: parameter `unused`: is in none of its queries; use it or remove it",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_password_is_told_nowhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("url");
    std::fs::write(&secret, "postgres://me:hunter2@db/x\n").expect("written");
    let toml = |source: &str| {
        format!(
            "[sources.app]\n{source}\n[[datasets]]\nname = \"a\"\nsource = \"app\"\nshared = true\n[[datasets.queries]]\nname = \"a\"\nsql = \"SELECT 1 AS n\"\n"
        )
    };
    let from_file = open(&toml(&format!("url_file = \"{}\"", secret.display()))).expect("right");
    assert!(!format!("{from_file:?} {:?}", from_file.find("a")).contains("hunter2"));
    for wrong in [
        "url = \"postgress://me:hunter2@db/x\"",
        "url = \"postgres://me:hunter2@db:port/x\"",
        "url = postgres://me:hunter2@db/x",
    ] {
        let told = faults(&toml(wrong)).join("\n");
        assert!(!told.contains("hunter2"), "{told}");
    }
    let missing = faults(&toml("url_file = \"/nowhere/url\"")).join("\n");
    assert!(missing.contains("/nowhere/url cannot be read"), "{missing}");
}
