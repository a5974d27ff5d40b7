//! Trees packed for real: what is in, what is out, and that the bytes are always the same.

use std::fs;
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::domain::{Archive, ExportType, WarningCode};
use crate::packaging::{Config, Control, ExcludeReason, Limits, Output, PackError, Packer, Sealed, verify};
use crate::telemetry::Metrics;

use super::TreeSource;
use crate::loaders::TreeRules;

struct Memory(Cursor<Vec<u8>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Output for Memory {
    fn scratch_maker(&self) -> Box<dyn Fn() -> std::io::Result<fs::File>> {
        Box::new(tempfile::tempfile)
    }
}

fn pack_with(folder: &Path, threads: usize, limits: Limits) -> Result<(Sealed, Vec<u8>), PackError> {
    let rules = TreeRules::new(ExportType::SourceCode, &[], &[]).expect("globs");
    let source = TreeSource::open(folder, rules).expect("a folder");
    let packer = Packer::new(&Config { threads, ..Config::default() }, limits, Metrics::new("test"));
    let mut out = Memory(Cursor::new(Vec::new()));
    let sealed = packer.pack(Box::new(source), Archive::Zip, &mut out, &Control::default())?;
    Ok((sealed, out.0.into_inner()))
}

fn pack(folder: &Path) -> (Sealed, Vec<u8>) {
    pack_with(folder, 2, Limits::default()).expect("a package")
}

fn file(folder: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, content).expect("a file");
}

fn mixed(folder: &Path) {
    for i in 0..300 {
        file(folder, &format!("src/m{}/f{i}.rs", i % 7), format!("fn f{i}() {{ {i} }}\n").repeat(i));
    }
    file(folder, "big.txt", "some words that come again and again, ".repeat(200_000));
    let noise: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    file(folder, "noise.bin", &noise);
    file(folder, "half.bin", [&noise[..1_200_000], &b"text ".repeat(400_000)].concat());
    file(folder, "a.txt", "x");
    file(folder, "a/b", "y");
    fs::create_dir(folder.join("empty")).expect("a folder");
}

#[test]
fn the_same_tree_gives_the_same_bytes_whatever_made_and_packs_it() {
    let (one, other) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    mixed(one.path());
    mixed(other.path());
    let old = fs::File::options().write(true).open(other.path().join("a.txt")).expect("a file");
    old.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("an old file");
    let (first, bytes) = pack_with(one.path(), 1, Limits::default()).expect("a package");
    for threads in [2, 5] {
        let (again, same) = pack_with(other.path(), threads, Limits::default()).expect("a package");
        assert!(same == bytes, "{threads} threads");
        assert_eq!(again.manifest, first.manifest);
    }
    let paths: Vec<_> = first.manifest.entries.iter().map(|entry| entry.path.as_bytes()).collect();
    assert!(paths.is_sorted(), "in the order of their bytes");
    assert!(first.size < first.source_bytes);
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_a_whole_package_is_good() {
    let folder = tempfile::tempdir().expect("a folder");
    mixed(folder.path());
    let (sealed, bytes) = pack(folder.path());
    let verified = |bytes: &[u8], manifest| {
        verify(Arc::new(bytes.to_vec()), manifest, &CancellationToken::new()).expect("it can be read")
    };
    let whole = verified(&bytes, Some(&sealed.manifest));
    assert!(whole.ok, "{whole:?}");
    assert!(verified(&bytes, None).ok);
    for part in 0..40 {
        let at = (bytes.len() - 1) * part / 39;
        let mut flipped = bytes.clone();
        flipped[at] ^= 4;
        assert!(!verified(&flipped, Some(&sealed.manifest)).ok, "byte {at}");
    }
}

#[test]
fn strange_names_come_out_portable_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let long = "x".repeat(255);
    for name in [
        &b"caf\xe9"[..],
        b"line\nbreak",
        b"quote\"",
        b"back\\slash",
        b"C:",
        long.as_bytes(),
        "größe".as_bytes(),
    ] {
        fs::write(folder.path().join(std::ffi::OsStr::from_bytes(name)), "x").expect("a file");
    }
    let (sealed, _) = pack(folder.path());
    let names: Vec<_> = sealed.manifest.entries.iter().map(|entry| entry.path.as_str()).collect();
    for name in ["caf%E9", "line%0Abreak", "quote\"", "back%5Cslash", "C%3A", &long, "größe"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert_eq!(sealed.warnings.iter().filter(|warning| warning.code == WarningCode::NameEscaped).count(), 4);
}

#[test]
fn links_pipes_and_what_cannot_be_read_are_left_out_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    file(folder.path(), "kept", "x");
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("link")).expect("a link");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        folder.path().join("pipe"),
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .expect("a pipe");
    let (sealed, _) = pack(folder.path());
    assert_eq!(sealed.file_count, 1);
    let reasons: Vec<_> = sealed.manifest.excluded.iter().map(|e| (e.path.as_str(), e.reason)).collect();
    assert_eq!(reasons, [("link", ExcludeReason::Symlink), ("pipe", ExcludeReason::SpecialFile)]);
    assert_eq!(sealed.warnings.len(), 2);
}

#[test]
fn two_hundred_folders_deep_is_no_trouble() {
    let folder = tempfile::tempdir().expect("a folder");
    let deep = "a-folder-with-quite-a-long-name/".repeat(100);
    file(folder.path(), &format!("{deep}file"), "found");
    let mut at = fs::File::open(folder.path().join(&deep)).expect("a folder");
    for _ in 0..100 {
        use rustix::fs::{Mode, OFlags, mkdirat, openat};
        mkdirat(&at, "deeper-than-a-path-may-be-long-in-one-go", Mode::RWXU).expect("a folder");
        at = openat(&at, "deeper-than-a-path-may-be-long-in-one-go", OFlags::RDONLY, Mode::empty())
            .expect("a folder")
            .into();
    }
    let made = rustix::fs::openat(
        &at,
        "deepest",
        rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY,
        rustix::fs::Mode::RUSR,
    );
    fs::File::from(made.expect("a file")).write_all(b"found too").expect("written");
    let (sealed, _) = pack(folder.path());
    assert_eq!((sealed.file_count, sealed.warnings.len()), (2, 0), "{:?}", sealed.warnings);
}

#[test]
fn limits_hold_while_packing() {
    let folder = tempfile::tempdir().expect("a folder");
    mixed(folder.path());
    let limits = |change: fn(&mut Limits)| {
        let mut limits = Limits::default();
        change(&mut limits);
        pack_with(folder.path(), 2, limits)
    };
    assert!(matches!(limits(|limits| limits.max_files = 5), Err(PackError::TooManyFiles { limit: 5 })));
    assert!(matches!(
        limits(|limits| limits.max_package = 10_000),
        Err(PackError::TooLarge { limit: 10_000 })
    ));
    let (sealed, _) = limits(|limits| limits.max_file = 1_000_000).expect("a package");
    let large = sealed.warnings.iter().filter(|warning| warning.code == WarningCode::FileTooLarge).count();
    assert_eq!(large, 3, "{:?}", sealed.warnings);
}

#[test]
fn an_empty_project_is_an_empty_archive() {
    let folder = tempfile::tempdir().expect("a folder");
    let (sealed, bytes) = pack(folder.path());
    assert_eq!((sealed.file_count, bytes.len()), (0, 22));
}
