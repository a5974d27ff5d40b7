//! Downloads against nginx with sendfile, on loopback, in the same run.
//!
//! ```text
//! cargo bench --bench downloads
//! ROUNDS=9 SIZE_MIB=2048 cargo bench --bench downloads
//! ```
//!
//! Every round measures both servers, one after the other; what counts is the median over the
//! rounds of ours by theirs. CPU is the servers' own, by `/proc`.

#[allow(dead_code, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::Instant;

use measure::nginx::Nginx;
use measure::{chosen, cpu, median, peak_memory};
use support::process::Site;

/// Readers that hardly read.
const SLOW_READERS: usize = 512;

/// Where a package is served.
#[derive(Clone)]
struct Origin {
    address: SocketAddr,
    path: String,
    token: String,
    processes: Vec<u32>,
    size: u64,
}

/// What one measurement gave.
#[derive(Clone, Copy)]
struct Rate {
    /// Per second of wall time: gigabytes or requests.
    speed: f64,
    /// Seconds of CPU for each gigabyte or 100,000 requests.
    cpu: f64,
}

fn main() {
    let (rounds, megabytes) = (chosen("ROUNDS", 5), chosen("SIZE_MIB", 1024));
    let site = Site::new(&[
        ("LIMITS__MAX_PACKAGE", "1TiB"),
        ("LIMITS__MAX_FILE", "1TiB"),
        ("RETENTION__DEFAULT", "1h"),
    ]);
    site.project("ada", "large").noise("noise.bin", megabytes << 20);
    let server = site.serve();
    let export = server.user("ada").request("large");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    let package = site.stored_files().into_iter().find(|file| file.extension().is_some_and(|e| e == "zip"));
    let package = package.expect("the package is stored");
    let web = tempfile::tempdir().expect("a folder");
    std::os::unix::fs::symlink(&package, web.path().join("package.zip")).expect("a link");
    let nginx = Nginx::serve(web.path(), web.path());

    let ours = Origin {
        address: export.api.address(),
        path: export.path("/download"),
        token: export.api.token().to_owned(),
        processes: vec![server.id()],
        size,
    };
    let theirs = Origin {
        address: nginx.address,
        path: "/package.zip".to_owned(),
        processes: nginx.workers(),
        ..ours.clone()
    };
    println!("one package of {megabytes} MiB, {rounds} rounds; medians\n");
    println!("{:<22} {:>12} {:>12} {:>10} {:>16}", "", "exportd", "nginx", "ratio", "CPU ours/theirs");
    for streams in [1, 8, 64] {
        compare(&format!("{streams} streams, GB/s"), rounds, &ours, &theirs, |at| whole(at, streams));
    }
    compare("4 KiB ranges, 1/s", rounds, &ours, &theirs, |at| ranges(at, 8, 4_000));
    println!("\npeak memory of exportd, packing included: {:.0} MB", peak_memory(server.id()));
    println!("with {SLOW_READERS} slow readers: {:.0} MB", slow_readers(&ours));
}

fn compare(name: &str, rounds: usize, ours: &Origin, theirs: &Origin, measure: impl Fn(&Origin) -> Rate) {
    measure(ours);
    measure(theirs);
    let pairs: Vec<(Rate, Rate)> = (0..rounds).map(|_| (measure(ours), measure(theirs))).collect();
    let of = |figure: fn(&(Rate, Rate)) -> f64| median(pairs.iter().map(figure).collect());
    println!(
        "{name:<22} {:>12.2} {:>12.2} {:>10.2} {:>8.3}/{:.3} s",
        of(|(ours, _)| ours.speed),
        of(|(_, theirs)| theirs.speed),
        of(|(ours, theirs)| ours.speed / theirs.speed),
        of(|(ours, _)| ours.cpu),
        of(|(_, theirs)| theirs.cpu),
    );
}

/// Four times the package's bytes in all, by `streams` connections at once.
fn whole(at: &Origin, streams: usize) -> Rate {
    let requests = if streams == 1 { 4 } else { 1 };
    let length = (at.size * 4 / (streams * requests) as u64).min(at.size);
    let began = (Instant::now(), cpu(&at.processes));
    thread::scope(|scope| {
        for stream in 0..streams {
            scope.spawn(move || {
                for _ in 0..requests {
                    let first = (at.size - length) / streams as u64 * stream as u64;
                    download(at, first, length);
                }
            });
        }
    });
    let gigabytes = (length * (streams * requests) as u64) as f64 / 1e9;
    Rate {
        speed: gigabytes / began.0.elapsed().as_secs_f64(),
        cpu: (cpu(&at.processes) - began.1).as_secs_f64() / gigabytes,
    }
}

/// `each` ranges of 4 KiB on each of `streams` connections that stay open.
fn ranges(at: &Origin, streams: u64, each: u64) -> Rate {
    let began = (Instant::now(), cpu(&at.processes));
    thread::scope(|scope| {
        for stream in 0..streams {
            scope.spawn(move || {
                let mut connection = BufReader::new(TcpStream::connect(at.address).expect("it listens"));
                connection.get_ref().set_nodelay(true).expect("a socket");
                let mut body = [0; 4096];
                for i in 0..each {
                    // Far apart, and the same for both servers.
                    let first = (stream * each + i).wrapping_mul(0x9e37_79b9_7f4a_7c15) % (at.size - 4096);
                    ask(connection.get_mut(), at, first, 4096);
                    assert_eq!(head(&mut connection), 206);
                    connection.read_exact(&mut body).expect("the range");
                }
            });
        }
    });
    let requests = (streams * each) as f64;
    Rate {
        speed: requests / began.0.elapsed().as_secs_f64(),
        cpu: (cpu(&at.processes) - began.1).as_secs_f64() * 1e5 / requests,
    }
}

/// The memory of the server while many who hardly read are served.
fn slow_readers(at: &Origin) -> f64 {
    let readers: Vec<_> = (0..SLOW_READERS)
        .map(|_| {
            let mut connection = TcpStream::connect(at.address).expect("it listens");
            ask(&mut connection, at, 0, at.size);
            connection.read_exact(&mut [0; 4096]).expect("a beginning");
            connection
        })
        .collect();
    let peak = peak_memory(at.processes[0]);
    drop(readers);
    peak
}

fn download(at: &Origin, first: u64, length: u64) {
    let mut connection =
        BufReader::with_capacity(1 << 20, TcpStream::connect(at.address).expect("it listens"));
    ask(connection.get_mut(), at, first, length);
    assert_eq!(head(&mut connection), 206);
    let mut left = length;
    while left > 0 {
        let read = connection.fill_buf().expect("the body").len();
        assert!(read > 0, "the body is {left} bytes short");
        connection.consume(read);
        left -= read as u64;
    }
}

fn ask(connection: &mut TcpStream, at: &Origin, first: u64, length: u64) {
    let Origin { path, token, .. } = at;
    let last = first + length - 1;
    write!(
        connection,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nRange: bytes={first}-{last}\r\n\r\n"
    )
    .expect("it listens");
}

/// Reads to the end of a head and gives its status.
fn head(connection: &mut impl BufRead) -> u16 {
    let mut line = String::new();
    connection.read_line(&mut line).expect("a head");
    let status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
    while line != "\r\n" {
        line.clear();
        connection.read_line(&mut line).expect("a head");
    }
    status
}
