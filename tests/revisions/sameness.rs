//! What is packed of a revision is what git has, byte by byte, however git keeps it.

use std::collections::BTreeMap;
use std::path::Path;

use exportd::domain::WarningCode;
use exportd::packaging::ExcludeReason;

use crate::support::git::Repository;
use crate::support::project::{noise, slow_text};

use super::bench::{pack, read, source};

/// What `git ls-tree` and `git cat-file` say that `revision` has.
fn by_git(repository: &Repository, revision: &str) -> BTreeMap<String, Vec<u8>> {
    let listed = repository.bytes_of(&["ls-tree", "-r", "-z", revision], b"");
    let entries = listed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let entries =
        entries.map(|entry| std::str::from_utf8(entry).expect("UTF-8").split_once('\t').expect("a tab"));
    let files = entries.filter(|(what, _)| what.starts_with("100"));
    files
        .map(|(what, name)| {
            let id = what.rsplit(' ').next().expect("an id");
            (name.to_owned(), repository.bytes_of(&["cat-file", "blob", id], b""))
        })
        .collect()
}

fn by_us(path: &Path, revision: &str) -> BTreeMap<String, Vec<u8>> {
    let read = read(path, revision);
    let entries = read.scan.entries.iter();
    entries.map(|entry| (entry.path.clone(), read.bytes(entry).expect("its bytes"))).collect()
}

/// Three commits of a tree with all that trees have.
fn grown(folder: &Path) -> Repository {
    let repository = Repository::new(folder);
    for i in 0..40 {
        repository.file(&format!("src/m{}/f{i}.rs", i % 5), format!("fn f{i}() {{}}\n").repeat(i * 7));
    }
    repository.file("README.md", "hello\n").file("empty", "").file("größe/日本.txt", "ü");
    repository.file("noise.bin", noise(3_000_000)).file("text.log", slow_text(4));
    repository.commit("first");
    repository.file("src/m0/f0.rs", "fn changed() {}\n".repeat(50)).file("README.md", "hello again\n");
    repository.file("text.log", [slow_text(4), b"one more line\n".to_vec()].concat());
    repository.git(&["tag", "light"]);
    repository.commit("second");
    repository.git(&["tag", "-a", "-m", "told", "v1.0"]);
    repository.git(&["mv", "empty", "moved"]);
    repository.commit("third");
    repository
}

#[test]
fn a_revision_is_what_git_has_of_it_loose_and_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = grown(folder.path());
    let revisions = ["main", "light", "v1.0", "HEAD"];
    let before: Vec<_> = revisions.iter().map(|revision| by_us(folder.path(), revision)).collect();
    for (revision, ours) in revisions.iter().zip(&before) {
        assert!(*ours == by_git(&repository, revision), "{revision}, loose");
    }
    assert!(before[0].contains_key("moved") && before[1].contains_key("empty"));
    // Long chains, by offset and by name.
    repository.git(&["-c", "repack.usedeltabaseoffset=true", "repack", "-adfq", "--depth=50", "--window=50"]);
    for (revision, ours) in revisions.iter().zip(&before) {
        assert!(*ours == by_us(folder.path(), revision), "{revision}, packed");
    }
    repository.git(&["-c", "repack.usedeltabaseoffset=false", "repack", "-adfq"]);
    repository.git(&["pack-refs", "--all"]);
    for (revision, ours) in revisions.iter().zip(&before) {
        assert!(*ours == by_us(folder.path(), revision), "{revision}, packed by name");
    }
}

#[test]
fn a_commit_is_the_same_package_whenever_and_however_it_is_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = grown(folder.path());
    let commit = repository.git(&["rev-parse", "v1.0^{commit}"]);
    let (first, bytes) = pack(source(folder.path(), &commit)).expect("a package");
    repository.file("src/new.rs", "fn new() {}").commit("fourth");
    repository.git(&["gc", "-q", "--aggressive", "--prune=now"]);
    let (second, again) = pack(source(folder.path(), "v1.0")).expect("a package");
    assert!(bytes == again, "other bytes");
    assert_eq!(first.manifest, second.manifest);
    let clone = tempfile::tempdir().expect("a folder");
    repository.git(&["clone", "-q", "--bare", ".", clone.path().to_str().expect("text")]);
    let (_, cloned) = pack(source(clone.path(), &commit)).expect("a package");
    assert!(bytes == cloned, "other bytes from a bare clone");
}

