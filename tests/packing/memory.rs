//! Memory does not grow with what is packed.

use std::fs;
use std::process::Command;

use super::bench::{Bench, EVERY};
use crate::support::project::{noise, slow_text};

/// The most that packing may take, in kilobytes.
const MOST: u64 = 110_000;

/// Six hundred megabytes: a large file of text, one of noise, and many small files.
#[test]
fn six_hundred_megabytes_are_packed_in_a_hundred_and_ten() {
    let bench = Bench::new();
    let mut project = bench.project("large").noise("noise.bin", 200 << 20).sources(2_000);
    let text = slow_text(20);
    project = project.file("text.txt", text.repeat(10));
    let small = [&text[..500_000], &noise(500_000)].concat();
    for number in 0..200 {
        project = project.file(&format!("small/{number}"), &small);
    }
    for (name, threads) in EVERY.into_iter().flat_map(|name| [(name, "2"), (name, "4")]) {
        let settings =
            ["--set", "limits.max_file=1GiB", "--set", "limits.max_package=1GiB", "--threads", threads];
        let packer = bench.packer(&project.path, name, &settings);
        let ended = Command::new("python3")
            .args(["-c", MEASURE])
            .arg(packer.get_program())
            .args(packer.get_args())
            .current_dir(packer.get_current_dir().expect("a folder"))
            .output()
            .expect("python3 is there");
        let package = bench.packed(name, &ended);
        assert_eq!(package.told["files"], 2_202);
        let peak: u64 = String::from_utf8_lossy(&ended.stderr).trim().parse().expect("kilobytes");
        assert!(peak < MOST, "{name} by {threads} threads: {peak} KB");
        fs::remove_file(&package.path).expect("it was there");
    }
}

/// Runs a command and tells the most memory it took, in kilobytes.
const MEASURE: &str = "
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)";
