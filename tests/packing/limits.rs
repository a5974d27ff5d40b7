//! The limits of one package.

use super::bench::{Bench, EVERY};

/// What packing ten sources and five megabytes of noise into `name` under `limit` says before it
/// fails.
fn refusal(name: &str, limit: &str) -> String {
    let bench = Bench::new();
    let folder = bench.project("shop").sources(10).noise("n", 5 << 20).path;
    let ended = bench.packer(&folder, name, &["--set", limit]).output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1), "{limit}");
    let left: Vec<_> = std::fs::read_dir(bench.place("."))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .filter(|name| name != "projects")
        .collect();
    assert!(left.is_empty(), "{limit}: {left:?} is left");
    String::from_utf8(ended.stderr).expect("text")
}

#[test]
fn too_many_files_and_too_large_a_package_fail_by_name_and_leave_nothing() {
    for name in EVERY {
        let told = refusal(name, "limits.max_files=10");
        assert!(told.contains("more than 10 files"), "{told}");
        let told = refusal(name, "limits.max_package=4MiB");
        assert!(told.contains("larger than 4194304 bytes"), "{told}");
    }
}

#[test]
fn at_the_limit_is_still_within() {
    let bench = Bench::new();
    let folder = bench.project("shop").sources(10).path;
    for name in EVERY {
        let size = bench.pack_into(name, &folder, &[]).bytes().len();
        let exactly = format!("limits.max_package={size}B");
        bench.pack_into(name, &folder, &["--set", "limits.max_files=10", "--set", &exactly]);
        let less = format!("limits.max_package={}B", size - 1);
        let ended = bench.packer(&folder, &format!("less-{name}"), &["--set", &less]).output();
        assert_eq!(ended.expect("it ends").status.code(), Some(1), "{name}");
    }
}

#[test]
fn too_large_a_file_is_left_out_with_a_warning() {
    let bench = Bench::new();
    let folder = bench.project("shop").noise("exact", 100_000).noise("more", 100_001).path;
    let package = bench.pack_into("out.zip", &folder, &["--set", "limits.max_file=100000B"]);
    assert_eq!(package.names(), ["exact"]);
    assert_eq!(package.excluded()["more"], "too_large");
    assert_eq!(package.warnings()["more"], "FILE_TOO_LARGE");
}

#[test]
fn what_unpacks_to_very_much_carries_a_warning() {
    let bench = Bench::new();
    let folder = bench.project("bomb").file("zeros", vec![0; 8 << 20]).path;
    assert_eq!(bench.pack(&folder).warnings()[""], "HIGH_COMPRESSION_RATIO");
    assert!(
        bench.pack_into("calm.zip", &folder, &["--set", "limits.ratio_alert=5000"]).warnings().is_empty()
    );
}
