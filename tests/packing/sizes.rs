//! Many entries and large ones: Zip64 where a number needs it, and only there.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::bench::Bench;
use super::tools::{every_tool_reads, python};

const UNLIMITED: [&str; 6] = [
    "--set",
    "limits.max_files=1000000",
    "--set",
    "limits.max_file=1TiB",
    "--set",
    "limits.max_package=1TiB",
];

/// Whether the end of the archive at `path` is that of Zip64: the locator stands before the
/// ordinary end, which is 22 bytes long without a comment.
fn ends_in_zip64(path: &Path) -> bool {
    let file = File::open(path).expect("a package");
    let mut locator = [0; 4];
    let at = file.metadata().expect("a file").len() - 22 - 20;
    file.read_exact_at(&mut locator, at).expect("its end");
    locator == *b"PK\x06\x07"
}

/// The names of entries that carry any extra field or ask for more than version 2.0.
fn extended(path: &Path) -> String {
    python(
        "import sys, zipfile\nprint([i.filename for i in zipfile.ZipFile(sys.argv[1]).infolist() if i.extra or i.extract_version > 20])",
        &[path],
    )
}

fn files(folder: &Path, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let part = folder.join(format!("{:03}", number / 1000));
        if number.is_multiple_of(1000) {
            fs::create_dir(&part).expect("a folder");
        }
        fs::write(part.join(format!("{:03}", number % 1000)), "").expect("a file");
    }
}

#[test]
fn sixty_five_thousand_entries_fit_and_one_more_takes_zip64() {
    let bench = Bench::new();
    let folder = bench.project("many").path;
    files(&folder, 0..65_534);
    let fitting = bench.pack_into("fitting.zip", &folder, &UNLIMITED);
    assert!(!ends_in_zip64(&fitting.path));
    every_tool_reads(&bench, &fitting.path, 65_534);

    files(&folder, 65_534..65_540);
    let more = bench.pack_into("more.zip", &folder, &UNLIMITED);
    assert!(ends_in_zip64(&more.path));
    assert_eq!(extended(&more.path), "[]", "the entries themselves need nothing");
    every_tool_reads(&bench, &more.path, 65_540);
}

#[test]
fn an_ordinary_package_has_nothing_of_zip64() {
    let bench = Bench::new();
    let folder = bench.project("shop").sources(50).noise("large", 9 << 20).path;
    let package = bench.pack(&folder);
    assert!(!ends_in_zip64(&package.path));
    assert_eq!(extended(&package.path), "[]");
}

/// A hole on disk, which costs nothing to keep; its 4 GiB are read, hashed and packed all the same.
#[test]
fn a_file_of_more_than_four_gigabytes_comes_out_whole() {
    const SIZE: u64 = (4 << 30) + 4_321;
    let bench = Bench::new();
    let folder = bench.project("huge").file("after", "x").file("before", "y").path;
    let hole = File::create(folder.join("a hole")).expect("a file");
    hole.set_len(SIZE).expect("a hole");
    hole.write_all_at(b"and an end", SIZE - 10).expect("written");
    let package = bench.pack_into("out.zip", &folder, &UNLIMITED);

    assert_eq!(package.manifest["entries"][0]["size"], SIZE);
    assert_eq!(extended(&package.path), "['a hole']");
    assert!(!ends_in_zip64(&package.path), "three entries and a small archive need no wide end");
    every_tool_reads(&bench, &package.path, 3);
}
