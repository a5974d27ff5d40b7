//! SIGTERM drains: what runs gets its grace, then waits for the next start.

use crate::support::process::Site;

#[test]
fn a_running_job_goes_back_to_the_queue_and_ends_after_the_restart() {
    let site = Site::new(&[
        ("PACKING__LEVEL", "9"),
        ("PACKING__THREADS", "1"),
        ("LIMITS__MAX_FILE", "4GiB"),
        ("LIMITS__MAX_PACKAGE", "4GiB"),
    ]);
    let words = "long enough that the grace of ten seconds ends before the packing does ".repeat(1_400_000);
    let mut project = site.project("ada", "large");
    for i in 0..40 {
        project = project.file(&format!("{i}"), &words);
    }
    let server = site.serve();
    let export = server.user("ada").request("large");
    export.until("it is being packed", |export| export["progress"]["phase"] == "compressing");
    server.terminate();
    assert!(server.gone().success(), "{}", site.log());
    assert!(site.stored_files().is_empty(), "no part is left");

    drop(project);
    for i in 1..40 {
        std::fs::remove_file(site.path().join(format!("projects/ada/large/{i}"))).expect("it is there");
    }
    let server = site.serve();
    let export = server.user("ada").export(&export.id).completed();
    assert_eq!(export["attempt"], 1, "a shutdown burns no attempt");
    assert_eq!(export["fileCount"], 1);
}

#[test]
fn those_who_wait_are_answered_and_not_held_to_the_end() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let mut body = crate::support::api::wanted("shop");
    body["runAt"] = serde_json::json!("2999-01-01T00:00:00Z");
    let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ada.get_with(&export.path(""), &[("prefer", "wait=30")]));
        let following = scope.spawn(|| ada.get(&export.path("/events")));
        // Both are there once the server has them open beside its listeners.
        crate::support::api::eventually("both are connected", || {
            (ada.get("/healthz").status == 200).then_some(())
        });
        server.terminate();
        let told = waiting.join().expect("an answer");
        assert!(matches!(told.status, 200 | 503), "{}", told.status);
        following.join().expect("an end");
    });
    assert!(server.gone().success());
}
