//! Formats, profiles and levels, as `exportd pack` takes them.

use super::bench::{Bench, EVERY, Package};

/// What the manifest says of how a package was made.
fn recipe<'p>(package: &'p Package, what: &str) -> &'p str {
    package.manifest["recipe"][what].as_str().expect("a word")
}

#[test]
fn the_name_of_the_package_tells_its_format_unless_one_is_named() {
    let bench = Bench::new();
    let folder = bench.project("shop").sources(10).path;
    for (name, format, magic) in [
        ("a.zip", "zip", &b"PK\x03\x04"[..]),
        ("a.tar.gz", "tar.gz", b"\x1f\x8b\x08"),
        ("a.tgz", "tar.gz", b"\x1f\x8b\x08"),
        ("a.tar.zst", "tar.zst", b"\x28\xb5\x2f\xfd"),
        ("a.bin", "zip", b"PK\x03\x04"),
    ] {
        let package = bench.pack_into(name, &folder, &[]);
        assert_eq!(recipe(&package, "format"), format);
        assert!(package.bytes().starts_with(magic), "{name}");
    }
    let named = bench.pack_into("b.zip", &folder, &["--format", "tar.zst"]);
    assert_eq!(recipe(&named, "format"), "tar.zst");
    for name in ["a.rar", "a.tar", "a.tar.xz"] {
        let ended = bench.packer(&folder, name, &[]).output().expect("it ends");
        assert_eq!(ended.status.code(), Some(2), "{name}");
        assert!(!bench.place(name).exists(), "{name}");
    }
    for wrong in [["--format", "rar"], ["--profile", "tiny"], ["--level", "10"]] {
        let ended = bench.packer(&folder, "no.zip", &wrong).output().expect("it ends");
        assert_eq!(ended.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn profiles_trade_time_for_size_and_a_level_wins_over_them() {
    let bench = Bench::new();
    let lines: String = (0..100_000u64).map(|i| format!("let number_{i} = {};\n", i * i % 999_983)).collect();
    let folder = bench.project("shop").sources(500).file("large.txt", lines).path;
    for name in EVERY {
        let by = |profile| bench.pack_into(name, &folder, &["--profile", profile]);
        let (fast, balanced, small) = (by("fast"), by("balanced"), by("small"));
        let sizes = [&small, &balanced, &fast].map(|package| package.told["size"].as_u64().expect("bytes"));
        assert!(sizes[0] < sizes[1] && sizes[0] < sizes[2] && sizes[1] != sizes[2], "{name}: {sizes:?}");
        assert_eq!(recipe(&fast, "profile"), "fast");
        assert_eq!(fast.manifest["recipe"]["level"], 1);
        assert_eq!(small.manifest["recipe"]["level"], 9);

        let usual = bench.pack_into(name, &folder, &[]);
        assert_eq!(usual.manifest, balanced.manifest);
        let level = bench.pack_into(name, &folder, &["--profile", "fast", "--level", "9"]);
        assert_eq!(level.manifest["recipe"]["level"], 9);
        assert_eq!(level.manifest["entries"], small.manifest["entries"]);
        assert_eq!(recipe(&level, "profile"), "balanced");
    }
}
