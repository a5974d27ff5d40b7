//! Who downloaded what, and how much of it: right whatever happens to clients and servers.

mod nginx;
mod reported;

use std::collections::HashMap;
use std::io::Read;
use std::net::TcpStream;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Barrier;

use crate::support::api::{Api, ExportHandle, eventually};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::noise;
use crate::support::raw;

/// More than the kernel and the server keep for a client that does not read.
const LARGE: usize = 24_000_000;

/// Every download of an export as its owner is told, newest first.
fn downloads(export: &ExportHandle) -> Vec<Value> {
    let (mut all, mut path) = (Vec::new(), export.path("/downloads?limit=200"));
    loop {
        let page = export.api.get(&path).expect(200).json();
        all.extend(page["items"].as_array().expect("items").iter().cloned());
        match page["nextCursor"].as_str() {
            Some(cursor) => path = export.path(&format!("/downloads?limit=200&cursor={cursor}")),
            None => return all,
        }
    }
}

/// The only download of an export, once `is` holds of it.
fn download_until(export: &ExportHandle, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    eventually(what, || {
        let all = downloads(export);
        assert!(all.len() <= 1, "one download: {all:?}");
        all.into_iter().next().filter(&is)
    })
}

/// Begins to download and takes some of it, with everything that comes at once.
fn begun(api: &Api, export: &ExportHandle, range: &str) -> TcpStream {
    let mut socket = raw::connect(api.address());
    let (path, token) = (export.path("/download"), api.token());
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\nrange: {range}\r\n\r\n"
    );
    raw::send(&mut socket, &head);
    assert!(raw::read_some(&mut socket).starts_with("HTTP/1.1 206"));
    socket
}

fn bytes(download: &Value) -> u64 {
    download["bytes"].as_u64().expect("a number")
}

fn large(house: &House) -> ExportHandle {
    house.project("ada", "shop").file("noise.bin", noise(LARGE));
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

#[test]
fn the_owner_is_told_who_downloaded_when_and_how_much() {
    let house = House::open();
    house.project("ada", "shop").file("noise.bin", noise(100_000));
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    assert_eq!(downloads(&export), Vec::<Value>::new());
    export.download(&[("user-agent", "first/1.0")]).expect(200);
    export.api.head(&export.path("/download"), &[]).expect(200);
    house.admin().export(&export.id).download(&[("range", "bytes=0-99"), ("user-agent", "")]).expect(206);

    let all = downloads(&export);
    let [second, first] = &all[..] else { panic!("two downloads: {all:?}") };
    assert_eq!((&first["userId"], &second["userId"]), (&json!("ada"), &json!("root")));
    for (member, expected) in [
        ("linkId", json!(null)),
        ("bytes", json!(size)),
        ("size", json!(size)),
        ("complete", json!(true)),
        ("active", json!(false)),
        ("address", json!("127.0.0.1")),
        ("userAgent", json!("first/1.0")),
        ("mode", json!("direct")),
    ] {
        assert_eq!(first[member], expected, "{member}");
    }
    assert!(first["durationSeconds"].is_u64() && first["id"].is_string());
    assert!(first["startedAt"].as_str() <= first["lastAt"].as_str());
    assert_eq!((&second["bytes"], &second["complete"]), (&json!(100), &json!(false)));
    let object = export.show();
    assert_eq!(object["downloadCount"], 2);
    assert_eq!(
        (&object["firstDownloadedAt"], &object["lastDownloadedAt"]),
        (&first["startedAt"], &second["startedAt"])
    );
    let page = export.api.get(&export.path("/downloads?limit=1")).expect(200);
    assert_eq!(page.json()["items"], json!([second]));
    assert!(page.header("link").ends_with("; rel=\"next\""), "{}", page.header("link"));
}

#[test]
fn nobody_else_is_told_who_downloaded() {
    let house = House::open();
    house.project("ada", "shop").file("a", "a");
    let export = house.user("ada").request("shop");
    export.completed();
    let path = export.path("/downloads");
    assert_eq!(house.user("eve").get(&path).expect(403).code(), "FORBIDDEN");
    house.user("ada").anonymous().get(&path).expect(401);
    house.admin().get(&path).expect(200);
    assert_eq!(house.user("ada").get(&format!("{path}?limit=0")).expect(400).code(), "VALIDATION_FAILED");
    assert_eq!(house.user("ada").get(&format!("{path}?cursor=x")).expect(400).code(), "INVALID_CURSOR");
    let unknown = "/api/v1/exports/00000000-0000-7000-8000-000000000000/downloads";
    assert_eq!(house.user("ada").get(unknown).expect(404).code(), "JOB_NOT_FOUND");
}

#[test]
fn how_far_a_download_has_come_is_told_while_it_runs() {
    let house = House::open();
    let export = large(&house);
    let mut socket = begun(&export.api, &export, "bytes=0-");
    let early = download_until(&export, "some of it has left", |download| bytes(download) > 0);
    assert_eq!((&early["active"], &early["complete"]), (&json!(true), &json!(false)));
    let mut taken = vec![0; 8_000_000];
    socket.read_exact(&mut taken).expect("it goes on");
    let seen = bytes(&early);
    let later = download_until(&export, "more has left", |download| bytes(download) > seen);
    assert_eq!((&later["active"], &later["startedAt"]), (&json!(true), &early["startedAt"]));
    drop(socket);
    let ended = download_until(&export, "it has ended", |download| download["active"] == false);
    assert_eq!(ended["complete"], false);
    assert!(bytes(&ended) >= 8_000_000 && bytes(&ended) < LARGE as u64, "{ended}");
    assert_eq!(export.show()["downloadCount"], 1);
}

#[test]
fn a_thousand_downloads_at_once_of_many_users_are_a_thousand() {
    const USERS: usize = 50;
    let house = House::open();
    house.project("ada", "shop").file("noise.bin", noise(300_000));
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let callers: Vec<Api> = (0..USERS).map(|user| house.admin_called(&format!("u{user}"))).collect();
    let all_have_begun = std::sync::Arc::new(Barrier::new(1_000));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let fetches = (0..1_000).map(|number| {
            let api = &callers[number % USERS];
            let head = format!(
                "GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {}\r\n\r\n",
                export.path("/download"),
                api.token()
            );
            let (address, all_have_begun) = (api.address(), all_have_begun.clone());
            tokio::spawn(async move {
                let mut socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
                socket.write_all(head.as_bytes()).await.expect("room to write");
                let mut answer = vec![0; 1_024];
                socket.read_exact(&mut answer).await.expect("it begins");
                all_have_begun.wait().await;
                socket.read_to_end(&mut answer).await.expect("it ends");
                let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head") + 4;
                (answer.len() - head) as u64
            })
        });
        for fetch in futures_util::future::join_all(fetches.collect::<Vec<_>>()).await {
            assert_eq!(fetch.expect("a client"), size);
        }
    });
    let object = export.show();
    assert_eq!(object["downloadCount"], 1_000);
    let all = downloads(&export);
    assert!(all.iter().all(|download| download["complete"] == true && bytes(download) == size));
    let mut of_users = HashMap::<_, usize>::new();
    for download in &all {
        *of_users.entry(download["userId"].as_str().expect("a user").to_owned()).or_default() += 1;
    }
    assert_eq!(of_users.len(), USERS);
    assert!(of_users.values().all(|count| *count == 20), "{of_users:?}");
    assert!(all.is_sorted_by(|later, earlier| later["startedAt"].as_str() >= earlier["startedAt"].as_str()));
    assert_eq!(object["lastDownloadedAt"], all[0]["startedAt"]);
    assert_eq!(object["firstDownloadedAt"], all[999]["startedAt"]);
}

