//! Memory does not grow with what is packed.

use std::fs;
use std::process::Command;

use super::bench::{Bench, EVERY, Package};
use crate::support::project::{ProjectFolder, noise, slow_text};

/// The most that packing may take, in kilobytes, beyond what the program takes to pack next to nothing: in
/// a build that is not optimised, that is its own code above all.
const MOST: u64 = 80_000;

/// Six hundred megabytes: a large file of text, one of noise, and many small files.
#[test]
fn six_hundred_megabytes_are_packed_in_eighty() {
    let bench = Bench::new();
    let small = bench.project("small").file("a", "a");
    let mut project = bench.project("large").noise("noise.bin", 200 << 20).sources(2_000);
    let text = slow_text(20);
    project = project.file("text.txt", text.repeat(10));
    let piece = [&text[..500_000], &noise(500_000)].concat();
    for number in 0..200 {
        project = project.file(&format!("small/{number}"), &piece);
    }
    for (name, threads) in EVERY.into_iter().flat_map(|name| [(name, "2"), (name, "4")]) {
        let settings =
            ["--set", "limits.max_file=1GiB", "--set", "limits.max_package=1GiB", "--threads", threads];
        let (least, package) = measured(&bench, &small, name, &settings);
        fs::remove_file(&package.path).expect("it was there");
        let (peak, package) = measured(&bench, &project, name, &settings);
        assert_eq!(package.told["files"], 2_202);
        assert!(peak < least + MOST, "{name} by {threads} threads: {peak} KB, and {least} KB for nothing");
        fs::remove_file(&package.path).expect("it was there");
    }
}

/// The most memory that packing took, in kilobytes, and the package.
fn measured(bench: &Bench, project: &ProjectFolder, name: &str, settings: &[&str]) -> (u64, Package) {
    let packer = bench.packer(&project.path, name, settings);
    let ended = Command::new("python3")
        .args(["-c", MEASURE])
        .arg(packer.get_program())
        .args(packer.get_args())
        .current_dir(packer.get_current_dir().expect("a folder"))
        .output()
        .expect("python3 is there");
    let peak = String::from_utf8_lossy(&ended.stderr).trim().parse().expect("kilobytes");
    (peak, bench.packed(name, &ended))
}

/// Runs a command and tells the most memory it took, in kilobytes.
const MEASURE: &str = "
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
sys.exit(code)";
