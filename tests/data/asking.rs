//! What can be asked for, by whom, and what they get.

use serde_json::{Value, json};

use super::exported;
use crate::support::forum::{self, POSTS};
use crate::support::house::House;

#[test]
fn ones_own_data_come_whole_in_every_format_of_their_kind() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    for (format, media_type, extension) in [
        ("json", "application/json", "json"),
        ("jsonl", "application/jsonl", "jsonl"),
        ("csv", "text/csv; charset=utf-8; header=present", "csv"),
        ("xml", "application/xml", "xml"),
        ("markdown", "text/markdown; charset=utf-8; variant=GFM", "md"),
        ("txt", "text/plain; charset=utf-8", "txt"),
        ("html", "text/html; charset=utf-8", "html"),
        ("pdf", "application/pdf", "pdf"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ] {
        let (export, package) = exported(&ada, json!({"kind": "conversation"}), format);
        assert_eq!(package.header("content-type"), media_type);
        let name = export["fileName"].as_str().expect("a name");
        assert!(name.starts_with("conversations-") && name.ends_with(&format!(".{extension}")), "{name}");
        assert_eq!(export["progress"]["rowsDone"], POSTS, "{format}");
        assert_eq!(export["fileCount"], 1);
        let whole = String::from_utf8_lossy(&package.body);
        assert!(!whole.contains("mine alone"), "{format}: of somebody else");
    }
}

#[test]
fn a_json_document_tells_what_it_is_of_unless_nobody_wants_to_know() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let (export, package) = exported(&ada, json!({"kind": "user_data"}), "json");
    let document = package.json();
    assert_eq!(document["data"]["profile"][0]["email"], "ada@example.org", "one's own data are not masked");
    assert!(document["data"]["profile"][0].get("internal_note").is_none(), "of the system alone");
    assert_eq!(document["data"]["posts"].as_array().map(Vec::len), Some(POSTS));
    assert_eq!(document["data"]["posts"][2]["body"], "=1+1 <b>שלום</b> 漢字 🙂");
    assert!(document["metadata"].to_string().contains(export["id"].as_str().expect("an id")));

    let plain = json!({"kind": "user_data", "options": {"includeMetadata": false}});
    let (_, package) = exported(&ada, plain, "json");
    assert!(package.json().get("metadata").is_none());
}

#[test]
fn a_selector_narrows_what_comes() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let rows = |selector: Value| {
        let (export, package) =
            exported(&ada, json!({"kind": "conversation", "selector": selector}), "jsonl");
        let text = String::from_utf8(package.body).expect("UTF-8");
        assert_eq!(export["progress"]["rowsTotal"], text.lines().count());
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect::<Vec<Value>>()
    };
    let threads = rows(json!({"conversationIds": ["thread-1", "thread-3"]}));
    assert_eq!(threads.len(), POSTS / 5 * 2);
    assert!(threads.iter().all(|row| row["thread"] == "thread-1" || row["thread"] == "thread-3"));
    assert_eq!(rows(json!({"conversationIds": ["thread-1'); DROP TABLE posts; --"]})).len(), 0);
    assert_eq!(rows(json!({"limit": 7})).len(), 7);
    let day = rows(json!({"dateRange": {"start": "2026-01-02", "end": "2026-01-02"}}));
    assert_eq!(day.len(), 24, "a day has so many hours");
    assert!(day.iter().all(|row| row["written"].as_str().is_some_and(|at| at.starts_with("2026-01-02T"))));
}

