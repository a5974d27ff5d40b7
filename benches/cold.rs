//! What an API call notices of a thousand downloads whose bytes are not in memory.
//!
//! ```text
//! cargo bench --bench cold
//! READERS=1000 SIZE_MIB=512 PACKAGES=8 CALLS=400 cargo bench --bench cold
//! ```
//!
//! Packages are pushed out of the page cache all the while, so that every read goes to the disk.
//! Calls are made one after the other over one connection that stays open: first while nothing
//! else is asked for, then beside as many downloads of what is in memory, which tells what the
//! processors alone cost, then beside the cold ones.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use measure::{chosen, percentile};
use rustix::fs::{Advice, fadvise};
use support::process::Site;
use support::project::noise;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Between two calls, so that their number does not matter.
const PAUSE: Duration = Duration::from_millis(2);
/// One reader takes this much a second at most: a thousand of them are what a disk can give.
const READER: Duration = Duration::from_millis(500);
const PIECE: u64 = 256 << 10;

/// Where packages are downloaded, and how much of them has been.
struct Origin {
    address: SocketAddr,
    token: String,
    paths: Vec<String>,
    size: u64,
    stop: AtomicBool,
    taken: AtomicU64,
}

fn main() {
    let (readers, megabytes) = (chosen("READERS", 1000), chosen("SIZE_MIB", 512));
    let (packages, calls) = (chosen("PACKAGES", 8), chosen("CALLS", 400));
    let site = Site::new(&[
        ("LIMITS__MAX_PACKAGE", "1TiB"),
        ("LIMITS__MAX_FILE", "1TiB"),
        ("JOBS__PER_USER", "100"),
        ("SERVER__OPS_LISTEN", "127.0.0.1:0"),
    ]);
    let server = site.serve();
    let ada = server.user("ada");
    let mut bytes = noise(megabytes << 20);
    let exports: Vec<_> = (0..packages)
        .map(|number| {
            bytes.rotate_left(1 + number);
            site.project("ada", &format!("p{number}")).file("noise.bin", &bytes);
            let export = ada.request(&format!("p{number}"));
            export.completed();
            export
        })
        .collect();
    let stored: Vec<PathBuf> = site.stored_files();
    let origin = Arc::new(Origin {
        address: ada.address(),
        token: ada.token().to_owned(),
        paths: exports.iter().map(|export| export.path("/download")).collect(),
        size: (megabytes as u64) << 20,
        stop: AtomicBool::new(false),
        taken: AtomicU64::new(0),
    });
    let asked = [exports[0].path(""), "/readyz".to_owned()];

    println!("{packages} packages of {megabytes} MiB, {readers} readers, {calls} calls each; milliseconds\n");
    println!("{:<28} {:>10} {:>8} {:>8} {:>8}", "", "", "median", "p99", "MB/s");
    let alone = probe("nothing else", &origin, &asked, calls);
    for is_cold in [false, true] {
        let name = if is_cold { "cold downloads" } else { "downloads from memory" };
        let beside = thread::scope(|scope| {
            origin.stop.store(false, Ordering::Relaxed);
            scope.spawn(|| read(&origin, readers));
            if is_cold {
                scope.spawn(|| forget(&origin, &stored));
            }
            thread::sleep(Duration::from_secs(3));
            let beside = probe(name, &origin, &asked, calls);
            origin.stop.store(true, Ordering::Relaxed);
            beside
        });
        for (path, (alone, beside)) in ["GET export", "readyz"].iter().zip(alone.iter().zip(&beside)) {
            println!(
                "{:<28} {path:>10} {:>8.2} {:>8.2}",
                format!("  … by {}", "nothing else"),
                beside.0 / alone.0,
                beside.1 / alone.1
            );
        }
    }
}

/// Median and 99th percentile of calls of each path, in milliseconds.
fn probe(name: &str, origin: &Origin, paths: &[String], calls: usize) -> Vec<(f64, f64)> {
    let mut connection = BufReader::new(TcpStream::connect(origin.address).expect("it listens"));
    connection.get_ref().set_nodelay(true).expect("a socket");
    let mut told = Vec::new();
    for path in paths {
        let (began, taken) = (Instant::now(), origin.taken.load(Ordering::Relaxed));
        let times: Vec<f64> = (0..calls).map(|_| call(&mut connection, origin, path)).collect();
        let megabytes = (origin.taken.load(Ordering::Relaxed) - taken) as f64 / 1e6;
        let (median, p99) = (percentile(times.clone(), 0.5), percentile(times, 0.99));
        let path = if path == "/readyz" { "readyz" } else { "GET export" };
        let rate = megabytes / began.elapsed().as_secs_f64();
        println!("{name:<28} {path:>10} {median:>8.2} {p99:>8.2} {rate:>8.0}");
        told.push((median, p99));
    }
    told
}

fn call(connection: &mut BufReader<TcpStream>, origin: &Origin, path: &str) -> f64 {
    thread::sleep(PAUSE);
    let began = Instant::now();
    let token = &origin.token;
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n");
    connection.get_mut().write_all(request.as_bytes()).expect("it listens");
    let (mut line, mut length) = (String::new(), 0);
    connection.read_line(&mut line).expect("a head");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).expect("a head");
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a number");
        }
    }
    connection.read_exact(&mut vec![0; length]).expect("a body");
    began.elapsed().as_secs_f64() * 1e3
}

/// Readers, all on one thread: they are not to take the processors from the server. Each reads
/// somewhere else.
fn read(origin: &Arc<Origin>, readers: usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let readers = (0..readers as u64).map(|number| reader(Arc::clone(origin), number));
    runtime.block_on(futures_util::future::join_all(readers));
}

async fn reader(origin: Arc<Origin>, number: u64) {
    let (path, mut room) = (&origin.paths[number as usize % origin.paths.len()], vec![0; 64 << 10]);
    // Not all at once.
    tokio::time::sleep(READER * (number % 100) as u32 / 100).await;
    while !origin.stop.load(Ordering::Relaxed) {
        let first = number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (origin.size / 2);
        let mut socket = tokio::net::TcpStream::connect(origin.address).await.expect("it listens");
        let token = &origin.token;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nRange: bytes={first}-\r\n\r\n"
        );
        socket.write_all(request.as_bytes()).await.expect("it listens");
        while !origin.stop.load(Ordering::Relaxed) {
            let mut piece = 0;
            while piece < PIECE && !origin.stop.load(Ordering::Relaxed) {
                match socket.read(&mut room).await.expect("the body") {
                    0 => return,
                    read => piece += read as u64,
                }
            }
            origin.taken.fetch_add(piece, Ordering::Relaxed);
            tokio::time::sleep(READER).await;
        }
    }
}

/// Pushes the packages out of the page cache, again and again.
fn forget(origin: &Origin, stored: &[PathBuf]) {
    let files: Vec<File> = stored.iter().map(|file| File::open(file).expect("a stored file")).collect();
    while !origin.stop.load(Ordering::Relaxed) {
        for file in &files {
            fadvise(file, 0, None, Advice::DontNeed).expect("advice");
        }
        thread::sleep(Duration::from_millis(20));
    }
}
