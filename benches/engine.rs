//! From request to completed: one small project at a time, and three hundred at once.
//!
//! ```text
//! cargo bench --bench engine
//! ```
//!
//! The peer packs the same folders with `zip -6` and syncs each package to disk, without a queue,
//! a database or anybody to ask: two at a time, as exportd does. Needs zip and xargs.

#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
mod measure;
#[allow(dead_code, unused_imports, unused_macros, reason = "the benches use a part of it")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::process::Command;
use std::thread;
use std::time::Instant;

use measure::{chosen, median, percentile};
use support::api::{Api, ExportHandle};
use support::process::Site;

const AT_ONCE: usize = 300;

fn main() {
    let rounds = chosen("ROUNDS", 5);
    let site = Site::new(&[("JOBS__CONCURRENCY", "8"), ("JOBS__PER_USER", "8")]);
    for i in 0..AT_ONCE {
        let mut project = site.project("ada", &format!("p{i:03}"));
        for file in 0..10 {
            project = project
                .file(&format!("src/f{file}.rs"), format!("pub fn f{file}() {{}} // {i}\n").repeat(100));
        }
    }
    let server = site.serve();
    let ada = server.user("ada");
    one_at_a_time(&ada);
    let projects = site.path().join("projects/ada");
    let mut pairs = Vec::new();
    for _ in 0..rounds {
        pairs.push((at_once(&ada), zipped(&projects)));
    }
    println!(
        "\n{AT_ONCE} projects of 10 files at once, {rounds} rounds, medians: exportd {:.0} jobs/s, zip and sync {:.0}/s, ratio {:.2}",
        median(pairs.iter().map(|(ours, _)| ours.0).collect()),
        median(pairs.iter().map(|(_, theirs)| *theirs).collect()),
        median(pairs.iter().map(|(ours, theirs)| ours.0 / theirs).collect()),
    );
    println!("of that, asking: {:.0} requests/s", median(pairs.iter().map(|(ours, _)| ours.1).collect()));
}

/// Latency on an idle server, as the caller sees it.
fn one_at_a_time(ada: &Api) {
    let mut waited: Vec<f64> = Vec::new();
    for i in 0..200 {
        let began = Instant::now();
        let export = ada.request(&format!("p{:03}", i % AT_ONCE));
        export.api.get_with(&export.path(""), &[("prefer", "wait=10")]).expect(200);
        waited.push(began.elapsed().as_secs_f64() * 1e3);
        assert_eq!(export.show()["status"], "completed");
        export.api.delete(&export.path("")).expect(204);
    }
    println!(
        "one project of 10 files, from request to completed, 200 times: p50 {:.1} ms, p95 {:.1} ms, longest {:.1} ms",
        percentile(waited.clone(), 0.5),
        percentile(waited.clone(), 0.95),
        percentile(waited, 1.0),
    );
}

/// Completed jobs a second, from the first request to the last completion; and requests a second.
fn at_once(ada: &Api) -> (f64, f64) {
    let began = Instant::now();
    let exports: Vec<ExportHandle> = thread::scope(|scope| {
        let askers: Vec<_> = (0..4)
            .map(|asker| {
                scope.spawn(move || {
                    let mine = (asker..AT_ONCE).step_by(4);
                    mine.map(|i| ada.request(&format!("p{i:03}"))).collect::<Vec<_>>()
                })
            })
            .collect();
        askers.into_iter().flat_map(|asker| asker.join().expect("it asked")).collect()
    });
    let asked = began.elapsed().as_secs_f64();
    for export in &exports {
        export.api.get_with(&export.path(""), &[("prefer", "wait=60")]).expect(200);
    }
    let took = began.elapsed().as_secs_f64();
    for export in &exports {
        assert_eq!(export.show()["status"], "completed");
        export.api.delete(&export.path("")).expect(204);
    }
    (AT_ONCE as f64 / took, AT_ONCE as f64 / asked)
}

/// The same folders by the peer, a second.
fn zipped(projects: &std::path::Path) -> f64 {
    let out = tempfile::tempdir_in(projects.parent().expect("a parent")).expect("a folder");
    let began = Instant::now();
    let each = format!("zip -q -r -6 {0}/$1.zip $1 && sync {0}/$1.zip", out.path().display());
    let packed = Command::new("sh")
        .current_dir(projects)
        .args(["-c", "ls | xargs -P2 -n1 sh -c \"$0\" sh", &each])
        .status()
        .expect("sh is there");
    assert!(packed.success());
    AT_ONCE as f64 / began.elapsed().as_secs_f64()
}
