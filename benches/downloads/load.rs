//! Clients: whole packages, many small ranges, and readers that hardly read.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use crate::measure::{cpu, open_files, peak_memory};

/// Readers that hardly read.
pub const SLOW_READERS: usize = 512;
/// Connections for the small ranges, which stay open.
const CONNECTIONS: u64 = 8;
/// Bytes of a small range.
const SMALL: u64 = 4096;
/// How long small ranges are asked for.
const AWHILE: Duration = Duration::from_secs(1);

/// Where a package is served, and by whom.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What to call it.
    pub name: &'static str,
    /// Where it listens.
    pub address: SocketAddr,
    /// The package's path there.
    pub path: String,
    /// What is sent as `Authorization: Bearer`; those who do not care pass over it.
    pub token: String,
    /// Everything that works for it.
    pub processes: Vec<u32>,
    /// Bytes of the package.
    pub size: u64,
}

/// What one measurement gave.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Per second of wall time: gigabytes or requests.
    pub speed: f64,
    /// Seconds of CPU for each gigabyte or 100,000 requests, by `/proc`.
    pub cpu: f64,
}

/// Four times the package's bytes in all, by `streams` connections at once: the whole each time
/// while that is not too much.
pub fn whole(at: &Origin, streams: usize) -> Rate {
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

/// As many ranges of 4 KiB as are answered on some connections within [`AWHILE`].
pub fn ranges(at: &Origin) -> Rate {
    let (began, used) = (Instant::now(), cpu(&at.processes));
    let requests: u64 = thread::scope(|scope| {
        let one = |stream| scope.spawn(move || ranges_until(at, stream << 32, began + AWHILE));
        let streams: Vec<_> = (0..CONNECTIONS).map(one).collect();
        streams.into_iter().map(|stream| stream.join().expect("a reader")).sum()
    });
    Rate {
        speed: requests as f64 / began.elapsed().as_secs_f64(),
        cpu: (cpu(&at.processes) - used).as_secs_f64() * 1e5 / requests as f64,
    }
}

/// How many there were by `end`. They lie far apart, and at the same places for all servers.
fn ranges_until(at: &Origin, seed: u64, end: Instant) -> u64 {
    let mut connection = connect(at, 8 << 10);
    let mut body = [0; SMALL as usize];
    let mut count = 0;
    while Instant::now() < end {
        let first = (seed + count).wrapping_mul(0x9e37_79b9_7f4a_7c15) % (at.size - SMALL);
        ask(connection.get_mut(), at, first, SMALL);
        assert_eq!(head(&mut connection), 206, "{}", at.name);
        connection.read_exact(&mut body).expect("the range");
        count += 1;
    }
    count
}

/// The memory in MB and the open files of a server while many who hardly read are served.
pub fn slow_readers(at: &Origin) -> (f64, usize) {
    let readers: Vec<_> = (0..SLOW_READERS)
        .map(|_| {
            let mut connection = connect(at, 1 << 10);
            ask(connection.get_mut(), at, 0, at.size);
            connection.read_exact(&mut [0; 4096]).expect("a beginning");
            connection
        })
        .collect();
    let held = (at.processes.iter().map(|id| peak_memory(*id)).sum(), open_files(&at.processes));
    drop(readers);
    held
}

fn download(at: &Origin, first: u64, length: u64) {
    let mut connection = connect(at, 1 << 20);
    ask(connection.get_mut(), at, first, length);
    assert_eq!(head(&mut connection), if length == at.size { 200 } else { 206 }, "{}", at.name);
    let mut left = length;
    while left > 0 {
        let read = connection.fill_buf().expect("the body").len();
        assert!(read > 0, "{}: the body is {left} bytes short", at.name);
        connection.consume(read);
        left -= read as u64;
    }
}

fn connect(at: &Origin, buffer: usize) -> BufReader<TcpStream> {
    let connection = TcpStream::connect(at.address).expect("it listens");
    connection.set_nodelay(true).expect("a socket");
    BufReader::with_capacity(buffer, connection)
}

fn ask(connection: &mut TcpStream, at: &Origin, first: u64, length: u64) {
    let Origin { path, token, size, .. } = at;
    let range = match first + length - 1 {
        last if length < *size => format!("Range: bytes={first}-{last}\r\n"),
        _ => String::new(),
    };
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n{range}\r\n");
    connection.write_all(request.as_bytes()).expect("it listens");
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
