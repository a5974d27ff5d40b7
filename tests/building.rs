//! Fetching a package while it is being built.

use std::io::Read;
use std::net::TcpStream;
use std::thread;

use http_body_util::{BodyExt, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::support::api::{Api, ExportHandle, eventually, wanted};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::{ProjectFolder, noise, slow_text};
use crate::support::raw;
use crate::support::sha256;

const MIB: usize = 1 << 20;

/// A project whose first megabytes are packed at once, and whose last ones take a while.
fn slow_at_the_end(house: &House, id: &str, texts: usize) -> ProjectFolder {
    let mut project = house.project("ada", id);
    for number in 0..40 {
        project = project.file(&format!("a/{number:02}.bin"), &noise(100_000 + number)[number..]);
    }
    let words = slow_text(if texts > 1 { 90 } else { 24 });
    for number in 0..texts {
        project = project.file(&format!("z/{number}.txt"), &words);
    }
    project
}

/// A house that packs slowly.
fn slow_house() -> House {
    House::with(|settings| {
        settings.jobs.concurrency = 1;
        settings.packing.threads = 1;
        settings.packing.level = 9;
        settings.limits.max_package = 4 << 30;
    })
}

/// A house in which an export is being built that will not end before it is told to.
fn busy() -> (House, ExportHandle) {
    let house = slow_house();
    slow_at_the_end(&house, "large", 4);
    let export = house.user("ada").request("large");
    (house, export)
}

/// A fetch under way.
struct Fetch {
    socket: TcpStream,
    head: String,
    body: Vec<u8>,
}

impl Fetch {
    fn begin(export: &ExportHandle, headers: &str) -> Self {
        Self::request(export, &format!("GET {} HTTP/1.1\r\n{headers}", export.path("/download?wait=true")))
    }

    fn request(export: &ExportHandle, request: &str) -> Self {
        let mut socket = raw::connect(export.api.address());
        let token = export.api.token();
        raw::send(&mut socket, &format!("{request}host: x\r\nauthorization: Bearer {token}\r\n\r\n"));
        let mut fetch = Self { socket, head: String::new(), body: Vec::new() };
        let end = loop {
            match fetch.body.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                Some(end) => break end,
                None if fetch.read() => {}
                // What comes to nothing at once may be cut before its head has gone out.
                None => return fetch,
            }
        };
        let rest = fetch.body.split_off(end + 4);
        fetch.head =
            String::from_utf8(std::mem::replace(&mut fetch.body, rest)).expect("text").to_lowercase();
        fetch
    }

    /// Reads once; `false` at the end, whatever kind of end that is.
    fn read(&mut self) -> bool {
        let mut bytes = vec![0; 256 * 1024];
        match self.socket.read(&mut bytes) {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.body.extend_from_slice(&bytes[..read]);
                true
            }
        }
    }

    /// Reads until so many bytes of the package are there.
    fn read_package(&mut self, size: usize) {
        while self.body.len() < size {
            assert!(self.read(), "there is more");
        }
    }

    /// Reads to the end: the package, the trailers, and whether the end was a proper one.
    fn finish(mut self) -> (Vec<u8>, String, bool) {
        while !is_ended(&self.body) && self.read() {}
        unchunked(&self.body)
    }
}

fn is_ended(body: &[u8]) -> bool {
    body.ends_with(b"\r\n\r\n") && unchunked(body).2
}

/// RFC 9112 §7.1.
fn unchunked(mut body: &[u8]) -> (Vec<u8>, String, bool) {
    let mut whole = Vec::new();
    loop {
        let Some(end) = body.windows(2).position(|bytes| bytes == b"\r\n") else {
            return (whole, String::new(), false);
        };
        let size = str::from_utf8(&body[..end]).expect("a size");
        let size = usize::from_str_radix(size, 16).expect("a size");
        body = &body[end + 2..];
        if size == 0 {
            let trailers = String::from_utf8(body.to_vec()).expect("text");
            let is_ended = trailers.ends_with("\r\n");
            return (whole, trailers.trim_end().to_owned(), is_ended);
        }
        if body.len() < size + 2 {
            whole.extend_from_slice(&body[..body.len().min(size)]);
            return (whole, String::new(), false);
        }
        whole.extend_from_slice(&body[..size]);
        body = &body[size + 2..];
    }
}

