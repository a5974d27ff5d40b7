//! A second package of nearly the same tree: what is unchanged is taken over from the first, and
//! nobody can tell.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex};

use exportd::domain::Archive;
use exportd::loaders::TreeSource;
use exportd::packaging::{
    Config, Content, Control, Entry, Identity, Limits, PackError, Previous, Scan, Sealed, Source,
};
use sha2::{Digest, Sha256};

use super::bench::Bench;
use super::library::{packed_after, tree};
use crate::support::project::{ProjectFolder, noise, slow_text};

/// A tree that tells which of its files were read. A file is known again by its times, however
/// fresh these are: the tests change sizes, or wait for nothing.
struct Watched {
    tree: TreeSource,
    folder: std::path::PathBuf,
    is_known_again: bool,
    read: Arc<Mutex<BTreeSet<String>>>,
}

impl Source for Watched {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        let mut scan = self.tree.scan(limits, control)?;
        for entry in &mut scan.entries {
            let file = fs::metadata(self.folder.join(&entry.path)).expect("it is there");
            let stamp = format!("{} {} {} {}", entry.path, file.ino(), file.len(), file.mtime_nsec());
            entry.identity = self.is_known_again.then(|| Identity(Sha256::digest(stamp).into()));
        }
        Ok(scan)
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        self.read.lock().expect("no panic").insert(entry.path.clone());
        self.tree.open(entry)
    }
}

/// A package, and which files were read to make it.
struct Packed {
    bytes: Vec<u8>,
    sealed: Sealed,
    read: BTreeSet<String>,
}

impl Packed {
    /// As a later package meets it, after `damage` was done to package, manifest and index.
    fn previous(&self, damage: impl FnOnce(&mut Vec<u8>, &mut Vec<u8>, &mut Vec<u8>)) -> Option<Previous> {
        let manifest = self.sealed.manifest.to_json();
        let index = self.sealed.index.to_bytes(&manifest);
        let (mut bytes, mut manifest, mut index) = (self.bytes.clone(), manifest, index);
        damage(&mut bytes, &mut manifest, &mut index);
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(&bytes).expect("written");
        Previous::open(file, &manifest, &index)
    }

    fn whole(&self) -> Option<Previous> {
        self.previous(|_, _, _| {})
    }
}

fn pack(folder: &Path, format: Archive, previous: Option<Previous>) -> Packed {
    pack_as(folder, format, previous, true, 6)
}

fn pack_as(
    folder: &Path,
    format: Archive,
    previous: Option<Previous>,
    is_known_again: bool,
    level: u32,
) -> Packed {
    let read = Arc::default();
    let source =
        Watched { tree: tree(folder), folder: folder.to_owned(), is_known_again, read: Arc::clone(&read) };
    let config = Config { threads: 2, level, ..Config::default() };
    let (sealed, bytes) = packed_after(previous, source, format, config);
    let read = read.lock().expect("no panic").clone();
    Packed { bytes, sealed, read }
}

/// Small files in several batches, and large ones that compress, that do not, and that do in part.
fn project(root: &Path) -> ProjectFolder {
    let text = slow_text(3);
    fs::create_dir_all(root.join("ada/shop/empty")).expect("a folder");
    ProjectFolder::new(root, "ada", "shop")
        .sources(2_000)
        .file("half.bin", [&text[..2_000_000], &noise(2_000_000)].concat())
        .file("large.txt", &text)
        .noise("noise.bin", 4 << 20)
        .noise("small.bin", 70_000)
        .file("zz.txt", "the last")
}

#[test]
fn unchanged_files_are_not_read_again_and_the_bytes_are_those_of_a_full_package() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(root.path());
    for format in Archive::ALL {
        let path = folder.path.clone();
        let first = pack(&path, format, None);
        assert_eq!(first.read.len(), 2_006, "{format}: everything was read");

        let same = pack(&path, format, first.whole());
        assert!(same.bytes == first.bytes, "{format}: nothing changed");
        assert_eq!(same.read, BTreeSet::new(), "{format}: nothing changed");
        assert_eq!(same.sealed.index, first.sealed.index, "{format}");

        folder.clone().file("src/part007/file00700.rs", "changed").file("src/part007/new.rs", "added");
        fs::remove_file(path.join("src/part007/file00702.rs")).expect("a file");
        let (again, full) = (pack(&path, format, first.whole()), pack(&path, format, None));
        assert!(again.bytes == full.bytes, "{format}: three small changes");
        assert_eq!(again.sealed.manifest, full.sealed.manifest, "{format}");
        assert_eq!(again.sealed.index, full.sealed.index, "{format}");
        let changed = ["src/part007/file00700.rs", "src/part007/new.rs"].map(str::to_owned);
        assert!(changed.iter().all(|path| again.read.contains(path)), "{format}: {:?}", again.read);
        if format == Archive::Zip {
            assert_eq!(again.read, changed.into(), "every entry by itself");
        }
        // Frames of Zstandard are the longest: all the small files here are in one or two of them.
        let most = if format == Archive::TarZst { 2_003 } else { 1_500 };
        assert!(again.read.len() < most, "{format}: {} files were read", again.read.len());

        folder.clone().file("large.txt", slow_text(2)).sources(2_000);
        fs::remove_file(path.join("src/part007/new.rs")).expect("a file");
        let (again, full) = (pack(&path, format, first.whole()), pack(&path, format, None));
        assert!(again.bytes == full.bytes, "{format}: a large change");
        assert!(again.read.contains("large.txt") && !again.read.contains("half.bin"), "{format}");
        project(root.path());
    }
}

