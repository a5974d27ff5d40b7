//! Packages expire: at once for readers, soon after on disk, never a needed file.

use std::time::Duration;

use serde_json::json;

use crate::support::api::{eventually, wanted};
use crate::support::house::House;
use crate::support::process::Site;

const DAY: Duration = Duration::from_secs(86_400);

#[test]
fn a_package_is_gone_from_the_second_it_expires_before_any_sweep() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let tag = export.download(&[]).expect(200).header("etag");

    house.clock().advance(7 * DAY);
    let gone = export.download(&[]).expect(410);
    assert_eq!(gone.code(), "PACKAGE_EXPIRED");
    assert_eq!(gone.json()["expiresAt"], export.show()["expiresAt"]);
    assert_eq!(export.download(&[("if-none-match", "*")]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(export.download(&[("if-none-match", &tag)]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(export.download(&[("if-match", "\"x\"")]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(export.download(&[("range", "bytes=99999999-")]).expect(410).code(), "PACKAGE_EXPIRED");
    let stranger = house.user("eve").export(&export.id);
    assert_eq!(stranger.download(&[]).expect(403).code(), "DOWNLOAD_UNAUTHORIZED");
    export.api.anonymous().get(&export.path("/download")).expect(401);
    assert_eq!(export.api.get(&export.path("/manifest")).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(export.status(), "expired");
    let listed = house.user("ada").get("/api/v1/exports?status=expired").expect(200).json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "lists agree");
    let listed = house.user("ada").get("/api/v1/exports?status=completed").expect(200).json();
    assert_eq!(listed["items"], json!([]));
}

#[test]
fn a_sweep_deletes_what_expired_and_counts_it_and_keeps_the_row() {
    let house = House::open();
    house.project("ada", "shop").noise("n", 100_000);
    house.project("ada", "blog").file("a", "a");
    let ada = house.user("ada");
    let old = ada.request("shop");
    old.completed();
    house.clock().advance(6 * DAY);
    let young = ada.request("blog");
    young.completed();
    house.clock().advance(DAY);

    let swept = house.sweep();
    assert_eq!((swept.expired, swept.deleted_files, swept.errors), (1, 1, 0));
    assert!(swept.freed_bytes >= 100_000);
    let row = old.show();
    assert_eq!(row["status"], "expired");
    assert_eq!(row["links"]["download"], json!(null));
    old.download(&[]).expect(410);
    young.download(&[]).expect(200);
    assert_eq!(house.sweep(), exportd::jobs::Swept::default(), "nothing is swept twice");
    assert!(house.metric("exportd_cleanup_freed_bytes_total") >= 100_000.0);
}

#[test]
fn while_another_server_sweeps_this_one_does_not() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    house.user("ada").request("shop").completed();
    house.clock().advance(8 * DAY);
    let now = house.clock().now();
    let elsewhere = |until| {
        house.beside(async |rows| {
            rows.duties().hold("sweep", "elsewhere.host.1", now, until).await.expect("an answer")
        })
    };
    assert!(elsewhere(now.plus(DAY)).is_some());
    assert_eq!(house.sweep(), exportd::jobs::Swept::default());
    assert!(elsewhere(now).is_some(), "it is done");
    assert_eq!(house.sweep().expired, 1);
}

#[test]
fn a_deleted_export_is_gone_now_and_its_row_tells() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    house.user("eve").delete(&export.path("")).expect(403);
    export.api.delete(&export.path("")).expect(204);
    assert!(house.stored_files().is_empty());
    assert_eq!(export.download(&[]).expect(410).code(), "PACKAGE_EXPIRED");
    assert_eq!(export.status(), "expired");
    export.api.delete(&export.path("")).expect(204);
}

#[test]
fn a_download_in_flight_finishes_after_its_package_expired() {
    use crate::support::raw;
    use std::io::Read;
    let house = House::open();
    house.project("ada", "shop").noise("n", 16_000_000);
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    raw::send(
        &mut socket,
        &format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\r\n"
        ),
    );
    let mut received = vec![0; 1024];
    socket.read_exact(&mut received).expect("it has begun");

    house.clock().advance(8 * DAY);
    assert_eq!(house.sweep().deleted_files, 1);
    socket.read_to_end(&mut received).expect("it goes on");
    let head = received.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    assert_eq!((received.len() - head) as u64, size);
    export.download(&[]).expect(410);
}

#[test]
fn files_that_no_row_needs_go_and_strangers_files_stay() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let package = house.stored_files().into_iter().find(|file| file.extension().is_some_and(|e| e == "zip"));
    let folder = package.expect("a package").parent().expect("a folder").to_owned();
    let orphan = "0198f2aa-0000-7000-8000-000000000000.1.zip";
    for name in [orphan, &format!("{orphan}.part"), "notes-of-the-operator.txt"] {
        std::fs::write(folder.join(name), "left here").expect("a file");
    }
    let swept = house.sweep();
    assert_eq!((swept.orphans_removed, swept.errors), (2, 0));
    assert!(folder.join("notes-of-the-operator.txt").exists());
    export.download(&[]).expect(200);
    std::fs::remove_file(folder.join("notes-of-the-operator.txt")).expect("it is there");
}

#[test]
fn packages_that_the_rows_do_not_know_outlive_the_start() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    // As after a backup was restored that is older than the package.
    house.change(&format!("DELETE FROM exports WHERE id = '{}'", export.id));
    let files = house.stored_files().len();
    let house = house.reopened();
    let swept = "exportd_cleanup_last_success_timestamp_seconds";
    eventually("the first sweep", || (house.metric(swept) > 0.0).then_some(()));
    assert_eq!(house.stored_files().len(), files, "nothing is gone before anybody can notice");
    assert_eq!(house.sweep().orphans_removed as usize, files, "whoever asks for it has it swept");
}