#[test]
fn a_package_of_any_format_comes_while_it_is_built_and_is_the_very_one() {
    let house = slow_house();
    slow_at_the_end(&house, "shop", 1);
    let ada = house.user("ada");
    for format in ["zip", "tar.gz", "tar.zst"] {
        let mut body = wanted("shop");
        body["format"] = format.into();
        let export = ada.export(&ada.post("/api/v1/exports", &body).expect(202).text("/id"));
        let mut fetch = Fetch::begin(&export, "te: trailers\r\nrange: bytes=5-9\r\nif-range: \"x\"\r\n");
        fetch.read_package(2 * MIB);
        assert_eq!(export.status(), "processing", "{format}: it is sent before it is there");

        let head = fetch.head.clone();
        assert!(head.starts_with("http/1.1 200 ok\r\n"), "{head}");
        for line in ["transfer-encoding: chunked", "cache-control: no-store", "trailer: repr-digest"] {
            assert!(head.contains(&format!("\r\n{line}\r\n")), "no {line} in {head}");
        }
        for name in ["content-length", "etag", "last-modified", "accept-ranges", "repr-digest"] {
            assert!(!head.contains(&format!("\r\n{name}:")), "{name} in {head}");
        }
        let (package, trailers, is_ended) = fetch.finish();
        let object = export.completed();
        let name = object["fileName"].as_str().expect("a name");
        assert!(head.contains(&format!("filename=\"{name}\"")), "{name} in {head}");
        assert!(is_ended);
        assert_eq!(sha256(&package), object["checksum"], "{format}");
        let whole = export.download(&[]).expect(200);
        assert_eq!(
            trailers.to_lowercase(),
            format!("repr-digest: {}", whole.header("repr-digest")).to_lowercase()
        );
        assert!(package == whole.body);
        let object = export.until("both are counted", |object| object["downloadCount"] == 2);
        assert_eq!(object["fileSize"], package.len());
        let id = &export.id;
        let complete =
            format!("SELECT count(*) FROM downloads WHERE export_id = '{id}' AND complete AND size = bytes");
        assert_eq!(house.stored::<i64>(&complete), 2);
    }
}

#[test]
fn who_does_not_ask_for_trailers_gets_a_proper_end_without_one() {
    let house = slow_house();
    slow_at_the_end(&house, "shop", 1);
    let export = house.user("ada").request("shop");
    let (package, trailers, is_ended) = Fetch::begin(&export, "").finish();
    assert_eq!((trailers.as_str(), is_ended), ("", true));
    assert_eq!(sha256(&package), export.completed()["checksum"]);
}

#[test]
fn through_http_2_the_digest_comes_as_a_trailer_unasked() {
    let house = slow_house();
    slow_at_the_end(&house, "shop", 1);
    let export = house.user("ada").request("shop");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let (trailers, package) = runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(export.api.address()).await.expect("it listens");
        let builder = hyper::client::conn::http2::Builder::new(TokioExecutor::new());
        let (mut client, connection) = builder.handshake(TokioIo::new(socket)).await.expect("HTTP/2");
        tokio::spawn(connection);
        let request = hyper::Request::get(export.api.url(&export.path("/download?wait=true")))
            .header("authorization", format!("Bearer {}", export.api.token()))
            .body(Empty::<bytes::Bytes>::new())
            .expect("a request");
        let answer = client.send_request(request).await.expect("an answer");
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.expect("it is whole");
        (body.trailers().cloned().expect("trailers"), body.to_bytes())
    });
    let object = export.completed();
    assert_eq!(sha256(&package), object["checksum"]);
    assert_eq!(trailers["repr-digest"], export.download(&[]).expect(200).header("repr-digest"));
}

#[test]
fn a_reader_who_stops_holds_nobody_up_and_gets_the_rest_afterwards() {
    let house = slow_house();
    slow_at_the_end(&house, "shop", 1);
    let export = house.user("ada").request("shop");
    let fetches: Vec<_> = (0..20).map(|_| Fetch::begin(&export, "te: trailers\r\n")).collect();
    let object = export.completed();
    for fetch in fetches {
        let (package, trailers, is_ended) = fetch.finish();
        assert!(is_ended && trailers.starts_with("repr-digest"), "{trailers}");
        assert_eq!(sha256(&package), object["checksum"]);
    }
}

