//! nginx goes and comes back, exportd goes and comes back: downloads go on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use super::packed;
use crate::support::api::{Api, ExportHandle, eventually};
use crate::support::house::{House, settings_in};
use crate::support::nginx::Nginx;
use crate::support::process::Site;
use crate::support::project::noise;
use crate::support::{nginx, raw, sha256};

/// A download of which only the beginning was read.
pub struct Begun {
    /// Where the rest comes from.
    pub socket: TcpStream,
    /// What of the package was read.
    pub read: Vec<u8>,
}

/// Begins to download `export`: its first bytes are here, and the rest is on its way.
pub fn begun(export: &ExportHandle) -> Begun {
    let mut socket = raw::connect(export.api.address());
    let (path, token) = (export.path("/download"), export.api.token());
    let head = format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).expect("the server reads");
    let mut read = Vec::new();
    while !read.windows(4).any(|window| window == b"\r\n\r\n") {
        let mut some = [0; 4096];
        let length = socket.read(&mut some).expect("an answer");
        assert!(length > 0, "{}", String::from_utf8_lossy(&read));
        read.extend_from_slice(&some[..length]);
    }
    assert!(read.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&read));
    let end = read.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    Begun { socket, read: read.split_off(end + 4) }
}

fn curl(export: &ExportHandle, into: &std::path::Path, more: &[&str]) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--output"]).arg(into).args(more);
    curl.args(["--header", &format!("authorization: Bearer {}", export.api.token())]);
    curl.arg(export.api.url(&export.path("/download")));
    curl
}

#[test]
fn a_download_goes_on_after_nginx_was_restarted_in_the_middle() {
    let house = House::with(|settings| settings.download.mode = exportd::app::Mode::Accel);
    let mut nginx = Nginx::before(&house.told(), &[]);
    let direct = packed(&house, 30_000_000);
    let export = direct.api.at(nginx.address()).export(&direct.id);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("package.zip");
    let mut cut = curl(&export, &file, &["--limit-rate", "4M"])
        .stderr(Stdio::null())
        .spawn()
        .expect("curl is installed");
    let length = || std::fs::metadata(&file).map_or(0, |file| file.len());
    eventually("some of it is here", || (length() > 1_000_000).then_some(()));
    nginx.restart();
    assert!(!cut.wait().expect("it ends").success(), "the connection was cut");
    let had = length();
    assert!(had < direct.show()["fileSize"].as_u64().expect("a size"), "not all of it");
    let resumed = curl(&export, &file, &["--continue-at", "-"]).status().expect("curl is installed");
    assert!(resumed.success());
    let bytes = std::fs::read(&file).expect("a package");
    assert_eq!(sha256(&bytes), direct.show()["checksum"]);
    let resume = nginx.requests().into_iter().find(|line| line["range"] == format!("bytes={had}-").as_str());
    assert_eq!(resume.expect("it was resumed")["status"], 206);
}

#[test]
fn while_exportd_is_away_clients_are_told_when_to_come_back() {
    // The place that exportd comes back to has to be known before.
    let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|s| s.local_addr()).expect("a port");
    let site = Site::new(&[("DOWNLOAD__MODE", "accel")]);
    site.project("ada", "shop").file("noise.bin", noise(20_000_000));
    let server = site.serve_at(&port.to_string());
    let mut settings = settings_in(site.path().to_owned());
    settings.storage.root = site.path().join("packages");
    let nginx = Nginx::before(&nginx::told(&settings, port), &[]);
    let direct = server.user("ada").request("shop");
    let checksum = direct.completed()["checksum"].clone();
    let export = direct.api.at(nginx.address()).export(&direct.id);
    export.download(&[]).expect(200);

    let mut going_on = begun(&export);
    server.kill();
    let path = export.path("/download");
    for (path, told) in [(path.as_str(), path.as_str()), ("/d/a-token", "/d/***")] {
        let api = &export.api;
        let away = api.get(path).expect(503);
        assert_eq!(away.code(), "UNAVAILABLE", "{path}");
        assert_eq!(away.header("retry-after"), "5");
        assert_eq!(away.text("/instance"), told);
        let head = api.head(path, &[]).expect(503);
        assert_eq!((head.header("retry-after"), head.body.len()), ("5".to_owned(), 0));
    }
    let posted = export.api.post("/api/v1/exports", &crate::support::api::wanted("shop")).expect(503);
    assert_eq!(posted.code(), "UNAVAILABLE");
    // What nginx sends does not need exportd any more.
    going_on.socket.read_to_end(&mut going_on.read).expect("all of it");
    assert_eq!(sha256(&going_on.read), checksum);

    let server = site.serve_at(&port.to_string());
    let back = export.download(&[("range", "bytes=0-")]).expect(206);
    assert_eq!(sha256(&back.body), checksum);
    let fresh = Api::at(&server.user("ada"), nginx.address()).export(&export.id);
    assert_eq!(fresh.status(), "completed");
}
