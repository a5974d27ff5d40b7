//! What it costs to prove who one is: the status of an export, asked for by each way in.
//!
//! ```text
//! cargo bench --bench access
//! ```
//!
//! The peer is the plain JWT, in the same round: each ratio is to it. Requests are written and
//! signed beforehand, so that only the server's work differs; each is answered before the next is
//! sent, over sixteen connections. `ROUNDS` and `REQUESTS` (of one round and way) make it longer.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use measure::{chosen, median};
use serde_json::json;
use support::api::Api;
use support::process::Site;

const CONNECTIONS: usize = 16;

/// A way in: its name, and the header lines that prove who calls, for the request of each number.
type Way<'w> = (&'static str, Box<dyn Fn(usize) -> String + 'w>);

/// What the machine of this bench signs with.
const SECRET: &str = "a secret of a bench, of thirty-two bytes or more";

fn main() {
    let (rounds, requests) = (chosen("ROUNDS", 5), chosen("REQUESTS", 20_000));
    let folder = tempfile::tempdir().expect("a folder");
    let keys = folder.path().join("keys.toml");
    let key = format!("[[key]]\nid = \"bench\"\nsecret = \"{SECRET}\"\nuser = \"ada\"\n");
    std::fs::write(&keys, key).expect("a file");
    let site = Site::new(&[("AUTH__SIGNING_KEYS_FILE", &keys.display().to_string())]);
    site.project("ada", "shop").file("a", "a");
    let server = site.serve();
    let ada = server.user("ada");
    let export = ada.request("shop");
    export.completed();
    let path = export.path("");

    let ways = ways(&ada, &path);
    let mut rates: Vec<Vec<f64>> = vec![Vec::new(); ways.len()];
    for round in 0..=rounds {
        for (way, rates) in ways.iter().zip(&mut rates) {
            let written = written(&path, ada.address(), way, round * requests, requests);
            let rate = rate(ada.address(), &written);
            // The first round only warms everything up.
            rates.extend((round > 0).then_some(rate));
        }
    }
    println!("status requests a second over {CONNECTIONS} connections, {rounds} rounds, medians");
    for ((name, _), own) in ways.iter().zip(&rates) {
        let ratios = own.iter().zip(&rates[0]).map(|(own, jwt)| own / jwt).collect();
        println!("{name:<12} {:>8.0}/s  {:.2} of the JWT's", median(own.clone()), median(ratios));
    }
}

/// The ways in of one user, the plain JWT first.
fn ways(ada: &Api, path: &str) -> Vec<Way<'static>> {
    let bearer = |token: &str| format!("Authorization: Bearer {token}\r\n");
    let jwt = bearer(ada.token());
    let wanted = json!({"name": "bench", "scopes": ["exports:read"]});
    let token = bearer(&ada.post("/api/v1/tokens", &wanted).expect(201).text("/token"));
    let session = ada.post("/api/v1/session", &json!({})).expect(201).header("set-cookie");
    let cookie = format!("Cookie: {}\r\n", session.split(';').next().expect("a cookie"));
    let target = format!("http://{}{path}", ada.address());
    vec![
        ("JWT", Box::new(move |_| jwt.clone())),
        ("API token", Box::new(move |_| token.clone())),
        ("session", Box::new(move |_| cookie.clone())),
        ("signature", Box::new(move |number| signed(&target, number))),
    ]
}

/// The header lines of a signed GET (RFC 9421), each with a nonce of its own.
fn signed(target: &str, number: usize) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs();
    let input =
        format!("(\"@method\" \"@target-uri\");created={now};nonce=\"n{now}-{number}\";keyid=\"bench\"");
    let base = format!("\"@method\": GET\n\"@target-uri\": {target}\n\"@signature-params\": {input}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let signature = BASE64.encode(hmac::sign(&key, base.as_bytes()));
    format!("Signature-Input: sig={input}\r\nSignature: sig=:{signature}:\r\n")
}

/// Requests as they go over the wire, dealt to the connections.
fn written(path: &str, host: SocketAddr, way: &Way<'_>, first: usize, count: usize) -> Vec<Vec<Vec<u8>>> {
    let request =
        |number| format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n{}\r\n", way.1(number)).into_bytes();
    let of_connection =
        |connection| (first + connection..first + count).step_by(CONNECTIONS).map(request).collect();
    (0..CONNECTIONS).map(of_connection).collect()
}

/// Answers a second.
fn rate(address: SocketAddr, written: &[Vec<Vec<u8>>]) -> f64 {
    let began = Instant::now();
    thread::scope(|scope| {
        for requests in written {
            scope.spawn(|| ask(address, requests));
        }
    });
    written.iter().map(Vec::len).sum::<usize>() as f64 / began.elapsed().as_secs_f64()
}

fn ask(address: SocketAddr, requests: &[Vec<u8>]) {
    let socket = TcpStream::connect(address).expect("the server listens");
    socket.set_nodelay(true).expect("a socket");
    let mut answers = BufReader::new(&socket);
    for request in requests {
        (&socket).write_all(request).expect("the server reads");
        read_one(&mut answers);
    }
}

/// Reads an answer, which has to be a good one.
fn read_one(from: &mut impl BufRead) {
    let mut line = String::new();
    from.read_line(&mut line).expect("an answer");
    assert!(line.starts_with("HTTP/1.1 200"), "{line}");
    let mut length = 0;
    loop {
        line.clear();
        from.read_line(&mut line).expect("a head");
        if line == "\r\n" {
            break;
        }
        let told = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        length = told.map_or(length, |(_, value)| value.trim().parse().expect("a length"));
    }
    std::io::copy(&mut from.take(length), &mut std::io::sink()).expect("a body");
}
