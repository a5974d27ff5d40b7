//! kill -9 at any moment, then a restart: every job ends for a true reason.

use std::thread;
use std::time::Duration;

use crate::support::api::{Api, ExportHandle, eventually};
use crate::support::process::Site;
use crate::support::project::slow_text;
use crate::support::sha256;

/// Kills the server `rounds` times, each a little later in the life of its jobs.
#[test]
fn killed_at_any_moment_every_export_ends_and_every_package_is_whole() {
    let site = Site::new(&[("JOBS__ATTEMPTS", "3"), ("JOBS__CONCURRENCY", "3")]);
    for i in 0..6 {
        site.project("ada", &format!("p{i}")).sources(150).noise("n", 3_000_000);
    }
    let mut ids = Vec::new();
    for round in 0..8u64 {
        let server = site.serve();
        let ada = server.user("ada");
        ids.push(ada.request(&format!("p{}", round % 6)).id);
        // The moment of death moves through queueing, packing and publishing. It is meant to be
        // any moment: nothing is waited for.
        thread::park_timeout(Duration::from_millis(round * round * 6));
        server.kill();
    }
    let server = site.serve();
    let ada = server.user("ada");
    for id in &ids {
        let export = ada.export(id).ended();
        let status = export["status"].as_str().expect("a status");
        match status {
            "completed" => is_whole(&ada.export(id)),
            "failed" => assert_eq!(export["error"]["code"], "CRASHED_ITS_WORKER", "{export}"),
            other => panic!("{id} ended as {other}: {export}"),
        }
        assert!(export["attempt"].as_u64() <= Some(1), "a rescue burns no attempt: {export}");
    }
    eventually("no unfinished file is left", || {
        site.stored_files().iter().all(|file| file.extension().is_none_or(|e| e != "part")).then_some(())
    });
    server.terminate();
    assert!(server.gone().success());
}

fn is_whole(export: &ExportHandle) {
    let object = export.show();
    let body = export.download(&[]).expect(200).body;
    assert_eq!(object["checksum"], sha256(&body));
}

/// How many workers have taken up this export.
fn times_begun(export: &ExportHandle) -> usize {
    let log = export.api.get(&export.path("/log")).expect(200).json();
    let lines = log["items"].as_array().expect("lines").iter();
    lines.filter(|line| line["event"] == "status" && line["status"] == "processing").count()
}

#[test]
fn an_export_that_kills_its_worker_three_times_is_failed_as_that() {
    let site = Site::new(&[("PACKING__LEVEL", "9"), ("PACKING__THREADS", "1")]);
    let words = slow_text(80);
    site.project("ada", "large").file("a", &words).file("b", &words).file("c", &words);
    let mut id = String::new();
    for round in 0..3 {
        let server = site.serve();
        let ada = server.user("ada");
        if round == 0 {
            id = ada.request("large").id;
        }
        let export = ada.export(&id);
        // The row shows what the last server wrote until this one has taken it over.
        eventually("this server has begun", || (times_begun(&export) > round).then_some(()));
        export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
        server.kill();
    }
    let server = site.serve();
    let export = server.user("ada").export(&id).ended();
    assert_eq!(export["status"], "failed");
    assert_eq!(export["error"]["code"], "CRASHED_ITS_WORKER");
    eventually("no file is left", || site.stored_files().is_empty().then_some(()));
}

#[test]
fn a_second_server_on_the_same_folder_is_refused() {
    let site = Site::new(&[]);
    let _first = site.serve();
    let second = site.exportd(&["serve"]).output().expect("it ends");
    assert_eq!(second.status.code(), Some(1));
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(told.contains("another"), "{told}");
}

#[test]
fn a_client_sees_the_same_job_across_a_restart() {
    let site = Site::new(&[]);
    site.project("ada", "shop").sources(20);
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("shop");
    let before = export.completed();
    server.terminate();
    assert!(server.gone().success(), "{}", site.log());

    let server = site.serve();
    let ada: Api = server.user("ada");
    let after = ada.export(&export.id).show();
    assert_eq!(after["checksum"], before["checksum"]);
    assert_eq!(ada.request("shop").id, export.id, "still the live twin");
    is_whole(&ada.export(&export.id));
}
