//! What a server tells those who watch over it.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use serde_json::Value;

use crate::support::process::Site;

fn heard(socket: &UnixDatagram) -> String {
    let mut words = [0; 256];
    let length = socket.recv(&mut words).expect("a datagram");
    String::from_utf8_lossy(&words[..length]).into_owned()
}

#[test]
fn a_service_manager_hears_that_it_is_ready_that_it_lives_and_that_it_goes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("notify");
    let ear = UnixDatagram::bind(&path).expect("a socket");
    // Silence is a failure, not a test without end.
    ear.set_read_timeout(Some(Duration::from_secs(60))).expect("a socket waits as long as it is told");
    let mut site = Site::new(&[]);
    let path = path.to_str().expect("text");
    site.environment(&[("NOTIFY_SOCKET", path), ("WATCHDOG_USEC", "1000000")]);
    let server = site.serve();
    assert_eq!(heard(&ear), "READY=1");
    assert_eq!(heard(&ear), "WATCHDOG=1");
    server.terminate();
    // Its last beats may come first.
    while heard(&ear) != "STOPPING=1" {}
    assert!(server.gone().success(), "{}", site.log());
}

#[test]
fn whoever_asks_for_its_health_hears_of_every_part() {
    let site = Site::new(&[]);
    let server = site.serve();
    let url = server.user("ada").url("");
    let asked = |url: &str| site.exportd(&["health", "--json", url]).output().expect("it ends");
    let well = asked(&url);
    assert_eq!(well.status.code(), Some(0), "{}", String::from_utf8_lossy(&well.stderr));
    let ready: Value = serde_json::from_slice(&well.stdout).expect("JSON");
    assert_eq!(ready["status"], "ok");
    assert!(ready["parts"].as_array().is_some_and(|parts| parts.len() >= 2), "{ready}");

    let elsewhere = asked(&format!("{url}/elsewhere"));
    assert_eq!((elsewhere.status.code(), elsewhere.stdout.len()), (Some(1), 0));
    let told = String::from_utf8_lossy(&elsewhere.stderr).into_owned();
    assert!(told.contains("/elsewhere/readyz answers 404") && told.contains("not as an exportd"), "{told}");

    server.kill();
    let nobody = asked(&url);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&nobody.stderr).contains("does it run?"));
    assert_eq!(asked("exports.example").status.code(), Some(2), "no address of a server");
}