#[test]
fn a_document_is_compressed_as_was_asked_and_resumes_and_verifies_like_any_package() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let plain = exported(&ada, json!({"kind": "conversation"}), "csv").1.body;
    for (compression, suffix, media_type) in
        [("gzip", "csv.gz", "application/gzip"), ("zstd", "csv.zst", "application/zstd")]
    {
        let options = json!({"kind": "conversation", "options": {"compression": compression}});
        let (export, package) = exported(&ada, options, "csv");
        assert!(export["fileName"].as_str().is_some_and(|name| name.ends_with(suffix)), "{export}");
        assert_eq!(
            (package.header("content-type"), package.header("content-encoding")),
            (media_type.to_owned(), String::new())
        );
        let unpacked = match compression {
            "gzip" => {
                let mut text = Vec::new();
                std::io::copy(&mut flate2::read::GzDecoder::new(&package.body[..]), &mut text).expect("gzip");
                text
            }
            _ => zstd::decode_all(&package.body[..]).expect("zstd"),
        };
        assert!(unpacked == plain, "{compression}");

        let handle = ada.export(export["id"].as_str().expect("an id"));
        let manifest = ada.get(&handle.path("/manifest")).expect(200).json();
        assert_eq!(manifest["recipe"]["compression"], compression, "and by how much it is smaller:");
        let ratio = manifest["totals"]["bytes"].as_f64().zip(manifest["totals"]["compressedBytes"].as_f64());
        assert!(ratio.is_some_and(|(raw, packed)| raw > 2.0 * packed), "{manifest}");
        let verified = ada.act(&handle.path("/verify")).expect(200).json();
        assert_eq!(verified["ok"], true, "{verified}");
        let half = handle.download(&[("range", "bytes=100-")]).expect(206);
        assert!(half.body == package.body[100..]);
        let path = manifest["entries"][0]["path"].as_str().expect("a path");
        let entry = ada.get_with(&handle.path(&format!("/entries/{path}")), &[("range", "bytes=5-24")]);
        assert_eq!(entry.expect(206).body, plain[5..25], "what is inside, without what is around it");
    }
}

#[test]
fn a_data_set_of_the_operator_s_is_asked_for_with_its_parameters() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let of = |parameters: Value| json!({"kind": "custom", "selector": {"dataset": "scores", "parameters": parameters}});
    let (export, package) = exported(&ada, of(json!({"least": 31})), "csv");
    let text = String::from_utf8(package.body).expect("UTF-8");
    assert!(text.starts_with("id,email,score\r\n248,a…@e…"), "masked for everyone: {text}");
    assert_eq!(text.lines().count(), 1 + 3);
    assert!(export["warnings"].to_string().contains("DATA_MASKED"), "and told: {export}");

    for (parameters, pointer) in [
        (json!({}), "/selector/parameters/least"),
        (json!({"least": 101}), "/selector/parameters/least"),
        (json!({"least": "31 OR 1=1"}), "/selector/parameters/least"),
        (json!({"least": 1, "user_id": "bob"}), "/selector/parameters/user_id"),
    ] {
        let refused = ada.post("/api/v1/exports", &of(parameters)).expect(400);
        assert_eq!(
            (refused.code(), refused.text("/errors/0/pointer")),
            ("VALIDATION_FAILED".into(), pointer.into())
        );
    }
    let unknown = json!({"kind": "custom", "selector": {"dataset": "nowhere"}});
    assert_eq!(ada.post("/api/v1/exports", &unknown).expect(404).code(), "DATASET_NOT_FOUND");
}

#[test]
fn what_is_for_admins_is_for_nobody_else_and_an_admin_gets_it_for_nobody_else() {
    let house = House::with(forum::declared);
    let everyone = json!({"kind": "custom", "selector": {"dataset": "everyone"}});
    assert_eq!(house.user("ada").post("/api/v1/exports", &everyone).expect(403).code(), "FORBIDDEN");
    let bulk = json!({"kind": "bulk"});
    assert_eq!(house.user("ada").post("/api/v1/exports", &bulk).expect(422).code(), "UNSUPPORTED_KIND");

    let admin = house.admin();
    let (_, package) = exported(&admin, everyone.clone(), "csv");
    assert!(String::from_utf8_lossy(&package.body).contains("bob@example.org"));
    let on_behalf = admin.post_with("/api/v1/exports", &everyone, &[("x-on-behalf-of", "ada")]);
    assert_eq!(on_behalf.expect(403).code(), "FORBIDDEN", "it would be ada's");
    let system = json!({"kind": "user_data", "options": {"includeSystemFields": true}});
    assert_eq!(
        house.user("ada").post("/api/v1/exports", &system).expect(400).text("/errors/0/pointer"),
        "/options/includeSystemFields"
    );
}