#[test]
fn files_that_are_not_known_again_are_read_and_known_by_their_content() {
    let root = tempfile::tempdir().expect("a folder");
    let path = project(root.path()).path;
    for format in Archive::ALL {
        let first = pack_as(&path, format, None, false, 6);
        let again = pack_as(&path, format, first.whole(), false, 6);
        assert!(again.bytes == first.bytes, "{format}");
        assert_eq!(again.read.len(), 2_006, "{format}");
    }
}

#[test]
fn a_moved_file_is_the_same_file() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(root.path());
    let first = pack(&folder.path, Archive::Zip, None);
    fs::rename(folder.path.join("small.bin"), folder.path.join("a picture.png")).expect("moved");
    fs::rename(folder.path.join("src/part001"), folder.path.join("src/elsewhere")).expect("moved");
    let (again, full) =
        (pack(&folder.path, Archive::Zip, first.whole()), pack(&folder.path, Archive::Zip, None));
    assert!(again.bytes == full.bytes, "by whatever name, also one that hints at other bytes");
}

#[test]
fn what_was_pressed_otherwise_is_pressed_again() {
    let root = tempfile::tempdir().expect("a folder");
    let path = project(root.path()).path;
    let first = pack(&path, Archive::Zip, None);
    for (format, level) in [(Archive::Zip, 1), (Archive::TarGz, 6)] {
        let again = pack_as(&path, format, first.whole(), true, level);
        let full = pack_as(&path, format, None, true, level);
        assert!(again.bytes == full.bytes, "{format}, level {level}");
        assert_eq!(again.read.len(), 2_006, "{format}, level {level}");
    }
}

#[test]
fn a_damaged_package_is_taken_over_nowhere_and_nobody_notices() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(root.path());
    for format in Archive::ALL {
        let first = pack(&folder.path, format, None);
        let check = |previous: Option<Previous>, what: &str| {
            let again = pack(&folder.path, format, previous);
            assert!(again.bytes == first.bytes, "{format}, {what}");
            assert_eq!(again.sealed.manifest, first.sealed.manifest, "{format}, {what}");
        };
        let length = first.bytes.len();
        for at in (0..length).step_by(length / 5).chain([length - 1]) {
            check(first.previous(|bytes, _, _| bytes[at] ^= 0x10), "a flipped bit");
        }
        check(first.previous(|bytes, _, _| bytes.truncate(length / 2)), "cut off");
        for at in (0..20).map(|part| move |length: usize| part * (length - 1) / 19) {
            let in_manifest = first.previous(|_, manifest, _| {
                let at = at(manifest.len());
                manifest[at] = if manifest[at] == b'7' { b'8' } else { b'7' };
            });
            assert!(in_manifest.is_none(), "{format}: a manifest that was altered");
            let in_index = first.previous(|_, _, index| {
                let at = at(index.len());
                index[at] ^= 4;
            });
            assert!(in_index.is_none(), "{format}: an index that was altered");
        }
        assert!(first.previous(|_, _, index| index.clear()).is_none());
        assert!(first.previous(|_, manifest, _| manifest.clear()).is_none());
    }
}

#[test]
fn the_command_line_takes_over_from_the_package_that_is_there() {
    let bench = Bench::new();
    let folder = bench.project("shop").sources(300).noise("noise.bin", 3 << 20);
    let pack = |name: &str, more: &[&str]| bench.pack_into(name, &folder.path, more).bytes();
    for name in ["a.zip", "a.tar.gz", "a.tar.zst"] {
        let first = pack(name, &["--incremental"]);
        assert!(pack(name, &["--incremental"]) == first, "{name}: nothing changed");
        folder.clone().file("src/new.rs", name);
        let full = pack(&format!("full.{name}"), &[]);
        assert!(pack(name, &["--incremental"]) == full, "{name}: something changed");
        let index = bench.place(&format!("{name}.index"));
        fs::write(&index, "no index at all").expect("written");
        assert!(pack(name, &["--incremental"]) == full, "{name}: its index was lost");
        assert_ne!(fs::read(&index).expect("a file"), b"no index at all", "and made anew");
    }
}
