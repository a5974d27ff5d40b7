//! SIGTERM drains: what runs gets its grace, then waits for the next start.

use crate::support::api::wanted;
use crate::support::process::Site;
use crate::support::project::slow_text;
use crate::support::raw;

#[test]
fn a_running_job_goes_back_to_the_queue_and_ends_after_the_restart() {
    let site = Site::new(&[
        ("PACKING__LEVEL", "9"),
        ("PACKING__THREADS", "1"),
        ("LIMITS__MAX_FILE", "4GiB"),
        ("LIMITS__MAX_PACKAGE", "4GiB"),
    ]);
    let words = slow_text(80);
    let mut project = site.project("ada", "large");
    for i in 0..12 {
        project = project.file(&format!("{i}"), &words);
    }
    let server = site.serve();
    let export = server.user("ada").request("large");
    export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    server.terminate();
    assert!(server.gone().success(), "{}", site.log());
    assert!(site.stored_files().is_empty(), "no part is left");

    drop(project);
    for i in 1..12 {
        std::fs::remove_file(site.path().join(format!("projects/ada/large/{i}"))).expect("it is there");
    }
    let server = site.serve();
    let export = server.user("ada").export(&export.id).completed();
    assert_eq!(export["attempt"], 1, "a shutdown burns no attempt");
    assert_eq!(export["fileCount"], 1);
}

#[test]
fn those_who_follow_are_let_go_and_do_not_hold_the_house_open() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let mut body = wanted("shop");
    body["runAt"] = serde_json::json!("2999-01-01T00:00:00Z");
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    let mut following = raw::connect(ada.address());
    let (path, token) = (export.path("/events"), ada.token());
    raw::send(
        &mut following,
        &format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n"),
    );
    assert!(raw::read_some(&mut following).starts_with("HTTP/1.1 200"), "the stream has begun");
    server.terminate();
    assert!(server.gone().success());
}
