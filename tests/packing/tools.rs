//! Other people's tools open what we pack.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::bench::{Bench, EVERY};
use super::tars;

/// `program`, in a place where names are UTF-8.
pub fn tool(program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C.UTF-8");
    command
}

pub fn ran(mut command: Command) -> Output {
    command.output().unwrap_or_else(|error| panic!("{command:?} is needed: {error}"))
}

pub fn told(ended: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&ended.stdout), String::from_utf8_lossy(&ended.stderr))
}

pub fn seven_zip() -> &'static str {
    let has_new = Command::new("7zz").output().is_ok();
    if has_new { "7zz" } else { "7z" }
}

/// Runs Python on a program and its arguments, and gives what it printed.
pub fn python(program: &str, arguments: &[&Path]) -> String {
    let mut command = tool("python3");
    command.args(["-c", program]).args(arguments);
    let ended = ran(command);
    assert!(ended.status.success(), "{}", told(&ended));
    String::from_utf8(ended.stdout).expect("text").trim().to_owned()
}

/// Every tool reads all of `package`, checks its CRCs and finds `entries` entries.
pub fn every_tool_reads(bench: &Bench, package: &Path, entries: usize) {
    let verified = bench.verified(package);
    assert!(verified.status.success(), "{}", told(&verified));
    if !is_zip(package) {
        return tars::every_tool_reads(package, entries);
    }
    let mut unzip = tool("unzip");
    unzip.arg("-tq").arg(package);
    let mut seven = tool(seven_zip());
    seven.arg("t").arg("-bd").arg(package);
    for command in [unzip, seven] {
        let words = format!("{command:?}");
        let ended = ran(command);
        // Info-ZIP finds an empty archive worth a warning.
        let is_empty = entries == 0 && ended.status.code() == Some(1);
        assert!(ended.status.success() || is_empty, "{words}: {}", told(&ended));
    }
    let mut bsdtar = tool("bsdtar");
    bsdtar.arg("-tf").arg(package);
    let listed = ran(bsdtar);
    assert!(listed.status.success() && listed.stderr.is_empty(), "bsdtar: {}", told(&listed));
    assert_eq!(listed.stdout.split(|byte| *byte == b'\n').count() - 1, entries, "bsdtar's list");
    let tested = python(
        "import sys, zipfile\narchive = zipfile.ZipFile(sys.argv[1])\nprint(archive.testzip(), len(archive.namelist()))",
        &[package],
    );
    assert_eq!(tested, format!("None {entries}"));
}

/// Every tool that extracts gives back `files` (names in the package, and bytes), under these names.
pub fn every_tool_extracts(bench: &Bench, package: &Path, files: &[(String, Vec<u8>)]) {
    let tools: &[&str] =
        if is_zip(package) { &["unzip", "bsdtar", "piped bsdtar", "python"] } else { &tars::EXTRACTORS };
    for name in tools {
        let into = bench.place(&format!("by {name}"));
        // What another package left there would be found in this one's place.
        let _ = fs::remove_dir_all(&into);
        fs::create_dir(&into).expect("a folder");
        if is_zip(package) {
            extract(name, package, &into);
        } else {
            tars::extract(name, package, &into);
        }
        for (name_within, bytes) in files {
            let read = fs::read(into.join(name_within));
            let found = read.unwrap_or_else(|error| panic!("{name}: {name_within}: {error}"));
            assert!(found == *bytes, "{name}: {name_within}");
        }
    }
}

fn is_zip(package: &Path) -> bool {
    package.extension().is_some_and(|end| end == "zip")
}

fn extract(name: &str, package: &Path, into: &Path) {
    let command = match name {
        "unzip" => {
            let mut command = tool("unzip");
            command.arg("-q").arg(package).arg("-d").arg(into);
            command
        }
        "python" => {
            let program = "import sys, zipfile\nzipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
            python(program, &[package, into]);
            return;
        }
        // What cannot seek has to do with the local headers alone.
        piped => {
            let mut command = tool("bsdtar");
            command
                .arg("-xf")
                .arg(if piped == "bsdtar" { package } else { Path::new("-") })
                .arg("-C")
                .arg(into);
            command.stdin(fs::File::open(package).expect("a package"));
            command
        }
    };
    let ended = ran(command);
    assert!(ended.status.success(), "{name}: {}", told(&ended));
}

#[test]
fn a_project_comes_out_of_every_tool_as_it_went_in() {
    let bench = Bench::new();
    let text = crate::support::project::slow_text(6);
    let folder = bench
        .project("shop")
        .sources(300)
        .file("empty.txt", "")
        .file("one.txt", "x")
        .file("large.txt", &text)
        .file("large and mixed", [&text[..1_500_000], &crate::support::project::noise(3 << 20)].concat())
        .noise("noise.bin", 20_000)
        .noise("large.bin", 12 << 20);
    fs::create_dir_all(folder.path.join("empty/inner")).expect("a folder");
    for name in EVERY {
        let package = bench.pack_into(name, &folder.path, &[]);
        assert!(package.warnings().is_empty(), "{}", package.told);
        assert_eq!(package.told["files"], 306);
        every_tool_reads(&bench, &package.path, 307);
        let names = package.names().into_iter().filter(|name| !name.ends_with('/'));
        let files: Vec<_> =
            names.map(|name| (name.to_owned(), fs::read(folder.path.join(name)).expect("a file"))).collect();
        every_tool_extracts(&bench, &package.path, &files);
        assert!(bench.place("by bsdtar/empty/inner").is_dir(), "an empty folder comes along");
    }
}

#[test]
fn an_empty_project_is_a_package_too() {
    let bench = Bench::new();
    let folder = bench.project("nothing").path;
    for name in EVERY {
        let package = bench.pack_into(name, &folder, &[]);
        assert_eq!(package.told["files"], 0);
        assert!(package.bytes().len() < 100, "{name}");
        every_tool_reads(&bench, &package.path, 0);
    }
}