#[test]
fn a_report_is_asked_for_by_its_name() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let of = |report: &str| json!({"kind": "analytics", "selector": {"report": report, "granularity": "month", "dateRange": {"start": "2026-01-01"}}});
    let (_, package) = exported(&ada, of("usage"), "csv");
    assert_eq!(package.body, format!("step,posts\r\n2026-01,{POSTS}\r\n").as_bytes());
    let refused = ada.post("/api/v1/exports", &of("gossip")).expect(400);
    assert!(refused.text("/errors/0/message").contains("usage"), "it tells what there is");
}

#[test]
fn the_same_data_are_not_made_twice_within_their_lifetime() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let (export, _) = exported(&ada, json!({"kind": "conversation"}), "csv");
    let again =
        ada.post("/api/v1/exports", &json!({"kind": "conversation", "format": "csv"})).expect(200).json();
    assert_eq!((&again["id"], &again["deduplicated"]), (&export["id"], &json!(true)));
    let other = json!({"kind": "conversation", "format": "csv", "options": {"bom": true}});
    assert_ne!(ada.post("/api/v1/exports", &other).expect(202).json()["id"], export["id"]);
}

#[test]
fn a_small_export_is_answered_in_the_request() {
    let house = House::with(forum::declared);
    let wanted = json!({"kind": "conversation", "format": "jsonl"});
    let answer = house.user("ada").post_with("/api/v1/exports", &wanted, &[("prefer", "wait=30")]);
    assert_eq!(answer.json()["status"], "completed");
    assert_eq!(answer.header("preference-applied"), "wait=30");
}

#[test]
fn options_that_make_no_sense_are_told_with_their_pointers() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    for (wanted, pointer) in [
        (
            json!({"kind": "user_data", "format": "zip", "options": {"compression": "gzip"}}),
            "/options/compression",
        ),
        (json!({"kind": "conversation", "format": "json", "options": {"bom": true}}), "/options/bom"),
        (json!({"kind": "conversation", "format": "csv", "template": "executive"}), "/template"),
        (
            json!({"kind": "user_data", "selector": {"dateRange": {"start": "2026-02-30"}}}),
            "/selector/dateRange/start",
        ),
    ] {
        let refused = ada.post("/api/v1/exports", &wanted).expect(400);
        assert_eq!(refused.text("/errors/0/pointer"), pointer);
    }
    let wrong = json!({"kind": "trace", "format": "pdf"});
    assert_eq!(ada.post("/api/v1/exports", &wrong).expect(422).code(), "UNSUPPORTED_FORMAT");
}

#[test]
fn clients_of_an_earlier_system_get_their_data() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let options =
        json!({"compression": true, "includeMetadata": false, "dateRange": {"end": "2026-01-01T12:00:00Z"}});
    let asked = ada.post("/api/exports/user", &json!({"format": "csv", "options": options})).expect(202);
    let id = asked.text("/export/id");
    ada.export(&id).completed();
    let package = ada.get(&format!("/api/exports/{id}/download")).expect(200);
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&package.body[..]), &mut text)
        .expect("gzip");
    assert_eq!(text.lines().filter(|line| line.starts_with("posts,")).count(), 11, "{text}");
    let status = ada.get(&format!("/api/exports/{id}/status")).expect(200);
    assert_eq!(status.text("/export/status"), "completed");
}

