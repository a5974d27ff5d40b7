//! Other people's tools open the tar archives that we pack.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::tools::{python, ran, seven_zip, told, tool};

/// Who extracts them.
pub const EXTRACTORS: [&str; 5] = ["gnu tar", "bsdtar", "piped bsdtar", "python", "7z"];

/// What unpacks the stream around the archive.
fn stream_tool(package: &Path) -> Command {
    tool(if package.extension().is_some_and(|end| end == "gz") { "gzip" } else { "zstd" })
}

/// The archive by itself, beside its package.
fn unpacked(package: &Path) -> PathBuf {
    let plain = package.with_file_name("plain.tar");
    let mut command = stream_tool(package);
    command.arg("-dc").arg(package).stdout(File::create(&plain).expect("a file"));
    let ended = ran(command);
    assert!(ended.status.success() && ended.stderr.is_empty(), "{}", told(&ended));
    plain
}

/// Every tool reads all of `package`, checks what there is to check and finds `entries` entries.
pub fn every_tool_reads(package: &Path, entries: usize) {
    let plain = unpacked(package);
    let mut gnu = tool("tar");
    gnu.arg("-tf").arg(package);
    let mut bsd = tool("bsdtar");
    bsd.arg("-tf").arg(package);
    for command in [gnu, bsd] {
        let words = format!("{command:?}");
        let listed = ran(command);
        assert!(listed.status.success() && listed.stderr.is_empty(), "{words}: {}", told(&listed));
        assert_eq!(listed.stdout.split(|byte| *byte == b'\n').count() - 1, entries, "{words}");
    }
    let mut tests = vec![stream_tool(package), tool(seven_zip())];
    tests[0].arg("-tq").arg(package);
    tests[1].args(["t", "-bd"]).arg(&plain);
    for command in tests {
        let words = format!("{command:?}");
        let ended = ran(command);
        assert!(ended.status.success(), "{words}: {}", told(&ended));
    }
    let by_python = python(
        "import sys, tarfile
count = 0
with tarfile.open(sys.argv[1], 'r:') as archive:
    for member in archive:
        count += 1
        assert (member.uid, member.gid, member.uname, member.gname) == (0, 0, '', ''), member
        assert member.mtime == 315532800 and member.mode == (0o755 if member.isdir() else 0o644), member
print(count)",
        &[&plain],
    );
    assert_eq!(by_python, entries.to_string());
    if package.extension().is_some_and(|end| end == "gz") {
        is_one_member(package);
    }
    fs::remove_file(plain).expect("it was there");
}

/// Some clients read the first member of a gzip file and think that is all.
fn is_one_member(package: &Path) {
    let program = "
import sys, zlib
first, more = zlib.decompressobj(31), b''
with open(sys.argv[1], 'rb') as package:
    while block := package.read(1 << 20):
        first.decompress(block)
        more += first.unused_data
print(first.eof, len(more))";
    assert_eq!(python(program, &[package]), "True 0");
}

/// `name` extracts `package` into the folder `into`.
pub fn extract(name: &str, package: &Path, into: &Path) {
    let command = match name {
        "gnu tar" => {
            let mut command = tool("tar");
            command.arg("-xf").arg(package).arg("-C").arg(into);
            command
        }
        "bsdtar" => {
            let mut command = tool("bsdtar");
            command.arg("-xf").arg(package).arg("-C").arg(into);
            command
        }
        "piped bsdtar" => {
            let mut command = tool("bsdtar");
            command.args(["-xf", "-", "-C"]).arg(into).stdin(File::open(package).expect("a package"));
            command
        }
        "python" => {
            let program = "import sys, tarfile\ntarfile.open(sys.argv[1]).extractall(sys.argv[2])";
            python(program, &[&unpacked(package), into]);
            return;
        }
        _ => {
            let mut command = tool(seven_zip());
            command.args(["x", "-bd", "-y"]).arg(unpacked(package)).current_dir(into).stdout(Stdio::null());
            command
        }
    };
    let ended = ran(command);
    assert!(ended.status.success(), "{name}: {}", told(&ended));
}
