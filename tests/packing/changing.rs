//! Projects that change while they are packed.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use exportd::domain::{Archive, WarningCode};
use exportd::loaders::TreeSource;
use exportd::packaging::{Content, Control, Entry, ExcludeReason, Limits, PackError, Scan, Sealed, Source};

use super::library::{packed, read_back, tree};
use crate::support::project::{ProjectFolder, noise, slow_text};

type Change = Box<dyn Fn(&str) + Send + Sync>;

/// A tree in which something happens at certain moments.
struct Restless {
    tree: TreeSource,
    /// Once everything was scanned and nothing read.
    after_scan: Change,
    /// When the first bytes of an entry were read.
    after_first_read: std::sync::Arc<Change>,
}

impl Source for Restless {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        let scan = self.tree.scan(limits, control);
        (self.after_scan)("");
        scan
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        let change = Some((entry.path.clone(), std::sync::Arc::clone(&self.after_first_read)));
        Ok(Box::new(RestlessContent { content: self.tree.open(entry)?, change }))
    }
}

struct RestlessContent {
    content: Box<dyn Content>,
    change: Option<(String, std::sync::Arc<Change>)>,
}

impl Content for RestlessContent {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let read = self.content.read(room);
        if let Some((path, change)) = self.change.take() {
            (*change)(&path);
        }
        read
    }

    fn has_changed(&self) -> bool {
        self.content.has_changed()
    }
}

/// Packs `folder` while it changes. Whatever happened, the package is whole and as its manifest says.
fn pack(
    format: Archive,
    folder: &Path,
    after_scan: impl Fn(&str) + Send + Sync + 'static,
    after_first_read: impl Fn(&str) + Send + Sync + 'static,
) -> Sealed {
    let source = Restless {
        tree: tree(folder),
        after_scan: Box::new(after_scan),
        after_first_read: std::sync::Arc::new(Box::new(after_first_read)),
    };
    let (sealed, package) = packed(source, format, 2);
    read_back(format, &package, &sealed);
    sealed
}

fn sizes(sealed: &Sealed) -> Vec<(&str, u64)> {
    sealed.manifest.entries.iter().map(|entry| (entry.path.as_str(), entry.size)).collect()
}

fn warned(sealed: &Sealed) -> Vec<(&str, WarningCode)> {
    let mut warned: Vec<_> = sealed
        .warnings
        .iter()
        .map(|warning| (warning.path.as_deref().expect("a path"), warning.code))
        .collect();
    warned.sort_by_key(|(path, _)| *path);
    warned
}

/// A project of two small and two large files.
fn project() -> (tempfile::TempDir, std::path::PathBuf) {
    let root = tempfile::tempdir().expect("a folder");
    let folder = ProjectFolder::new(root.path(), "ada", "shop")
        .file("calm", "it stays")
        .file("large", slow_text(4))
        .file("large noise", noise(4 << 20))
        .file("small", "a few words");
    (root, folder.path)
}

fn nothing(_: &str) {}

#[test]
fn files_that_vanish_before_they_are_read_are_left_out_and_told() {
    for format in Archive::ALL {
        let (_root, folder) = project();
        let there = folder.clone();
        let gone = move |_: &str| {
            for name in ["large", "small"] {
                fs::remove_file(there.join(name)).expect("it was there");
            }
        };
        let sealed = pack(format, &folder, gone, nothing);
        assert_eq!(sizes(&sealed), [("calm", 8), ("large noise", 4 << 20)]);
        let code = WarningCode::FileVanished;
        assert_eq!(warned(&sealed), [("large", code), ("small", code)]);
        let excluded: Vec<_> =
            sealed.manifest.excluded.iter().map(|left| (left.path.as_str(), left.reason)).collect();
        assert_eq!(excluded, [("large", ExcludeReason::Vanished), ("small", ExcludeReason::Vanished)]);
    }
}

#[test]
fn files_that_shrank_or_grew_are_packed_as_they_were_read_and_told() {
    for format in Archive::ALL {
        let (_root, folder) = project();
        let there = folder.clone();
        let changed = move |_: &str| {
            let resize = |name: &str, size| {
                fs::File::options()
                    .write(true)
                    .open(there.join(name))
                    .and_then(|file| file.set_len(size))
                    .expect("a file");
            };
            resize("large", 1_234_567);
            resize("large noise", 7 << 20);
            resize("small", 3);
        };
        let sealed = pack(format, &folder, changed, nothing);
        assert_eq!(
            sizes(&sealed),
            [("calm", 8), ("large", 1_234_567), ("large noise", 7 << 20), ("small", 3)]
        );
        let code = WarningCode::FileChanged;
        assert_eq!(warned(&sealed), [("large", code), ("large noise", code), ("small", code)]);
    }
}

#[test]
fn files_that_are_written_to_while_they_are_read_are_told() {
    for format in Archive::ALL {
        let (_root, folder) = project();
        let there = folder.clone();
        let write = move |path: &str| match path {
            "large" => fs::write(there.join(path), "all is new").expect("written"),
            "large noise" | "small" => {
                let mut file = fs::File::options().append(true).open(there.join(path)).expect("a file");
                file.write_all(b"and more").expect("written");
            }
            _ => {}
        };
        let sealed = pack(format, &folder, nothing, write);
        let names: Vec<_> = sizes(&sealed).iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["calm", "large", "large noise", "small"]);
        let code = WarningCode::FileChanged;
        assert_eq!(warned(&sealed), [("large", code), ("large noise", code), ("small", code)]);
    }
}

#[test]
fn a_small_file_that_grew_huge_takes_no_more_memory_than_it_should() {
    for format in Archive::ALL {
        let (_root, folder) = project();
        let there = folder.join("small");
        let grown = move |_: &str| {
            fs::File::options()
                .write(true)
                .open(&there)
                .and_then(|file| file.set_len(1 << 30))
                .expect("a file");
        };
        let sealed = pack(format, &folder, grown, nothing);
        let small = sizes(&sealed)[3];
        assert!(small.1 < 10_000, "{small:?}");
        assert_eq!(warned(&sealed), [("small", WarningCode::FileChanged)]);
    }
}

#[test]
fn what_became_a_link_or_a_folder_since_it_was_seen_is_never_followed() {
    for format in Archive::ALL {
        let (root, folder) = project();
        fs::write(root.path().join("outside"), "not for the package").expect("a file");
        let (there, outside) = (folder.clone(), root.path().join("outside"));
        let swapped = move |_: &str| {
            for name in ["large", "small"] {
                fs::remove_file(there.join(name)).expect("it was there");
            }
            std::os::unix::fs::symlink(&outside, there.join("small")).expect("a link");
            fs::create_dir(there.join("large")).expect("a folder");
        };
        let sealed = pack(format, &folder, swapped, nothing);
        assert_eq!(sizes(&sealed), [("calm", 8), ("large noise", 4 << 20)]);
        assert_eq!(sealed.manifest.excluded.len(), 2);
        assert_eq!(warned(&sealed).len(), 2);
    }
}
