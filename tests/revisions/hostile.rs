//! Repositories made by somebody who means harm.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use exportd::domain::ExportType;
use exportd::loaders::{Repository as Opened, RepositoryError};
use exportd::packaging::{Control, ExcludeReason, Limits, PackError, Source};

use crate::support::git::Repository;

use super::bench::{open, read, source, source_of};

fn with_tree(folder: &Path, entries: &[(&str, &[u8], &str)]) -> Repository {
    let repository = Repository::new(folder);
    let commit = repository.commit_tree(entries);
    repository.git(&["update-ref", "refs/heads/main", &commit]);
    repository
}

#[test]
fn no_name_leads_out_or_is_a_repository_of_its_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let blob = repository.object("blob", b"x");
    let inner = repository.object("tree", &crate::support::git::raw_tree(&[("100644", b"config", &blob)]));
    with_tree(
        folder.path(),
        &[
            ("100644", b"..", &blob),
            ("40000", b"..", &inner),
            ("40000", b".", &inner),
            ("100644", b"", &blob),
            ("100644", b"a/../../b", &blob),
            ("100644", b"/etc/passwd", &blob),
            ("40000", b".git", &inner),
            ("40000", b".GIT", &inner),
            ("40000", b"GIT~1", &inner),
            ("100644", b"twice", &blob),
            ("100644", b"twice", &blob),
            ("40000", b"twice", &inner),
            ("100644", b"back\\slash", &blob),
            ("100644", b"caf\xe9", &blob),
            ("100644", b"C:evil", &blob),
            ("100644", b"line\nbreak", &blob),
            ("100644", b"zz", &blob),
            ("100644", b"aa", &blob),
        ],
    );
    let found = read(folder.path(), "main");
    assert_eq!(found.names(), ["C%3Aevil", "aa", "back%5Cslash", "caf%E9", "line%0Abreak", "twice", "zz"]);
    let excluded = found.excluded();
    for name in ["%2E%2E", "%2E", "%61%2F%2E%2E%2F%2E%2E%2F%62"] {
        assert_eq!(excluded[name], ExcludeReason::Unreadable, "{excluded:?}");
    }
    for name in ["twice", "twice/"] {
        assert_eq!(excluded[name], ExcludeReason::NameCollision, "{excluded:?}");
    }
    // Not even when version control is asked for: its settings would be a stranger's.
    let mut full = source_of(open(folder.path()), "main", ExportType::FullProject);
    let full = full.scan(&Limits::default(), &Control::default()).expect("a scan");
    assert!(
        full.entries.iter().all(|entry| !entry.path.to_lowercase().contains("git")),
        "{:?}",
        full.entries
    );
    assert_eq!(full.excluded.iter().filter(|one| one.reason == ExcludeReason::VersionControl).count(), 3);
}

#[test]
fn a_tree_without_end_ends() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let blob = repository.object("blob", b"x");
    let names: Vec<Vec<u8>> = (0..30).map(|i| format!("{i:02}").into_bytes()).collect();
    for (what, leaf) in [("files", "f"), ("secrets", ".env")] {
        let leaf = [("100644", leaf.as_bytes(), blob.as_str())];
        let mut tree = repository.object("tree", &crate::support::git::raw_tree(&leaf));
        for _ in 0..12 {
            let entries: Vec<_> =
                names.iter().map(|name| ("40000", name.as_slice(), tree.as_str())).collect();
            tree = repository.object("tree", &crate::support::git::raw_tree(&entries));
        }
        let commit = repository.git(&["commit-tree", "-m", what, &tree]);
        let limits = Limits { max_files: 1_000, ..Limits::default() };
        let failed = source(folder.path(), &commit).scan(&limits, &Control::default());
        assert!(matches!(failed, Err(PackError::TooManyFiles { limit: 1_000 })), "{what}: {failed:?}");
    }
    // Names so long that few of them fill the memory.
    let long = vec![b'n'; 60_000];
    let mut tree = repository.object("tree", b"");
    for _ in 0..3 {
        tree = repository.object("tree", &crate::support::git::raw_tree(&[("40000", &long, &tree)]));
    }
    let commit = repository.git(&["commit-tree", "-m", "long", &tree]);
    let found = read(folder.path(), &commit);
    assert_eq!(found.scan.excluded[0].reason, ExcludeReason::PathTooLong);
}

