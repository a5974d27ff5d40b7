//! Repositories that lack something, or have it broken: told, and never waited for.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use exportd::domain::WarningCode;
use exportd::packaging::{Control, ExcludeReason, Limits, PackError, Source};

use crate::support::git::Repository;
use crate::support::project::noise;

use super::bench::{pack, read, source};

/// Writes over the file at `path`, whatever its permissions.
fn overwrite(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).expect("a file");
    change(&mut bytes);
    fs::set_permissions(path, fs::Permissions::from_mode(0o644)).expect("permissions");
    fs::write(path, bytes).expect("written");
}

fn small(folder: &Path) -> Repository {
    let repository = Repository::new(folder);
    repository.file("a/kept", "kept\n".repeat(99)).file("a/lost", "lost\n".repeat(99)).file("b", "b");
    repository.commit("one");
    repository
}

#[test]
fn a_file_whose_object_is_missing_is_left_out_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = small(folder.path());
    let lost = repository.git(&["rev-parse", "HEAD:a/lost"]);
    fs::remove_file(repository.loose(&lost)).expect("removed");
    let read = read(folder.path(), "main");
    assert_eq!(read.names(), ["a/kept", "b"]);
    assert_eq!(read.excluded()["a/lost"], ExcludeReason::Unreadable);
    assert_eq!(read.warned()["a/lost"], WarningCode::Unreadable);
    assert!(read.scan.warnings[0].message.contains(&lost), "{:?}", read.scan.warnings);
    assert_eq!(pack(source(folder.path(), "main")).expect("a package").0.file_count, 2);
}

#[test]
fn a_missing_tree_or_commit_ends_it_with_words_that_help() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = small(folder.path());
    let tree = repository.git(&["rev-parse", "HEAD:a"]);
    let kept = fs::read(repository.loose(&tree)).expect("a file");
    fs::remove_file(repository.loose(&tree)).expect("removed");
    let failed = source(folder.path(), "main").scan(&Limits::default(), &Control::default());
    let failed = failed.expect_err("a folder is missing");
    assert!(matches!(&failed, PackError::Incomplete { object, .. } if *object == tree), "{failed:?}");
    let failure = failed.failure();
    assert!(failure.message.contains("git fsck") && failure.message.contains(&tree), "{failure:?}");
    assert!(!failure.message.contains(folder.path().to_str().expect("text")), "{failure:?}");
    fs::write(repository.loose(&tree), kept).expect("written");
    let commit = repository.git(&["rev-parse", "HEAD"]);
    fs::remove_file(repository.loose(&commit)).expect("removed");
    let error = super::bench::open(folder.path()).commit(&"main".parse().expect("a version"));
    assert!(error.expect_err("the commit is missing").to_string().contains(&commit));
}

#[test]
fn bytes_that_are_not_what_their_name_says_are_never_packed() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = small(folder.path());
    repository.file("large", noise(3_000_000)).commit("two");
    let (kept, lost) =
        (repository.git(&["rev-parse", "HEAD:a/kept"]), repository.git(&["rev-parse", "HEAD:a/lost"]));
    // Another object's bytes under its name; and a bit of a large one.
    let other = fs::read(repository.loose(&kept)).expect("a file");
    overwrite(&repository.loose(&lost), |bytes| *bytes = other);
    let large = repository.git(&["rev-parse", "HEAD:large"]);
    overwrite(&repository.loose(&large), |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    });
    let (sealed, _) = pack(source(folder.path(), "main")).expect("a package");
    let names: Vec<_> = sealed.manifest.entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(names, ["a/kept", "b"]);
    let warned: Vec<_> = sealed.warnings.iter().map(|warning| warning.path.as_deref()).collect();
    assert_eq!(warned, [Some("a/lost"), Some("large")]);
}

#[test]
fn a_pack_broken_anywhere_never_gives_other_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    for i in 0..20 {
        repository.file(&format!("f{i:02}"), format!("line of {i}\n").repeat(40 + i));
    }
    repository.commit("one");
    repository.git(&["repack", "-adfq"]);
    let packs = folder.path().join(".git/objects/pack");
    let find = |ending: &str| {
        let files = fs::read_dir(&packs).expect("a folder").flatten().map(|file| file.path());
        files.into_iter().find(|file| file.extension().is_some_and(|e| e == ending)).expect("a file")
    };
    let whole = read(folder.path(), "main");
    let known: Vec<_> = whole.scan.entries.iter().map(|entry| whole.bytes(entry).expect("bytes")).collect();
    for ending in ["pack", "idx"] {
        let file = find(ending);
        let right = fs::read(&file).expect("a file");
        for at in (0..right.len()).step_by(3).chain([right.len() - 1]) {
            overwrite(&file, |bytes| bytes[at] ^= 0x55);
            let repository = super::bench::open(folder.path());
            if let Ok(commit) = repository.commit(&"main".parse().expect("a version")) {
                let rules = exportd::loaders::TreeRules::new(Default::default(), &[], &[]).expect("rules");
                let mut source = exportd::loaders::GitSource::new(repository, &commit, rules);
                if let Ok(scan) = source.scan(&Limits::default(), &Control::default()) {
                    for (entry, known) in scan.entries.iter().zip(&known) {
                        if let Ok(mut content) = source.open(entry) {
                            let mut room = vec![0; 4096];
                            let read = exportd::packaging::fill(&mut *content, &mut room).expect("bytes");
                            assert!(scan.entries.len() < 20 || room[..read] == **known, "{ending} at {at}");
                        }
                    }
                }
            }
            overwrite(&file, |bytes| bytes[at] ^= 0x55);
        }
        overwrite(&file, |bytes| bytes.truncate(right.len() / 2));
        let repository = super::bench::open(folder.path());
        drop(repository.commit(&"main".parse().expect("a version")));
        overwrite(&file, |bytes| *bytes = right);
    }
}

#[test]
fn objects_that_git_packs_meanwhile_are_found_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = small(folder.path());
    let mut early = source(folder.path(), "main");
    let scan = early.scan(&Limits::default(), &Control::default()).expect("a scan");
    repository.git(&["gc", "-q", "--prune=now"]);
    let kept = scan.entries.iter().find(|entry| entry.path == "a/kept").expect("it is there");
    let mut content = early.open(kept).expect("it is somewhere else, and there");
    let mut room = [0; 8];
    assert_eq!(content.read(&mut room).expect("bytes"), 8);
    assert_eq!(&room, b"kept\nkep");
}