#[test]
fn a_package_that_becomes_another_file_on_the_way_is_the_same_to_who_reads_it() {
    let house = slow_house();
    slow_at_the_end(&house, "shop", 1);
    let first = house.user("ada").request("shop");
    let checksum = first.completed()["checksum"].clone();
    let copied = house.settings().projects.root.join("bob/shop");
    copy(&house.settings().projects.root.join("ada/shop"), &copied);
    // Bob's has the bytes of Ada's and becomes her file; her own next one is taken over at once.
    let second = house.user("bob").request("shop");
    let stalled = Fetch::begin(&second, "te: trailers\r\n");
    second.completed();
    first.api.delete(&first.path("")).expect(204);
    let again = house.user("ada").request("shop");
    let adopted = Fetch::request(
        &again,
        &format!("GET {} HTTP/1.1\r\nconnection: close\r\n", again.path("/download?wait=true")),
    );
    again.completed();
    let (package, _, is_ended) = stalled.finish();
    assert!(is_ended);
    assert_eq!(sha256(&package), checksum);
    let package = match adopted.head.contains("content-length") {
        true => {
            let mut fetch = adopted;
            while fetch.read() {}
            fetch.body
        }
        false => adopted.finish().0,
    };
    assert_eq!(sha256(&package), checksum);
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        match entry.file_type().expect("a type").is_dir() {
            true => copy(&entry.path(), &to),
            false => drop(std::fs::copy(entry.path(), to).expect("copied")),
        }
    }
}

