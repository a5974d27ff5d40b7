//! What nginx has sent is counted from its own report, line by line.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use exportd::app::Mode;
use exportd::domain::{LinkId, Receiver, Timestamp};
use exportd::ledger::{Sending, Ticket};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{bytes, downloads};
use crate::support::api::{ExportHandle, eventually};
use crate::support::house::House;
use crate::support::process::Site;

/// What a server that is gone handed over of `export`, to ada.
pub fn ticket(export: &ExportHandle, planned: Range<u64>) -> Ticket {
    let object = export.show();
    let user = "ada".parse().expect("a user id");
    let to =
        Receiver { user, link: None, address: [10, 0, 0, 1].into(), agent: Some("Wget/1.21".to_owned()) };
    let at = Timestamp::parse(object["completedAt"].as_str().expect("a time")).expect("RFC 3339");
    let sending = Sending {
        export: export.id.parse().expect("an id"),
        to,
        download: None,
        reserved: None,
        size: object["fileSize"].as_u64(),
        planned: vec![planned],
        by: None,
    };
    Ticket { process: Uuid::now_v7(), transfer: 1, at, sending }
}

fn line(ticket: &Ticket, sent: u64) -> String {
    let done = if sent == ticket.sending.length() { "OK" } else { "" };
    format!("{{\"ticket\":\"{ticket}\",\"sent\":{sent},\"done\":\"{done}\"}}\n")
}

fn append(log: &Path, text: &str) {
    let file = std::fs::File::options().create(true).append(true).open(log);
    file.and_then(|mut file| file.write_all(text.as_bytes())).expect("written");
}

/// A house behind nginx. Nobody downloads from it here: nginx would.
pub fn behind_nginx(size: usize) -> (House, ExportHandle, u64) {
    let house = House::with(|settings| settings.download.mode = Mode::Accel);
    house.project("ada", "shop").noise("noise.bin", size);
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    (house, export, size)
}

fn until_counted(export: &ExportHandle, count: u64) -> Vec<Value> {
    eventually("they are counted", || {
        let is_counted = export.show()["downloadCount"] == count;
        is_counted.then(|| downloads(export))
    })
}

#[test]
fn what_nginx_tells_is_counted_once_across_rotation_and_restarts() {
    let (house, export, size) = behind_nginx(1_000_000);
    let root = house.settings().storage.root.clone();
    let log = root.join("accel.log");
    assert!(log.exists(), "made before nginx could, so that it can be read");
    let half = size / 2;
    let (first, rest) = (ticket(&export, 0..size), ticket(&export, half..size));
    append(&log, &line(&first, half));
    append(&log, &format!("nonsense\n{}", line(&rest, size - half)));
    let all = eventually("both halves are counted", || {
        Some(downloads(&export)).filter(|all| all.first().is_some_and(|one| one["complete"] == true))
    });
    let [download] = &all[..] else { panic!("one download: {all:?}") };
    assert_eq!(
        (bytes(download), &download["mode"], &download["active"]),
        (size, &json!("accel"), &json!(false))
    );
    assert_eq!((&download["address"], &download["userAgent"]), (&json!("10.0.0.1"), &json!("Wget/1.21")));
    for (sample, expected) in [
        (r#"exportd_downloads_total{mode="accel",outcome="complete"}"#, 1.0),
        (r#"exportd_downloads_total{mode="accel",outcome="broken"}"#, 1.0),
        (r#"exportd_download_bytes_total{mode="accel"}"#, size as f64),
        ("exportd_downloads_in_flight", 0.0),
    ] {
        assert_eq!(house.metric(sample), expected, "{sample}");
    }

    // It listens on another port from now on.
    let house = house.reopened();
    let export = house.user("ada").export(&export.id);
    append(&log, &line(&ticket(&export, 0..size), size));
    std::fs::rename(&log, root.join("accel.log.1")).expect("rotated");
    append(&log, &line(&ticket(&export, 0..size), size));
    let all = until_counted(&export, 3);
    assert!(all.iter().all(|download| download["complete"] == true && bytes(download) == size), "{all:?}");
}

#[test]
fn strangers_who_come_by_a_link_are_told_as_that() {
    let (house, export, size) = behind_nginx(1_000_000);
    let link = LinkId::new();
    let settled = Uuid::now_v7();
    let mut by_link = ticket(&export, 0..size);
    by_link.sending.to.link = Some(link);
    by_link.sending.download = Some(settled);
    append(&house.settings().storage.root.join("accel.log"), &line(&by_link, size));
    let [download] = &until_counted(&export, 1)[..] else { panic!("one download") };
    assert_eq!((&download["userId"], &download["linkId"]), (&json!(null), &json!(link.to_string())));
    assert_eq!(download["id"], settled.to_string());

    // Hours later the same download goes on: what was sent before is still known.
    house.clock().advance(std::time::Duration::from_secs(4 * 3600));
    export.show();
    let mut again = by_link.clone();
    again.at = house.clock().now();
    again.sending.planned = std::iter::once(size - 100..size).collect();
    append(&house.settings().storage.root.join("accel.log"), &line(&again, 100));
    let download =
        eventually("it went on", || downloads(&export).into_iter().find(|download| bytes(download) > size));
    assert_eq!((bytes(&download), &download["complete"]), (size + 100, &json!(true)));
    assert_eq!(export.show()["downloadCount"], 1);
}

#[test]
fn a_server_that_is_killed_counts_no_line_twice_and_misses_none() {
    let site = Site::new(&[("DOWNLOAD__MODE", "accel")]);
    site.project("ada", "shop").noise("noise.bin", 50_000);
    let log = site.path().join("packages/accel.log");
    let server = site.serve();
    let export = server.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let mut written = 0;
    let mut write = |export: &ExportHandle, lines: u64| {
        (0..lines).for_each(|_| append(&log, &line(&ticket(export, 0..size), size)));
        written += lines;
        written
    };
    until_counted(&export, write(&export, 20));
    let expected = write(&export, 500);
    append(&log, &format!("no ticket: {}\n", ticket(&export, 0..size)));
    server.kill();
    append(&log, "half a line that nobody ends\n");
    let server = site.serve();
    let export = server.user("ada").export(&export.id);
    let all = until_counted(&export, expected);
    let total: u64 = all.iter().map(bytes).sum();
    assert_eq!(total, expected * size);
    let whole = ticket(&export, 0..size).to_string();
    assert!(site.log().contains("not understood") && !site.log().contains(&whole[..16]), "{}", site.log());
}