#[test]
fn what_git_keeps_and_folders_do_not_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:\
        4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    repository.file("movie.mp4", pointer).file("run.sh", "#!/bin/sh\n").file(".env", "KEY=1");
    std::os::unix::fs::symlink("run.sh", folder.path().join("link")).expect("a link");
    repository.git(&["add", "-A"]);
    repository.git(&["update-index", "--chmod=+x", "run.sh"]);
    let other = "1234567890123456789012345678901234567890";
    repository.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{other},vendor/other")]);
    repository.git(&["commit", "-q", "-m", "odd things"]);
    let read = read(folder.path(), "main");
    assert_eq!(read.names(), ["movie.mp4", "run.sh"]);
    assert_eq!(read.bytes_of("movie.mp4"), pointer.as_bytes());
    let excluded = read.excluded();
    assert_eq!(excluded["link"], ExcludeReason::Symlink);
    assert_eq!(excluded["vendor/other"], ExcludeReason::Submodule);
    assert_eq!(excluded[".env"], ExcludeReason::Secret);
    let warned = read.warned();
    assert_eq!(warned["movie.mp4"], WarningCode::LfsPointer);
    assert_eq!(warned["link"], WarningCode::SymlinkSkipped);
    assert_eq!(warned["vendor/other"], WarningCode::SubmoduleSkipped);
}

#[test]
fn five_thousand_files_come_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    for i in 0..5_000 {
        repository.file(&format!("d{:02}/f{i}.txt", i % 50), format!("{i}\n"));
    }
    // `a.b` stands before `a/` in bytes, whatever order git has for trees.
    repository.file("a.b", "1").file("a/c", "2").file("a-b", "3").commit("many");
    for _ in 0..2 {
        let read = read(folder.path(), "HEAD");
        assert_eq!(read.scan.entries.len(), 5_003);
        assert!(read.names().is_sorted());
        assert_eq!(read.bytes_of("d42/f4242.txt"), b"4242\n");
        repository.git(&["repack", "-adq"]);
    }
}

#[test]
fn objects_named_by_sha256_are_read_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::with(folder.path(), &["--object-format=sha256"]);
    let commit = repository.file("a/b.txt", "x".repeat(9_000)).file("c", "y").commit("one");
    assert_eq!(commit.len(), 64);
    for _ in 0..2 {
        assert!(by_us(folder.path(), &commit) == by_git(&repository, "main"));
        assert!(by_us(folder.path(), &commit[..9]) == by_git(&repository, "main"));
        repository.git(&["repack", "-adq"]);
        repository.git(&["prune-packed", "-q"]);
    }
}

#[test]
fn a_revision_s_own_ignore_files_are_obeyed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    repository
        .file(".exportignore", "*.log\n/docs/\n")
        .file("a.log", "1")
        .file("docs/x", "1")
        .file("src/b.log", "1");
    repository.file("src/.exportignore", "!b.log\n").file("src/c.log", "1").file("d", "1");
    repository.commit("with");
    repository.file(".exportignore", "").commit("without");
    let found = read(folder.path(), "HEAD");
    assert_eq!(found.names().len(), 7);
    let before = repository.git(&["rev-parse", "HEAD~1"]);
    // What lies there now says nothing about what was committed.
    repository.file(".exportignore", "*");
    let found = read(folder.path(), &before);
    assert_eq!(found.names(), [".exportignore", "d", "src/.exportignore", "src/b.log"]);
    assert_eq!(found.excluded()["docs/"], ExcludeReason::Ignored);
    let rule = found.scan.excluded.iter().find(|one| one.path == "a.log").and_then(|one| one.rule.as_deref());
    assert_eq!(rule, Some(".exportignore:1 *.log"));
}