#[test]
fn a_sweep_with_the_wrong_rows_takes_nothing() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    // Files have whole seconds to be older than the rows that are made now.
    let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    for file in site.stored_files() {
        std::fs::File::options().append(true).open(file).expect("ours").set_modified(hour_ago).expect("set");
    }
    let swept = site
        .exportd(&["cleanup", "--set", "database.url=sqlite://a-slip-of-the-pen.db"])
        .env_remove("EXPORTD__DATABASE__URL")
        .env_remove("EXPORTD__DATABASE__MIGRATE_URL")
        .output()
        .expect("it runs");
    assert!(swept.status.success());
    let told = String::from_utf8_lossy(&swept.stderr);
    assert!(told.contains("is `database.url` the one that belongs to `storage.root`?"), "{told}");
    export.download(&[]).expect(200);
}

#[test]
fn one_file_that_cannot_be_deleted_does_not_stop_the_rest() {
    let house = House::open();
    let ada = house.user("ada");
    let exports: Vec<_> = (0..3)
        .map(|i| {
            house.project("ada", &format!("p{i}")).file("a", "a");
            let export = ada.request(&format!("p{i}"));
            export.completed();
            export
        })
        .collect();
    // A folder in a package's place cannot be unlinked, not even by root.
    let stuck = house
        .stored_files()
        .into_iter()
        .find(|file| {
            file.to_string_lossy().contains(&exports[1].id) && file.extension().is_some_and(|e| e == "zip")
        })
        .expect("its package");
    std::fs::remove_file(&stuck).expect("it is there");
    std::fs::create_dir(&stuck).expect("its place is free");

    house.clock().advance(8 * DAY);
    let swept = house.sweep();
    assert_eq!((swept.expired, swept.deleted_files, swept.errors), (3, 2, 1));
    std::fs::remove_dir(&stuck).expect("it is empty");
    assert_eq!(house.sweep().errors, 0, "the next sweep ends it");
}

#[test]
fn a_package_is_kept_as_long_as_was_asked_for() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let ada = house.user("ada");
    let mut body = wanted("shop");
    body["retentionSeconds"] = json!(60);
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    export.completed();
    // Only asked about: a download under way would put the expiry off.
    let answer = ada.head(&export.path("/download"), &[]).expect(200);
    let age: u64 =
        answer.header("cache-control").rsplit('=').next().expect("an age").parse().expect("seconds");
    assert!((1..=60).contains(&age), "{age}");
    house.clock().advance(Duration::from_secs(61));
    export.download(&[]).expect(410);
}
