//! Packages of the same bytes share one file, and nobody notices.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::time::Duration;

use crate::support::house::House;
use crate::support::sha256;

const DAY: Duration = Duration::from_secs(86_400);

/// The packages in the store, without what lies beside them.
fn packages(house: &House) -> Vec<PathBuf> {
    let mut files = house.stored_files();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "zip"));
    files
}

fn inodes(house: &House) -> Vec<u64> {
    let inode = |file: &PathBuf| file.metadata().expect("a file").ino();
    let mut inodes: Vec<_> = packages(house).iter().map(inode).collect();
    inodes.dedup();
    inodes
}

#[test]
fn the_same_bytes_are_kept_once_and_served_to_each_until_each_has_expired() {
    let house = House::open();
    for user in ["ada", "bob"] {
        house.project(user, "shop").noise("n", 100_000);
    }
    let first = house.user("ada").request("shop");
    first.completed();
    house.clock().advance(DAY);
    let second = house.user("bob").request("shop");
    second.completed();
    assert_eq!(packages(&house).len(), 2, "each has a name of its own");
    assert_eq!(inodes(&house).len(), 1, "and both are one file");
    let bytes = first.download(&[]).expect(200);
    assert_eq!(bytes.body, second.download(&[]).expect(200).body);

    house.clock().advance(6 * DAY);
    let swept = house.sweep();
    assert_eq!((swept.expired, swept.deleted_files, swept.errors), (1, 1, 0));
    assert!(swept.freed_bytes < 100_000, "its bytes are still somebody's");
    first.download(&[]).expect(410);
    assert_eq!(second.download(&[]).expect(200).body, bytes.body);
    house.clock().advance(DAY);
    assert!(house.sweep().freed_bytes >= 100_000, "the last one frees them");
    assert_eq!(packages(&house), Vec::<PathBuf>::new());
}

#[test]
fn a_damaged_package_is_nobody_s_twin() {
    let house = House::open();
    for user in ["ada", "bob"] {
        house.project(user, "shop").noise("n", 100_000);
    }
    house.user("ada").request("shop").completed();
    let [damaged] = &packages(&house)[..] else { panic!("one package") };
    let mut bytes = std::fs::read(damaged).expect("a package");
    bytes[50_000] ^= 1;
    std::fs::write(damaged, bytes).expect("written");
    let second = house.user("bob").request("shop");
    let checksum = second.completed()["checksum"].clone();
    assert_eq!(inodes(&house).len(), 2, "kept apart");
    let body = second.download(&[]).expect(200).body;
    assert_eq!(sha256(&body), checksum, "whole and right");
}
