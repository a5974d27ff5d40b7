//! How many requests a second are served, by each way in. Run by hand:
//! `cargo test --test tests signing::rate -- --ignored --nocapture`.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::EXPORTS;
use super::machine::{KeyFile, Request};

/// For how long each way is measured.
const MEASURED: Duration = Duration::from_secs(3);

/// Sends what `next` makes, over and over, on `connections` of their own.
fn rate(address: SocketAddr, connections: usize, next: impl Fn() -> String + Sync) -> f64 {
    let started = Instant::now();
    let served: u64 = std::thread::scope(|scope| {
        let callers: Vec<_> =
            (0..connections).map(|_| scope.spawn(|| ask(address, started, &next))).collect();
        callers.into_iter().map(|caller| caller.join().expect("no panic")).sum()
    });
    served as f64 / started.elapsed().as_secs_f64()
}

fn ask(address: SocketAddr, started: Instant, next: &(impl Fn() -> String + Sync)) -> u64 {
    let mut socket = std::net::TcpStream::connect(address).expect("somebody listens");
    socket.set_nodelay(true).expect("a socket");
    let (mut served, mut bytes) = (0, [0; 16 * 1024]);
    while started.elapsed() < MEASURED {
        socket.write_all(next().as_bytes()).expect("the server reads");
        let read = socket.read(&mut bytes).expect("an answer");
        assert!(bytes[..read].starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&bytes[..read]));
        served += 1;
    }
    served
}

#[test]
#[ignore = "measures; nothing is asserted"]
fn status_requests_by_each_way_in() {
    let keys = KeyFile::new();
    let house = keys.house(|_| {});
    house.project("ci", "shop").file("a.txt", "hello");
    let export = house.user("ci").request("shop");
    export.completed();
    let (address, path) = (house.address(), format!("{EXPORTS}/{}", export.id));
    let head = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n");
    let token = house.user("ci").token().to_owned();
    let by_token = || format!("{head}Authorization: Bearer {token}\r\n\r\n");
    let by_signature = || {
        let signed = Request::get(&house, "ci", &path).signed();
        let lines = signed.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        format!("{head}{}\r\n", lines.collect::<String>())
    };
    let made = Instant::now();
    (0..1_000).for_each(|_| drop(by_signature()));
    println!("making a signed request takes its caller {:?}", made.elapsed() / 1_000);
    for connections in [1, 8, 32] {
        let tokens = rate(address, connections, by_token);
        let signatures = rate(address, connections, by_signature);
        println!(
            "{connections:2} connections: {tokens:6.0}/s by token, {signatures:6.0}/s by signature, {:.2}",
            signatures / tokens
        );
    }
}
