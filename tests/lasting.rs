//! A download that has begun can be ended: expiry waits for it, and what is lost is made again.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exportd::domain::Timestamp;
use exportd::transfer::HttpDate;
use serde_json::{Value, json};

use crate::support::api::{ExportHandle, wanted};
use crate::support::git::Repository;
use crate::support::house::House;
use crate::support::project::noise;
use crate::support::raw;

const MINUTE: Duration = Duration::from_secs(60);

/// An export that is kept for an hour, in a house that keeps none for more than two.
fn for_an_hour(size: usize) -> (House, ExportHandle) {
    let house = House::with(|settings| {
        settings.retention.max = MINUTE * 120;
        settings.retention.default = MINUTE * 60;
    });
    house.project("ada", "shop").file("noise.bin", noise(size));
    let export = house.user("ada").request("shop");
    export.completed();
    (house, export)
}

fn instant(export: &Value, member: &str) -> Timestamp {
    Timestamp::parse(export[member].as_str().expect("a time")).expect("RFC 3339")
}

/// Waits until the export expires at `expected` or a little later; or up to 5 seconds earlier,
/// because more often than that nothing is written for its sake.
fn until_it_expires_at(export: &ExportHandle, expected: Timestamp) -> Timestamp {
    let earliest = expected.minus(Duration::from_secs(5));
    let is_later = |object: &Value| instant(object, "expiresAt") >= earliest;
    let expires_at = instant(&export.until("its expiry is put off", is_later), "expiresAt");
    assert!(expires_at < expected.plus(MINUTE), "{expires_at} is long after {expected}");
    expires_at
}

fn lines_kept(export: &ExportHandle) -> usize {
    let log = export.api.get(&export.path("/log")).expect(200).json();
    log["items"].as_array().expect("lines").iter().filter(|line| line["event"] == "kept").count()
}

fn first_byte(export: &ExportHandle) {
    export.download(&[("range", "bytes=0-0")]).expect(206);
}

#[test]
fn whoever_downloads_in_the_last_quarter_of_an_hour_has_another_one_to_go_on() {
    let (house, export) = for_an_hour(10_000);
    let planned = instant(&export.show(), "expiresAt");
    house.clock().advance(MINUTE * 40);
    first_byte(&export);
    assert_eq!(instant(&export.show(), "expiresAt"), planned, "20 minutes are enough");

    house.clock().advance(MINUTE * 10);
    let began = house.clock().now();
    export.download(&[("range", "bytes=1-1")]).expect(206);
    let put_off = until_it_expires_at(&export, began.plus(MINUTE * 15));
    let answer = export.download(&[("range", "bytes=2-2")]).expect(206);
    assert_eq!(answer.header("sunset"), HttpDate::from(put_off).to_string(), "it is told as it is");

    // Paused until the package would have been gone, and gone on with.
    house.clock().advance(MINUTE * 14);
    assert!(house.clock().now() > planned);
    assert_eq!(house.sweep().expired, 0);
    let resumed = house.clock().now();
    export.download(&[("range", "bytes=3-3")]).expect(206);
    until_it_expires_at(&export, resumed.plus(MINUTE * 15));
    assert_eq!(lines_kept(&export), 1, "told once");
    assert_eq!(export.show()["downloadCount"], 1);
}

#[test]
fn no_package_is_kept_for_longer_than_the_operator_allows() {
    let (house, export) = for_an_hour(10_000);
    let ceiling = instant(&export.show(), "completedAt").plus(MINUTE * 120);
    house.clock().advance(MINUTE * 50);
    while house.clock().now().plus(MINUTE * 15) < ceiling {
        let now = house.clock().now();
        first_byte(&export);
        until_it_expires_at(&export, now.plus(MINUTE * 15));
        house.clock().advance(MINUTE * 12);
    }
    first_byte(&export);
    let last = export.until("it is kept up to the ceiling", |object| instant(object, "expiresAt") == ceiling);
    house.clock().advance(MINUTE * 5);
    first_byte(&export);
    assert_eq!(export.show()["expiresAt"], last["expiresAt"]);
    house.clock().advance(MINUTE * 12);
    assert_eq!(export.download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
}

#[test]
fn a_package_that_is_gone_is_gone_for_good() {
    let (house, export) = for_an_hour(10_000);
    first_byte(&export);
    let planned = instant(&export.show(), "expiresAt");
    house.clock().advance(MINUTE * 60);
    for _ in 0..3 {
        assert_eq!(export.download(&[("range", "bytes=0-0")]).expect(410).code(), "PACKAGE_EXPIRED");
        let object = export.show();
        assert_eq!((instant(&object, "expiresAt"), &object["status"]), (planned, &json!("expired")));
    }
    assert_eq!(lines_kept(&export), 0);
}

#[test]
fn what_is_sent_all_the_time_puts_its_expiry_off_all_the_time() {
    let (house, export) = for_an_hour(24_000_000);
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    raw::send(&mut socket, &head);
    socket.read_exact(&mut [0; 1_000]).expect("it begins");
    let look = || drop(export.api.get(&export.path("/downloads")).expect(200));
    look();
    house.clock().advance(MINUTE * 55);
    let now = house.clock().now();
    let mut taken = vec![0; 10_000_000];
    socket.read_exact(&mut taken).expect("it goes on");
    crate::support::api::eventually("its expiry is put off", || {
        look();
        (instant(&export.show(), "expiresAt") >= now.plus(MINUTE * 15)).then_some(())
    });
    house.clock().advance(MINUTE * 10);
    assert_eq!(export.status(), "completed", "five minutes after the hour");
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).expect("it ends");
    export.download(&[("range", "bytes=0-0")]).expect(206);
}

