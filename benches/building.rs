//! How soon the first byte of a package comes to whoever fetches it while it is built.
//!
//! ```text
//! cargo bench --bench building
//! TREE=/usr/share ROUNDS=9 cargo bench --bench building
//! ```
//!
//! Measured from the request for the export to the first byte of the package, so scan, rules and
//! the look for secrets are in it. Beside it stands when the package was whole.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use measure::{chosen, median};
use support::process::Site;
use support::project::noise;

fn main() {
    let rounds = chosen("ROUNDS", 5);
    let site = Site::new(&[
        ("LIMITS__MAX_PACKAGE", "1TiB"),
        ("LIMITS__MAX_FILES", "10000000"),
        ("LIMITS__MAX_FILE", "1TiB"),
    ]);
    let first = site.project("user-0", "tree").path;
    match std::env::var("TREE") {
        Ok(tree) => copy(Path::new(&tree), &first),
        Err(_) => grow(&site),
    }
    let server = site.serve();
    let (mut to_first, mut to_last, mut size) = (Vec::new(), Vec::new(), 0);
    for round in 0..rounds {
        let user = format!("user-{round}");
        if round > 0 {
            // Another user's: nothing of it was packed before.
            let before = site.path().join(format!("projects/user-{}/tree", round - 1));
            let now = site.project(&user, "tree").path;
            std::fs::rename(before, now).expect("moved");
        }
        let api = server.user(&user);
        let began = Instant::now();
        let export = api.request("tree");
        let mut connection = BufReader::new(TcpStream::connect(api.address()).expect("it listens"));
        let (path, token) = (export.path("/download?wait=true"), api.token());
        write!(
            connection.get_mut(),
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
        )
        .expect("it listens");
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            connection.read_line(&mut line).expect("a head");
        }
        connection.fill_buf().expect("a body");
        to_first.push(began.elapsed().as_secs_f64() * 1e3);
        connection.read_to_end(&mut Vec::new()).expect("a body");
        to_last.push(began.elapsed().as_secs_f64() * 1e3);
        size = export.completed()["fileSize"].as_u64().expect("a size");
    }
    println!("a package of {:.0} MB, {rounds} rounds; medians, in milliseconds", size as f64 / 1e6);
    println!("first byte {:>8.0}   (worst {:.0})", median(to_first.clone()), worst(&to_first));
    println!("last byte  {:>8.0}", median(to_last));
}

/// A project of 350 MB: some twenty thousand sources, and pictures among them.
fn grow(site: &Site) {
    let mut project = site.project("user-0", "tree").sources(19_000);
    let bytes = noise(500_000);
    for number in 0..690 {
        let folder = number % 97;
        project = project.file(&format!("src/part{folder:03}/image{number}.png"), &bytes[number..]);
    }
}

fn copy(tree: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-rT").arg(tree).arg(to).status().expect("cp");
    println!("copied {}: {copied}", tree.display());
}

fn worst(times: &[f64]) -> f64 {
    times.iter().copied().fold(0.0, f64::max)
}
