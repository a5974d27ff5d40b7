//! What is compressed already.

use std::fs;
use std::path::Path;

use exportd::domain::{Archive, Profile};
use exportd::packaging::Shape;

use super::library::{packed, read_back, tree};
use crate::support::project::{ProjectFolder, noise, slow_text};

const SIZES: [usize; 16] = [
    0, 1, 63, 511, 512, 2_047, 2_048, 8_191, 65_535, 65_536, 65_537, 1_048_575, 1_572_864, 1_572_865,
    3_145_729, 17_000_000,
];

/// What a container adds to `entries` entries of `bytes` bytes at most: heads and padding, and for
/// every 64 KiB a few bytes.
fn overhead(format: Archive, entries: u64, bytes: u64) -> u64 {
    let framing = 5 * bytes.div_ceil(65_535) + 32 * bytes.div_ceil(1 << 19);
    match format {
        Archive::Zip => 22 + entries * (30 + 46 + 2 * 20) + framing,
        Archive::TarGz | Archive::TarZst => 1_100 + entries * 1_024 + framing,
    }
}

#[test]
fn noise_of_any_size_never_gets_larger_than_its_container_makes_it() {
    let root = tempfile::tempdir().expect("a folder");
    let mut project = ProjectFolder::new(root.path(), "ada", "noise");
    for size in SIZES {
        project = project.noise(&format!("{size:08}"), size);
    }
    let bytes = SIZES.iter().sum::<usize>() as u64;
    for format in Archive::ALL {
        for profile in Profile::ALL {
            let (sealed, package) = packed(tree(&project.path), Shape { format, profile }, 2);
            let most = bytes + overhead(format, SIZES.len() as u64, bytes);
            assert!(sealed.size <= most, "{format} {profile:?}: {} of {bytes}", sealed.size);
            read_back(format, &package, &sealed);
        }
    }
    for size in SIZES {
        let alone = ProjectFolder::new(root.path(), "ada", &size.to_string()).noise("it", size);
        for format in Archive::ALL {
            let (sealed, _) = packed(tree(&alone.path), format, 2);
            let most = size as u64 + overhead(format, 1, size as u64);
            assert!(sealed.size <= most, "{format}: {} of {size}", sealed.size);
        }
    }
}

/// Noise and text in turn, each in one package's piece.
#[test]
fn what_stands_between_noise_is_pressed_all_the_same() {
    let root = tempfile::tempdir().expect("a folder");
    let mut project = ProjectFolder::new(root.path(), "ada", "mixed");
    let text = slow_text(1);
    for number in 0..20 {
        project = project
            .file(&format!("{number:02}.png"), noise(90_000 + number))
            .file(&format!("{number:02}.txt"), &text[..30_000]);
    }
    let noise = 20 * 90_000;
    for format in Archive::ALL {
        let (sealed, package) = packed(tree(&project.path), format, 2);
        // Text of sixteen digits takes at least half its bytes, unless it was seen before.
        assert!(sealed.size < noise + 20 * 20_000, "{format}: {}", sealed.size);
        let files = read_back(format, &package, &sealed);
        assert!(files["07.png"] == fs::read(Path::new(&project.path).join("07.png")).expect("a file"));
    }
}