#[test]
fn what_says_that_it_is_huge_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = with_tree(folder.path(), &[]);
    let blob = repository.object("blob", &vec![7; 3_000_000]);
    let tree = repository
        .commit_tree(&[("100644", b"small", &repository.object("blob", b"s")), ("100644", b"large", &blob)]);
    let limits = Limits { max_file: 1_000_000, ..Limits::default() };
    let scan = source(folder.path(), &tree).scan(&limits, &Control::default()).expect("a scan");
    assert_eq!(scan.excluded[0].reason, ExcludeReason::TooLarge);
    // An object that tells of more bytes than there are disks, and has three.
    let lie = repository.loose(&blob);
    fs::remove_file(&lie).expect("removed");
    let mut told = flate(b"blob 3\0abc");
    fs::write(&lie, &told).expect("written");
    let scan = source(folder.path(), &tree).scan(&limits, &Control::default()).expect("a scan");
    let source = {
        let mut source = source(folder.path(), &tree);
        source.scan(&limits, &Control::default()).expect("a scan");
        source
    };
    let liar = scan.entries.iter().find(|entry| entry.path == "large").expect("it says three bytes");
    assert!(source.open(liar).is_err(), "its name says something else");
    told = flate(b"blob 18446744073709551615\0abc");
    fs::write(&lie, told).expect("written");
    let scan = self::source(folder.path(), &tree).scan(&limits, &Control::default()).expect("a scan");
    assert_eq!(scan.entries.len(), 1, "{scan:?}");
}

/// `bytes` as zlib keeps them, by Python.
fn flate(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let program = "import sys,zlib; sys.stdout.buffer.write(zlib.compress(sys.stdin.buffer.read()))";
    let mut python = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is installed");
    python.stdin.take().expect("piped").write_all(bytes).expect("written");
    python.wait_with_output().expect("it ends").stdout
}

#[test]
fn no_link_leads_into_another_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("it is there");
    let theirs = Repository::new(folder.join("theirs"));
    let secret = theirs.file("secret.txt", "theirs").commit("secret");
    let ours = Repository::new(folder.join("ours"));
    ours.file("a", "ours").commit("ours");
    let unknown = |what: &str| {
        let opened = Opened::open(&ours.path, &|_| false);
        let reached = opened.map(|repository| repository.commit(&secret.parse().expect("a version")).is_ok());
        assert!(!reached.unwrap_or(false), "{what}");
    };
    let (git, their_objects) = (ours.path.join(".git"), theirs.path.join(".git/objects"));
    // One object, a folder of them, all of them; and the same by alternates.
    let first = git.join("objects").join(&secret[..2]);
    fs::create_dir_all(&first).expect("a folder");
    symlink(theirs.loose(&secret), first.join(&secret[2..])).expect("a link");
    unknown("an object");
    fs::remove_dir_all(&first).expect("removed");
    symlink(their_objects.join(&secret[..2]), &first).expect("a link");
    unknown("a folder of objects");
    fs::remove_file(&first).expect("removed");
    theirs.git(&["repack", "-adq"]);
    theirs.git(&["prune-packed", "-q"]);
    fs::create_dir_all(git.join("objects/pack")).expect("a folder");
    for pack in fs::read_dir(their_objects.join("pack")).expect("a folder").flatten() {
        symlink(pack.path(), git.join("objects/pack").join(pack.file_name())).expect("a link");
    }
    unknown("a pack");
    fs::remove_dir_all(git.join("objects/pack")).expect("removed");
    symlink(their_objects.join("pack"), git.join("objects/pack")).expect("a link");
    unknown("a folder of packs");
    fs::remove_file(git.join("objects/pack")).expect("removed");
    let alternates = git.join("objects/info/alternates");
    fs::create_dir_all(alternates.parent().expect("a folder")).expect("a folder");
    for line in
        [their_objects.to_str().expect("text"), "../../../theirs/.git/objects", "\"/../../../theirs\""]
    {
        fs::write(&alternates, format!("{line}\n")).expect("written");
        unknown("alternates");
    }
    // Where it may be read, it is.
    fs::write(&alternates, "../../../theirs/.git/objects\n").expect("written");
    let may_read = |path: &Path| path == their_objects;
    let repository = Opened::open(&ours.path, &may_read).expect("a repository");
    assert!(repository.commit(&secret.parse().expect("a version")).is_ok());
    // Two that borrow from each other.
    fs::write(their_objects.join("info/alternates"), "../../../ours/.git/objects\n").expect("written");
    let repository = Opened::open(&ours.path, &|_| true).expect("a repository");
    assert!(repository.commit(&"1234567".parse().expect("a version")).is_err());
}

