//! Names of every kind.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;

use super::bench::{Bench, EVERY, Package};
use super::tools::{every_tool_extracts, every_tool_reads};

/// Names as a disk has them, and as every system can have them.
fn names() -> Vec<(Vec<u8>, String)> {
    let kept = [
        "größe.txt",
        "日本語/ファイル名.rs",
        "emoji 🦀.md",
        "עברית.txt",
        "with  two spaces ",
        " first a space",
        "quote\" and 'quote'",
        "$(rm -rf x); `y` & | > *?[a]",
        "-rf",
        "--help",
        "@list",
        "#hash%20~tilde",
        "..b",
        "...",
        "a..",
        "..d/..c/...d",
        ".hidden",
        "UPPER.txt",
        "upper.txt",
        "100%",
    ];
    let mut names: Vec<_> = kept.iter().map(|name| (name.as_bytes().to_vec(), (*name).to_owned())).collect();
    names.push(("x".repeat(255).into_bytes(), "x".repeat(255)));
    names.push(("é".repeat(127).into_bytes(), "é".repeat(127)));
    let deep = "deep/".repeat(200) + "file";
    names.push((deep.clone().into_bytes(), deep));
    let escaped: [(&[u8], &str); 8] = [
        (b"line\nbreak", "line%0Abreak"),
        (b"tab\tulator", "tab%09ulator"),
        (b"\x1b[31mred", "%1B[31mred"),
        (b"caf\xe9", "caf%E9"),
        (b"\xff\xfe", "%FF%FE"),
        (b"..\\..\\out", "..%5C..%5Cout"),
        (b"C:", "C%3A"),
        (b"bad \xc3folder/file", "bad %C3folder/file"),
    ];
    names.extend(escaped.map(|(name, portable)| (name.to_vec(), portable.to_owned())));
    names
}

#[test]
fn any_name_comes_out_of_every_tool_under_a_name_that_any_system_has() {
    let bench = Bench::new();
    let folder = bench.project("names").path;
    let mut files = Vec::new();
    for (number, (name, portable)) in names().into_iter().enumerate() {
        let path = folder.join(OsStr::from_bytes(&name));
        fs::create_dir_all(path.parent().expect("inside the project")).expect("a folder");
        fs::write(path, format!("file {number}")).expect("a file");
        files.push((portable, format!("file {number}").into_bytes()));
    }
    for name in EVERY {
        come_out_of_every_tool(&bench, bench.pack_into(name, &folder, &[]), &files);
    }
}

fn come_out_of_every_tool(bench: &Bench, package: Package, files: &[(String, Vec<u8>)]) {
    let mut expected: Vec<_> = files.iter().map(|(portable, _)| portable.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(package.names(), expected, "in the order of the names that they have there");
    let warned = package.warnings();
    let with = |code| warned.iter().filter(move |(_, told)| **told == code).map(|(path, _)| *path);
    assert_eq!(with("NAME_ESCAPED").count(), 8, "{warned:?}");
    assert_eq!(with("NAME_COLLISION").collect::<Vec<_>>(), ["upper.txt"]);
    let not_on_windows =
        ["$(rm -rf x); `y` & | > *?[a]", "...", "a..", "quote\" and 'quote'", "with  two spaces "];
    assert_eq!(with("NAME_RESERVED").collect::<Vec<_>>(), not_on_windows);
    every_tool_reads(bench, &package.path, files.len());
    every_tool_extracts(bench, &package.path, files);
}

#[test]
fn two_names_that_would_become_one_are_told_and_the_plain_one_stays() {
    let bench = Bench::new();
    let folder = bench.project("twins").file("caf%E9", "the plain one").path;
    fs::write(folder.join(OsStr::from_bytes(b"caf\xe9")), "the other").expect("a file");
    let package = bench.pack(&folder);
    assert_eq!(package.names(), ["caf%E9"]);
    assert_eq!(package.excluded()["caf%E9"], "name_collision");
    every_tool_extracts(&bench, &package.path, &[("caf%E9".to_owned(), b"the plain one".to_vec())]);
}

/// As macOS writes it: `o` and two dots. Some tools join them on the way out, so that is theirs.
#[test]
fn a_name_in_parts_is_not_joined_but_told_where_it_would_meet_its_twin() {
    let bench = Bench::new();
    let folder = bench.project("mac").file("gro\u{308}ße.txt", "x").file("größe.txt", "y").path;
    for name in EVERY {
        let package = bench.pack_into(name, &folder, &[]);
        assert_eq!(package.names(), ["gro\u{308}ße.txt", "größe.txt"]);
        assert_eq!(package.warnings()["größe.txt"], "NAME_COLLISION");
        every_tool_reads(&bench, &package.path, 2);
    }
}

#[test]
fn names_that_some_systems_take_for_one_are_told_with_both_and_stay() {
    let bench = Bench::new();
    let mut project = bench.project("cases");
    let files = [
        "LICENSE",
        "License",
        "Lib",
        "lib/a.txt",
        "lib/b.txt",
        "src/A/x",
        "src/a/x",
        "src/a/y",
        "STRASSE",
        "straße",
    ];
    for name in files {
        project = project.file(name, "x");
    }
    let package = bench.pack(&project.path);
    assert_eq!(package.names().len(), files.len(), "every one of them stays");
    let warned: Vec<_> = package.told["warnings"].as_array().expect("a list").iter().collect();
    let pairs: Vec<_> =
        warned.iter().map(|one| (one["path"].as_str().expect("a path"), one["code"].as_str())).collect();
    let collision = Some("NAME_COLLISION");
    let expected = ["License", "lib", "src/a", "src/a/x", "straße"].map(|path| (path, collision));
    assert_eq!(pairs, expected);
    let first = warned[0]["message"].as_str().expect("words");
    assert!(first.contains("`LICENSE`"), "the other one is named too: {first}");
    every_tool_reads(&bench, &package.path, files.len());
}

/// The longest name of bytes that are no text would be three times as long, written in `%XX`.
#[test]
fn a_name_of_255_bytes_that_are_no_text_comes_out_of_every_tool() {
    let bench = Bench::new();
    let folder = bench.project("bytes").path;
    for last in [0xfe, 0xff] {
        let name = [[0xff; 254].as_slice(), &[last]].concat();
        fs::write(folder.join(OsStr::from_bytes(&name)), "x").expect("a file");
    }
    let package = bench.pack(&folder);
    let names = package.names();
    assert_eq!(names.len(), 2);
    assert!(names.iter().all(|name| name.len() == 255 && name.starts_with("%FF%FF")), "{names:?}");
    assert!(package.warnings().values().all(|code| *code == "NAME_ESCAPED"));
    let files: Vec<_> = names.iter().map(|name| ((*name).to_owned(), b"x".to_vec())).collect();
    every_tool_extracts(&bench, &package.path, &files);
}

#[test]
fn names_that_windows_cannot_have_are_told_and_stay() {
    let bench = Bench::new();
    let package =
        bench.pack(&bench.project("dos").file("aux.c", "x").file("con/x", "y").file("console.c", "z").path);
    assert_eq!(package.names(), ["aux.c", "con/x", "console.c"]);
    let warned = package.warnings();
    assert_eq!((warned.len(), warned["aux.c"], warned["con/x"]), (2, "NAME_RESERVED", "NAME_RESERVED"));
}
