//! The programs people download with, cut off half way and sent on.

use std::os::unix::fs::FileExt;
use std::process::Command;

use crate::support::story::Story;

const SIZE: usize = 6_000_000;
const CUT: usize = 2_000_000;

fn run(command: &mut Command) -> i32 {
    let output = command.output().expect("it is installed");
    println!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    output.status.code().expect("it ends by itself")
}

fn aria2c(story: &Story) -> Command {
    let mut aria2c = Command::new("aria2c");
    aria2c.args([
        "-x8",
        "-s8",
        "-k1M",
        "--retry-wait=0",
        "--max-tries=5",
        "--console-log-level=notice",
        "-d",
    ]);
    aria2c.arg(story.folder()).args(["-o", "package.zip"]).arg(story.address());
    aria2c
}

#[test]
fn curl_resumes_and_asks_once_more_at_the_end_without_harm() {
    let story = Story::begin(SIZE, CUT);
    let file = story.folder().join("package.zip");
    let curl = || {
        let mut curl = Command::new("curl");
        curl.args(["-sS", "-C", "-", "-o"]).arg(&file).arg(story.address());
        curl
    };
    assert_eq!(run(&mut curl()), 18, "partial file");
    assert_eq!(run(&mut curl()), 0);
    story.resumed();
    story.is_whole(&file);
    let finished = run(&mut curl());
    assert!(matches!(finished, 0 | 22 | 33), "{finished}");
    story.is_whole(&file);
}

#[test]
fn wget_resumes_by_itself() {
    let story = Story::begin(SIZE, CUT);
    let file = story.folder().join("package.zip");
    let mut wget = Command::new("wget");
    wget.args(["-nv", "-c", "--tries=3", "--waitretry=0", "-O"]).arg(&file).arg(story.address());
    assert_eq!(run(&mut wget), 0);
    story.resumed();
    story.is_whole(&file);
}

#[test]
fn aria2_takes_eight_pieces_and_verifies_the_digest() {
    let story = Story::begin(SIZE, CUT);
    assert_eq!(run(&mut aria2c(&story)), 0);
    story.ends_well(&story.folder().join("package.zip"));
}

#[test]
fn aria2_notices_a_package_that_is_not_what_was_promised() {
    let story = Story::begin(SIZE, CUT);
    let stored = story.house.stored_files();
    let package = stored.iter().max_by_key(|file| file.metadata().expect("a file").len());
    let file = std::fs::File::options().write(true).open(package.expect("a package")).expect("a file");
    file.write_all_at(b"!", SIZE as u64 / 2).expect("written");
    assert_eq!(run(&mut aria2c(&story)), 32, "the digest is another one");
}