#[test]
fn files_of_a_folder_are_data_too() {
    let house = House::with(|settings| {
        let folder = settings.storage.root.parent().expect("a folder").join("feeds");
        std::fs::create_dir_all(&folder).expect("a folder");
        std::fs::write(
            folder.join("events-1.csv"),
            "user,at,what\r\nada,2026-01-01T00:00:00Z,came\r\nbob,2026-01-01T00:00:00Z,hid\r\n",
        )
        .expect("a file");
        std::fs::write(
            folder.join("events-2.jsonl"),
            "{\"what\":\"went\",\"user\":\"ada\",\"at\":\"2026-01-02T00:00:00Z\"}\n",
        )
        .expect("a file");
        std::fs::write(folder.join("other.csv"), "nothing\r\n").expect("a file");
        let file = folder.join("datasets.toml");
        let declared = format!(
            "[sources.feeds]\nfolder = \"{}\"\n{}",
            folder.display(),
            r#"
[[datasets]]
name = "events"
title = "Events"
source = "feeds"
[[datasets.parameters]]
name = "what"
type = "text[]"
[[datasets.queries]]
name = "events"
files = "events-*"
user_column = "user"
equals = { what = "what" }
columns = [ { name = "at", type = "timestamp" }, { name = "what", type = "text" } ]
"#
        );
        std::fs::write(&file, declared).expect("a file");
        settings.datasets.file = Some(file);
    });
    let ada = house.user("ada");
    let of = |parameters: Value| json!({"kind": "custom", "selector": {"dataset": "events", "parameters": parameters}});
    let (_, package) = exported(&ada, of(json!({})), "csv");
    assert_eq!(
        String::from_utf8_lossy(&package.body),
        "at,what\r\n2026-01-01T00:00:00Z,came\r\n2026-01-02T00:00:00Z,went\r\n"
    );
    let (_, package) = exported(&ada, of(json!({"what": ["went", "hid"]})), "csv");
    assert_eq!(package.body, b"at,what\r\n2026-01-02T00:00:00Z,went\r\n");
}

#[test]
fn a_report_is_rendered_by_a_template_as_it_was_when_it_was_asked_for() {
    let house = House::with(forum::declared);
    let ada = house.user("ada");
    let body = json!({"name": "mine", "title": "My posts", "audience": "me", "kinds": ["analytics"],
        "sections": [{"type": "text", "text": "There is {{ count }} month."}]});
    ada.post("/api/v1/templates", &body).expect(201);
    let mine = json!({"kind": "analytics", "template": "mine", "options": {"bom": false},
        "selector": {"report": "usage", "granularity": "month", "dateRange": {"start": "2026-01-01"}}});
    let refused =
        ada.post("/api/v1/exports", &json!({"kind": "conversation", "format": "html", "template": "mine"}));
    assert_eq!(refused.expect(400).text("/errors/0/pointer"), "/template", "it is for analytics");
    let mut mine = mine;
    mine["options"] = json!({});
    let (_, package) = exported(&ada, mine, "markdown");
    assert!(String::from_utf8_lossy(&package.body).contains("There is 1 month."));
    for (template, word) in
        [("executive", "Usage"), ("technical", "Usage"), ("compliance", "Usage"), ("customer", "Usage")]
    {
        let wanted = json!({"kind": "analytics", "template": template,
            "selector": {"report": "usage", "dateRange": {"start": "2026-01-01"}}});
        for format in ["html", "markdown", "pdf"] {
            let (export, package) = exported(&ada, wanted.clone(), format);
            assert_eq!(export["template"], template);
            let text = String::from_utf8_lossy(&package.body);
            assert!(format == "pdf" || text.contains(word), "{template} as {format}: {text}");
        }
    }
    let unknown = json!({"kind": "analytics", "template": "nobody-s", "format": "html",
        "selector": {"report": "usage", "dateRange": {"start": "2026-01-01"}}});
    assert_eq!(ada.post("/api/v1/exports", &unknown).expect(400).text("/errors/0/pointer"), "/template");
}