#[test]
fn a_repository_that_lies_elsewhere_is_not_followed() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path().canonicalize().expect("it is there");
    let theirs = Repository::new(folder.join("theirs"));
    theirs.file("secret.txt", "theirs").commit("secret");
    theirs.git(&["worktree", "add", "-q", "../tree", "-b", "other"]);
    let opened = |name: &str| Opened::open(&folder.join(name), &|_| true).map(drop);
    assert!(matches!(opened("tree"), Err(RepositoryError::Elsewhere)));
    let gitdir = theirs.path.join(".git/worktrees/tree");
    let gitdir = gitdir.strip_prefix(&folder).expect("beneath").to_str().expect("text").to_owned();
    assert!(matches!(opened(&gitdir), Err(RepositoryError::Elsewhere)));
    fs::create_dir(folder.join("linked")).expect("a folder");
    symlink(theirs.path.join(".git"), folder.join("linked/.git")).expect("a link");
    assert!(matches!(opened("linked"), Err(RepositoryError::NoRepository)));
    symlink(&theirs.path, folder.join("link")).expect("a link");
    assert!(opened("link").is_err());
    // A name that is a way to somebody else's name.
    let ours = Repository::new(folder.join("ours"));
    ours.file("a", "1").commit("one");
    for target in [
        "ref: ../../../theirs/.git/refs/heads/main",
        "ref: refs/../../../theirs/.git/HEAD",
        "ref: /etc/passwd",
    ] {
        fs::write(ours.path.join(".git/refs/heads/way"), target).expect("written");
        assert!(open(&ours.path).commit(&"way".parse().expect("a version")).is_err(), "{target}");
    }
    fs::write(ours.path.join(".git/refs/heads/one"), "ref: refs/heads/two").expect("written");
    fs::write(ours.path.join(".git/refs/heads/two"), "ref: refs/heads/one").expect("written");
    assert!(open(&ours.path).commit(&"one".parse().expect("a version")).is_err());
}

#[test]
fn settings_run_nothing_and_replace_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let marker = folder.path().join("ran");
    repository.file(".gitattributes", "* filter=evil text eol=crlf\n").file("a.txt", "one\ntwo\n");
    let commit = repository.commit("one");
    let evil = format!("touch {}", marker.display());
    for key in
        ["core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "core.sshCommand", "core.hooksPath"]
    {
        repository.git(&["config", key, &evil]);
    }
    let other = repository.git(&["commit-tree", "-m", "other", &repository.object("tree", b"")]);
    repository.git(&["update-ref", &format!("refs/replace/{commit}"), &other]);
    // By hand, because git itself would follow it and stumble.
    let settings = folder.path().join(".git/config");
    let mut text = fs::read_to_string(&settings).expect("settings");
    text.push_str("[include]\n\tpath = /etc/passwd\n");
    fs::write(&settings, &text).expect("written");
    let found = read(folder.path(), &commit);
    assert_eq!(found.names(), [".gitattributes", "a.txt"]);
    assert_eq!(found.bytes_of("a.txt"), b"one\ntwo\n", "as it was committed");
    assert!(!marker.exists());
    text.push_str("[extensions]\n\trefStorage = reftable\n");
    fs::write(&settings, &text).expect("written");
    let opened = Opened::open(&folder.path().canonicalize().expect("there"), &|_| false).map(drop);
    assert!(matches!(opened, Err(RepositoryError::Unknown(what)) if what.contains("reftable")));
}
