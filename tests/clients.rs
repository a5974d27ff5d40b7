//! The programs people download with, cut off half way and sent on.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::sha256;

/// A proxy that cuts its first connection after some bytes of the answer, and lets the rest be.
fn cutting_proxy(target: SocketAddr, after: usize) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let seen = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let cut = if seen.fetch_add(1, Ordering::Relaxed) == 0 { after } else { usize::MAX };
            thread::spawn(move || forward(client, target, cut));
        }
    });
    address
}

fn forward(mut client: TcpStream, target: SocketAddr, mut left: usize) {
    let mut server = TcpStream::connect(target).expect("the house is open");
    let (mut from_client, mut to_server) =
        (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    thread::spawn(move || std::io::copy(&mut from_client, &mut to_server));
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = server.read(&mut bytes) {
        let sent = read.min(left);
        if client.write_all(&bytes[..sent]).is_err() || sent < read {
            break;
        }
        left -= sent;
    }
    // Whatever the client makes of it: this is how lines break.
    let _ = client.shutdown(std::net::Shutdown::Both);
    let _ = server.shutdown(std::net::Shutdown::Both);
}

fn packed(house: &House) -> ExportHandle {
    house.project("ada", "shop").noise("noise.bin", 6_000_000);
    let export = house.user("ada").request("shop");
    export.completed();
    export
}

fn url(export: &ExportHandle, through: SocketAddr) -> String {
    format!("http://{through}{}", export.path("/download"))
}

fn bearer(export: &ExportHandle) -> String {
    format!("Authorization: Bearer {}", export.api.token())
}

fn run(command: &mut Command) -> i32 {
    let output = command.output().expect("it is installed");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.code().expect("it ends by itself")
}

fn is_the_package(file: &Path, export: &ExportHandle) {
    assert_eq!(export.show()["checksum"], sha256(&std::fs::read(file).expect("a file")));
}

#[test]
fn curl_resumes_and_asks_once_more_at_the_end_without_harm() {
    let house = House::open();
    let export = packed(&house);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("package.zip");
    let proxy = cutting_proxy(export.api.address(), 2_000_000);
    let curl = || {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-C", "-", "-H", &bearer(&export), "-o"]).arg(&file).arg(url(&export, proxy));
        curl
    };
    assert_eq!(run(&mut curl()), 18, "partial file");
    assert_eq!(run(&mut curl()), 0);
    is_the_package(&file, &export);
    let finished = run(&mut curl());
    assert!(matches!(finished, 0 | 22 | 33), "{finished}");
    is_the_package(&file, &export);
}

#[test]
fn wget_resumes_by_itself() {
    let house = House::open();
    let export = packed(&house);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("package.zip");
    let proxy = cutting_proxy(export.api.address(), 2_000_000);
    let mut wget = Command::new("wget");
    wget.args(["-nv", "-c", "--tries=3", "--waitretry=0", "--header", &bearer(&export), "-O"])
        .arg(&file)
        .arg(url(&export, proxy));
    assert_eq!(run(&mut wget), 0);
    is_the_package(&file, &export);
}

#[test]
fn aria2_takes_eight_pieces_and_verifies_the_digest() {
    let house = House::open();
    let export = packed(&house);
    let folder = tempfile::tempdir().expect("a folder");
    let proxy = cutting_proxy(export.api.address(), 2_000_000);
    let mut aria2c = Command::new("aria2c");
    aria2c
        .args([
            "-x8",
            "-s8",
            "-k1M",
            "--retry-wait=0",
            "--max-tries=5",
            "--console-log-level=notice",
            "-o",
            "package.zip",
            "--header",
            &bearer(&export),
            "-d",
        ])
        .arg(folder.path())
        .arg(url(&export, proxy));
    assert_eq!(run(&mut aria2c), 0);
    is_the_package(&folder.path().join("package.zip"), &export);
    let counted = export.until("it is counted", |export| export["downloadCount"] != 0);
    assert_eq!(counted["downloadCount"], 1, "eight pieces and a retry are one download");
}