/// The files of an export's package that end in `end`.
fn files(house: &House, export: &ExportHandle, end: &str) -> Vec<PathBuf> {
    let of_export = |file: &Path| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with(&export.id) && name.ends_with(end)
    };
    house.stored_files().into_iter().filter(|file| of_export(file)).collect()
}

fn lose(house: &House, export: &ExportHandle, end: &str) {
    let files = files(house, export, end);
    assert!(!files.is_empty(), "nothing to lose");
    files.into_iter().for_each(|file| std::fs::remove_file(file).expect("it is there"));
}

#[test]
fn a_lost_package_is_told_with_how_to_have_it_again_and_one_call_makes_it() {
    let (house, export) = for_an_hour(10_000);
    assert_eq!(export.api.act(&export.path("/retry")).expect(409).code(), "CONFLICT", "it is there");
    export.download(&[("range", "bytes=0-9")]).expect(206);
    lose(&house, &export, ".zip");
    let lost = export.download(&[("range", "bytes=10-")]).expect(404);
    assert_eq!((lost.code(), lost.text("/retry")), ("FILE_NOT_FOUND".to_owned(), export.path("/retry")));
    assert!(lost.text("/detail").contains(&export.path("/retry")), "{}", lost.text("/detail"));
    assert!(!lost.text("/detail").contains(".zip"));
    assert!(house.metric("exportd_package_missing_total") >= 1.0);
    assert_eq!(house.user("eve").act(&export.path("/retry")).expect(403).code(), "FORBIDDEN");

    let again = export.api.act(&export.path("/retry")).expect(202);
    let again = export.api.export(&again.text("/id"));
    assert_ne!(again.id, export.id);
    again.completed();
    again.download(&[]).expect(200);
    assert_eq!((export.status(), house.user("ada").request("shop").id), ("expired".to_owned(), again.id));
    assert_eq!(export.download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
}

#[test]
fn what_has_changed_since_does_not_keep_a_lost_package_alive() {
    let house = House::open();
    let git = Repository::new(house.settings().projects.root.join("ada/shop"));
    git.file("a", "one").commit("first");
    let (ada, mut body) = (house.user("ada"), wanted("shop"));
    body["selector"]["versionId"] = json!("main");
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    export.completed();
    lose(&house, &export, ".zip");
    git.file("a", "two").commit("second");
    let again = export.api.act(&export.path("/retry")).expect(202).text("/id");
    export.api.export(&again).completed();
    assert_eq!(export.status(), "expired", "nobody finds it and nothing again");
}

#[test]
fn a_lost_manifest_is_told_and_made_again_and_the_package_is_served_meanwhile() {
    let (house, export) = for_an_hour(10_000);
    lose(&house, &export, ".manifest.json");
    let before = house.metric("exportd_package_missing_total");
    assert_eq!(export.api.get(&export.path("/manifest")).expect(404).code(), "FILE_NOT_FOUND");
    assert_eq!(export.api.act(&export.path("/verify")).expect(404).code(), "FILE_NOT_FOUND");
    assert!(house.metric("exportd_package_missing_total") >= before + 2.0);
    export.download(&[]).expect(200);
    let again = export.api.act(&export.path("/retry")).expect(202).text("/id");
    let again = export.api.export(&again);
    again.completed();
    again.api.get(&again.path("/manifest")).expect(200);
}

#[test]
fn a_package_that_was_cut_short_is_lost_too() {
    let (house, export) = for_an_hour(100_000);
    export.download(&[("range", "bytes=0-9")]).expect(206);
    for file in files(&house, &export, ".zip") {
        std::fs::File::options().write(true).open(file).and_then(|file| file.set_len(50_000)).expect("cut");
    }
    assert_eq!(export.download(&[("range", "bytes=10-")]).expect(404).code(), "FILE_NOT_FOUND");
    let again = house.user("ada").request("shop");
    assert_ne!(again.id, export.id, "asked for as the first time");
    again.completed();
    again.download(&[]).expect(200);
}

#[test]
fn a_package_that_was_found_damaged_is_given_to_nobody_again_and_is_made_again() {
    use std::os::unix::fs::FileExt;
    let (house, export) = for_an_hour(10_000);
    for file in files(&house, &export, ".zip") {
        let file = std::fs::File::options().write(true).open(file).expect("it is there");
        file.write_all_at(b"?", 100).expect("written");
    }
    let refused = export.api.act(&export.path("/retry")).expect(409);
    assert!(
        refused.text("/detail").contains("/verify"),
        "nobody has looked yet: {}",
        refused.text("/detail")
    );
    let found = export.api.act(&export.path("/verify")).expect(200).json();
    assert_eq!(
        (&found["ok"], found["retry"].as_str()),
        (&false.into(), Some(export.path("/retry").as_str()))
    );

    let house = house.reopened();
    let ada = house.user("ada");
    let again = ada.request("shop");
    assert_ne!(again.id, export.id, "asked for as the first time");
    again.completed();
    let found = ada.act(&again.path("/verify")).expect(200).json();
    assert_eq!((&found["ok"], found.get("retry")), (&true.into(), None));
    assert_eq!(ada.act(&again.path("/retry")).expect(409).code(), "CONFLICT");
    house.sweep();
    let of_old = |file: &std::path::PathBuf| file.to_string_lossy().contains(&export.id);
    assert!(!house.stored_files().iter().any(of_old), "nor does a mark stay");
}

#[test]
fn what_cannot_be_made_again_just_now_is_still_told_as_lost() {
    let (house, export) = for_an_hour(10_000);
    lose(&house, &export, ".zip");
    let project = house.settings().projects.root.join("ada/shop");
    let elsewhere = house.settings().projects.root.join("moved");
    std::fs::rename(&project, &elsewhere).expect("moved away");
    export.api.act(&export.path("/retry")).expect(404);
    export.api.post("/api/v1/exports", &wanted("shop")).expect(404);
    assert_eq!(export.download(&[]).expect(404).code(), "FILE_NOT_FOUND", "and not as expired");
    std::fs::rename(&elsewhere, &project).expect("moved back");
    let again = export.api.act(&export.path("/retry")).expect(202).text("/id");
    export.api.export(&again).completed();
}

#[test]
fn a_package_deleted_between_two_ranges_is_gone_for_the_next_and_whole_for_the_one_under_way() {
    let (house, export) = for_an_hour(24_000_000);
    let size = export.show()["fileSize"].as_u64().expect("a size");
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nrange: bytes=1-\r\nauthorization: Bearer {token}\r\n\r\n"
    );
    raw::send(&mut socket, &head);
    let mut received = vec![0; 1_000];
    socket.read_exact(&mut received).expect("it begins");
    export.api.delete(&export.path("")).expect(204);
    assert_eq!(export.download(&[("range", "bytes=0-9")]).expect(410).code(), "PACKAGE_EXPIRED");
    assert!(house.stored_files().is_empty());
    socket.read_to_end(&mut received).expect("it goes on");
    let head = received.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!((received.len() - head) as u64, size - 1);
}

#[test]
fn a_package_that_shares_its_bytes_is_gone_at_once_for_whoever_deleted_it() {
    let house = House::open();
    for user in ["ada", "bob"] {
        house.project(user, "shop").file("noise.bin", noise(100_000));
    }
    let [of_ada, of_bob] = ["ada", "bob"].map(|user| house.user(user).request("shop"));
    of_ada.completed();
    of_bob.completed();
    for _ in 0..20 {
        of_ada.download(&[("range", "bytes=0-9")]).expect(206);
    }
    // By another server of the same database, whose bell does not ring here.
    let now = house.clock().now();
    let deleted = house.beside(async |rows| {
        rows.exports().delete(of_ada.id.parse().expect("an id"), now).await.expect("an answer")
    });
    assert!(deleted);
    lose(&house, &of_ada, ".zip");
    assert_eq!(of_ada.download(&[("range", "bytes=10-19")]).expect(410).code(), "PACKAGE_EXPIRED");
    of_bob.download(&[]).expect(200);
}
