//! The same tree gives the same bytes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};

use super::bench::{Bench, EVERY};
use crate::support::project::{ProjectFolder, noise, slow_text};

/// A bit of everything that is packed in ways of its own.
fn mixed(folder: ProjectFolder) -> ProjectFolder {
    let text = slow_text(5);
    folder
        .sources(400)
        .file("a.txt", "before a/")
        .file("a/b", "in a/")
        .file("half.bin", [&text[..2_000_000], &noise(2_000_000), &text[..1_000_000]].concat())
        .file("large.txt", &text)
        .file("larger.txt", text.repeat(4))
        .noise("large.bin", 10 << 20)
        .noise("small.bin", 70_000)
}

/// Makes everything in `folder` look as if another person had made it on another day.
fn elsewhere(folder: &Path, day: Duration) {
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            elsewhere(&entry, day);
            fs::set_permissions(&entry, Permissions::from_mode(0o700)).expect("a mode");
        } else {
            let file = fs::File::options().write(true).open(&entry).expect("a file");
            file.set_modified(SystemTime::UNIX_EPOCH + day).expect("another day");
            fs::set_permissions(&entry, Permissions::from_mode(0o740)).expect("a mode");
        }
    }
}

#[test]
fn neither_threads_nor_place_nor_day_nor_modes_change_a_byte() {
    let bench = Bench::new();
    let folder = mixed(bench.project("one")).path;
    let other = mixed(bench.project("another place/with a longer name")).path;
    elsewhere(&other, Duration::from_secs(1_500_000_001));
    for name in EVERY {
        let first = bench.pack_into(name, &folder, &["--threads", "1"]);
        let bytes = first.bytes();
        for threads in ["2", "7"] {
            let again = bench.pack_into(name, &folder, &["--threads", threads]);
            assert!(again.bytes() == bytes, "{name}: {threads} threads");
            assert_eq!(again.manifest, first.manifest, "{name}: {threads} threads");
        }
        let there = bench.pack_into(name, &other, &["--threads", "3"]);
        assert!(there.bytes() == bytes, "{name}: another place, day and mode");
        assert_eq!(there.manifest, first.manifest, "{name}");
    }

    let mut shell = Command::new("sh");
    let packer = bench.packer(&folder, "masked.zip", &[]);
    shell.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(packer.get_program()).args(packer.get_args());
    shell.current_dir(packer.get_current_dir().expect("a folder"));
    let masked = bench.packed("masked.zip", &shell.output().expect("it ends"));
    assert!(masked.bytes() == bench.pack(&folder).bytes(), "another umask");
}

#[test]
fn what_is_streamed_is_what_is_written() {
    let bench = Bench::new();
    let folder = mixed(bench.project("one")).path;
    let written = bench.pack(&folder);
    let streamed = bench.packer(&folder, "-", &[]).output().expect("it ends");
    assert!(streamed.status.success(), "{}", String::from_utf8_lossy(&streamed.stderr));
    assert!(streamed.stdout == written.bytes());
}
