//! Downloads against nginx with sendfile, tower-http and two file servers, on loopback, in one run.
//!
//! ```text
//! cargo bench --bench downloads
//! ROUNDS=9 SIZE_MIB=2048 cargo bench --bench downloads
//! ```
//!
//! Every round measures all servers, one after the other; what counts is the median over the
//! rounds of each one's speed by that of nginx in the same round. CPU is the servers' own, by
//! `/proc`. static-web-server and miniserve take part where they are installed.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../measure/mod.rs"]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../../tests/support/mod.rs"]
mod support;

mod load;

use std::net::SocketAddr;

use load::{Origin, Rate, SLOW_READERS, ranges, slow_readers, whole};
use measure::nginx::Nginx;
use measure::peer::Peer;
use measure::serve_dir::{Served, serve_if_asked};
use measure::{chosen, forget_peak_memory, median, open_files, peak_memory};
use support::nginx::Nginx as Front;
use support::process::{Server, Site};

fn main() {
    serve_if_asked();
    let (rounds, megabytes) = (chosen("ROUNDS", 5), chosen("SIZE_MIB", 1024));
    let site = Site::new(&[
        ("LIMITS__MAX_PACKAGE", "1TiB"),
        ("LIMITS__MAX_FILE", "1TiB"),
        ("RETENTION__DEFAULT", "1h"),
        ("DOWNLOAD__MODE", "accel"),
    ]);
    let server = site.serve();
    let direct = exportd(&site, &server, megabytes);
    let package = site.stored_files().into_iter().find(|file| file.extension().is_some_and(|e| e == "zip"));
    let package = package.expect("the package is stored");
    let web = tempfile::tempdir().expect("a folder");
    std::fs::hard_link(&package, web.path().join("package.zip")).expect("a link");
    let nginx = Nginx::serve(web.path(), web.path());
    let front = front(&site, direct.address);
    let tower = Served::folder(web.path());
    let peers = (Peer::static_web_server(web.path()), Peer::miniserve(web.path()));

    let served = |name, address, processes| Origin {
        name,
        address,
        path: "/package.zip".to_owned(),
        processes,
        ..direct.clone()
    };
    let both = front.workers().into_iter().chain([server.id()]).collect();
    let mut origins = vec![
        served("nginx", nginx.address, nginx.workers()),
        direct.clone(),
        Origin { name: "exportd behind nginx", address: front.address(), processes: both, ..direct.clone() },
        served("tower-http", tower.address, vec![tower.id()]),
    ];
    origins.extend(peers.0.as_ref().map(|peer| served("static-web-server", peer.address, vec![peer.id()])));
    origins.extend(peers.1.as_ref().map(|peer| served("miniserve", peer.address, vec![peer.id()])));

    println!("one package of {megabytes} MiB, {rounds} rounds; medians");
    for streams in [1, 8, 64, 512] {
        compare(&format!("{streams} streams, GB/s, CPU seconds per GB"), rounds, &origins, |at| {
            whole(at, streams)
        });
    }
    compare("4 KiB ranges per second, CPU seconds per 100,000", rounds, &origins, ranges);
    println!(
        "\n{SLOW_READERS} readers that hardly read\n{:<24} {:>10} {:>22}",
        "", "peak MB", "files before/with/after"
    );
    origins.iter().for_each(held);
}

/// nginx before exportd, as `exportd nginx print` has it, but for limits that one address meets.
fn front(site: &Site, exportd: SocketAddr) -> Front {
    let settings = [
        format!("server.listen={exportd}"),
        format!("storage.root={}", site.path().join("packages").display()),
        "download.mode=accel".to_owned(),
    ];
    Front::before(&settings, &["--requests-per-second", "1000000", "--connections", "65535"])
}

/// A package of so many megabytes, by exportd itself.
fn exportd(site: &Site, server: &Server, megabytes: usize) -> Origin {
    site.project("ada", "large").noise("noise.bin", megabytes << 20);
    let export = server.user("ada").request("large");
    let size = export.completed()["fileSize"].as_u64().expect("a size");
    println!("peak memory of exportd while packing: {:.0} MB", peak_memory(server.id()));
    Origin {
        name: "exportd",
        address: export.api.address(),
        path: export.path("/download"),
        token: export.api.token().to_owned(),
        processes: vec![server.id()],
        size,
    }
}

/// Measures all, the first being the one that the others are compared with.
fn compare(what: &str, rounds: usize, origins: &[Origin], measure: impl Fn(&Origin) -> Rate) {
    for at in origins {
        measure(at);
        forget_peak_memory(&at.processes);
    }
    let of_round = |_| origins.iter().map(&measure).collect::<Vec<Rate>>();
    let taken: Vec<Vec<Rate>> = (0..rounds).map(of_round).collect();
    println!(
        "\n{what}\n{:<24} {:>10} {:>10} {:>10} {:>10} {:>10}",
        "", "speed", "by nginx", "CPU", "peak MB", "files"
    );
    for (i, at) in origins.iter().enumerate() {
        let of = |figure: &dyn Fn(&[Rate]) -> f64| median(taken.iter().map(|round| figure(round)).collect());
        println!(
            "{:<24} {:>10.2} {:>10.2} {:>10.3} {:>10.0} {:>10}",
            at.name,
            of(&|round| round[i].speed),
            of(&|round| round[i].speed / round[0].speed),
            of(&|round| round[i].cpu),
            at.processes.iter().map(|id| peak_memory(*id)).sum::<f64>(),
            open_files(&at.processes),
        );
    }
}

fn held(at: &Origin) {
    forget_peak_memory(&at.processes);
    let before = open_files(&at.processes);
    let (memory, with) = slow_readers(at);
    // Connections that are gone are noticed within moments; nobody is waited for in vain.
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while open_files(&at.processes) > before && std::time::Instant::now() < deadline {
        std::thread::yield_now();
    }
    let after = open_files(&at.processes);
    println!("{:<24} {memory:>10.0} {before:>8}/{with}/{after}", at.name);
}