#[test]
fn a_server_that_is_killed_has_lost_no_download_and_nothing_that_it_had_told() {
    let site = Site::new(&[]);
    site.project("ada", "shop").file("noise.bin", noise(LARGE));
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("shop");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let half = size / 2;
    // Each is a download of its own: its first byte was sent before.
    let mut sockets: Vec<_> = (0..5).map(|_| begun(&ada, &export, "bytes=0-")).collect();
    let mut taken = vec![0; 4_000_000];
    for socket in &mut sockets {
        socket.read_exact(&mut taken).expect("it goes on");
    }
    let told = eventually("all five are seen to move", || {
        Some(downloads(&export)).filter(|all| all.len() == 5 && all.iter().all(|one| bytes(one) >= 4_000_000))
    });
    server.kill();

    let server = site.serve();
    let export = server.user("ada").export(&export.id);
    let after = downloads(&export);
    assert_eq!(export.show()["downloadCount"], 5);
    for (before, after) in told.iter().zip(&after) {
        assert_eq!(before["id"], after["id"]);
        assert!(bytes(after) >= bytes(before), "{before} {after}");
        assert_eq!(after["active"], false, "whoever sent it is gone");
    }
    // Clients come back for the rest: no new downloads.
    let rest = [(0, half), (half, size)];
    for (start, end) in rest {
        export.download(&[("range", &format!("bytes={start}-{}", end - 1))]).expect(206);
    }
    let resumed = downloads(&export);
    assert_eq!(resumed.len(), 5);
    assert!(resumed.iter().any(|download| download["complete"] == true), "{resumed:?}");
}

/// Takes as long as the house waits for its clients when it closes.
#[test]
fn a_server_that_is_closed_under_its_clients_knows_every_byte_that_left() {
    let house = House::open();
    let export = large(&house);
    let mut sockets: Vec<_> = (0..3).map(|_| begun(&export.api, &export, "bytes=0-")).collect();
    let mut received = Vec::new();
    for (number, socket) in sockets.iter_mut().enumerate() {
        let mut taken = vec![0; 1_000_000 * (number + 1)];
        socket.read_exact(&mut taken).expect("it goes on");
        received.push(taken.len() as u64);
    }
    let house = house.reopened();
    for (socket, received) in sockets.iter_mut().zip(&mut received) {
        let mut rest = Vec::new();
        // A connection that was cut may end with a reset, after what had left.
        let _ = socket.read_to_end(&mut rest);
        *received += rest.len() as u64;
    }
    let export = house.user("ada").export(&export.id);
    let all = downloads(&export);
    assert_eq!((all.len(), &export.show()["downloadCount"]), (3, &json!(3)));
    let mut counted: Vec<_> = all.iter().map(bytes).collect();
    counted.sort_unstable();
    received.sort_unstable();
    for (counted, received) in counted.iter().zip(&received) {
        // `received` has what of the body came with the head, and not what was in our buffers.
        assert!(counted + 1 > *received && counted - received < 1_000_000, "{counted} {received}");
    }
    assert!(all.iter().all(|download| download["active"] == false && download["complete"] == false));
}