#[test]
fn when_it_is_cancelled_or_fails_the_connection_is_cut_and_nothing_looks_whole() {
    let (house, export) = busy();
    let mut fetch = Fetch::begin(&export, "te: trailers\r\n");
    fetch.read_package(2 * MIB);
    export.api.act(&export.path("/cancel")).expect(202);
    let (package, trailers, is_ended) = fetch.finish();
    assert!(package.len() > MIB && trailers.is_empty() && !is_ended);
    assert_eq!(export.ended()["status"], "cancelled");
    let answer = export.api.get(&export.path("/download?wait=true")).expect(404);
    assert_eq!(answer.code(), "PACKAGE_NOT_READY");
    drop(house);

    let house = House::with(|settings| settings.limits.max_package = 3 * MIB as u64);
    slow_at_the_end(&house, "shop", 1);
    let export = house.user("ada").request("shop");
    let fetch = Fetch::begin(&export, "te: trailers\r\n");
    let (package, _, is_ended) = fetch.finish();
    assert!(!is_ended, "too large in the middle");
    assert_eq!(export.ended()["status"], "failed");
    eventually("nobody downloads", || (house.metric("exportd_downloads_in_flight") == 0.0).then_some(()));
    // Who came when it had failed already was sent nothing.
    if !package.is_empty() {
        house.metric_is(r#"exportd_downloads_total{mode="direct",outcome="broken"}"#, 1.0);
    }
}

#[test]
fn when_the_house_closes_the_connection_is_cut_too() {
    let (house, export) = busy();
    let mut fetch = Fetch::begin(&export, "te: trailers\r\n");
    fetch.read_package(2 * MIB);
    thread::scope(|scope| {
        let ended = scope.spawn(|| fetch.finish().2);
        drop(house);
        assert!(!ended.join().expect("no panic"));
    });
}

#[test]
fn a_server_that_dies_leaves_no_package_that_looks_whole() {
    let site = Site::new(&[("PACKING__THREADS", "1"), ("PACKING__LEVEL", "9")]);
    site.project("ada", "shop").file("a.bin", noise(3 * MIB)).file("z.txt", slow_text(90));
    let server = site.serve();
    let export = server.user("ada").request("shop");
    let mut fetch = Fetch::begin(&export, "");
    fetch.read_package(2 * MIB);
    server.kill();
    assert!(!fetch.finish().2);
}

#[test]
fn others_are_told_that_it_is_not_ready() {
    let (house, export) = busy();
    export.until("it is being packed", |export| export["status"] == "processing");
    let path = export.path("/download?wait=true");
    let plain = export.download(&[]).expect(404);
    assert_eq!((plain.code().as_str(), plain.header("retry-after").as_str()), ("PACKAGE_NOT_READY", "1"));
    let not = export.api.get(&export.path("/download?wait=false")).expect(404);
    assert_eq!(not.code(), "PACKAGE_NOT_READY");
    let tracked = export.api.get(&export.path("/download?utm_source=mail")).expect(404);
    assert_eq!(tracked.code(), "PACKAGE_NOT_READY", "words that others add do no harm");
    let what = export.api.get(&export.path("/download?wait=perhaps")).expect(400);
    assert_eq!(
        (what.code().as_str(), what.text("/errors/0/pointer").as_str()),
        ("VALIDATION_FAILED", "/wait")
    );
    let old = Fetch::request(&export, &format!("GET {path} HTTP/1.0\r\n"));
    assert!(old.head.starts_with("http/1.0 404"), "it could not tell a cut body: {}", old.head);
    let head = export.api.head(&path, &[]).expect(200);
    assert_eq!(
        (head.header("cache-control").as_str(), head.header("content-length").as_str()),
        ("no-store", "")
    );
    let stranger = house.user("eve").get(&path).expect(403);
    assert_eq!(stranger.code(), "DOWNLOAD_UNAUTHORIZED");
    export.api.act(&export.path("/cancel")).expect(202);
    assert_eq!(export.ended()["downloadCount"], 0);
}

#[test]
fn what_another_node_packs_is_not_waited_for() {
    let (house, export) = busy();
    export.until("it is being packed", |export| export["status"] == "processing");
    house.change(&format!(
        "UPDATE exports SET worker = '00000000-0000-4000-8000-000000000000.elsewhere' WHERE id = '{}'",
        export.id
    ));
    let answer = export.api.get(&export.path("/download?wait=true")).expect(404);
    assert_eq!((answer.code().as_str(), answer.header("retry-after").as_str()), ("PACKAGE_NOT_READY", "1"));
    export.api.act(&export.path("/cancel")).expect(202);
    export.ended();
}

#[test]
fn whoever_waits_gets_it_also_when_it_ends_between_two_looks() {
    let house = House::open();
    let ada = house.user("ada");
    for number in 0..60 {
        let project = format!("p{number}");
        house.project("ada", &project).file("a", "a");
        let export = ada.request(&project);
        ada.get(&export.path("/download?wait=true")).expect(200);
    }
}

#[test]
fn what_is_queued_is_waited_for_until_it_begins_or_never_will() {
    let (house, running) = busy();
    house.project("bob", "one").file("a", "a");
    house.project("bob", "two").file("a", "b");
    let (one, two) = (house.user("bob").request("one"), house.user("bob").request("two"));
    running.until("it is being packed", |export| export["status"] == "processing");
    thread::scope(|scope| {
        let get = |export: &ExportHandle| {
            let (api, path): (Api, _) = (export.api.clone(), export.path("/download?wait=true"));
            scope.spawn(move || api.get(&path))
        };
        let (waits, in_vain) = (get(&one), get(&two));
        let cancelled = two.api.act(&two.path("/cancel")).expect(202);
        assert_eq!(cancelled.text("/status"), "cancelled");
        assert_eq!(in_vain.join().expect("no panic").expect(404).code(), "PACKAGE_NOT_READY");
        running.api.act(&running.path("/cancel")).expect(202);
        let package = waits.join().expect("no panic").expect(200).body;
        assert_eq!(sha256(&package), one.completed()["checksum"]);
    });
    running.ended();
}

#[test]
fn clients_that_leave_take_nothing_with_them() {
    let (house, export) = busy();
    for _ in 0..50 {
        let mut fetch = Fetch::begin(&export, "");
        assert!(fetch.read());
    }
    eventually("nobody downloads", || (house.metric("exportd_downloads_in_flight") == 0.0).then_some(()));
    assert_eq!(export.status(), "processing", "the packer goes on");
    export.api.act(&export.path("/cancel")).expect(202);
    export.ended();
}
