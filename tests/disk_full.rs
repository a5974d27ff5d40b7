//! A disk that fills while packing: told as that, nothing is left, the server goes on.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::house::House;

/// A file system of its own, of a few megabytes. Needs root, as the test script has it.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mounted_at(path: &Path) -> Self {
        std::fs::create_dir_all(path).expect("a folder");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=4m", "exportd-test"])
            .arg(path)
            .status()
            .expect("mount is there");
        assert!(mounted.success(), "a small file system can be mounted (run the tests as root)");
        Self(path.to_owned())
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_fails_the_job_as_that_and_the_next_one_fits() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = SmallDisk::mounted_at(&folder.path().join("packages"));
    let root = disk.0.clone();
    let house = House::with(move |settings| settings.storage.root = root);
    house.project("ada", "large").noise("n", 6_000_000);
    house.project("ada", "small").noise("n", 1_000_000);
    let ada = house.user("ada");

    let export = ada.request("large").ended();
    assert_eq!(export["status"], "failed");
    assert_eq!(export["error"]["code"], "INSUFFICIENT_STORAGE");
    assert_eq!(export["attempt"], 3, "it was tried again, in case somebody makes room");
    assert!(house.stored_files().is_empty(), "nothing is left");
    ada.request("small").completed();
    drop(house);
    drop(disk);
}

#[test]
fn below_the_reserve_no_export_is_taken() {
    let house = House::with(|settings| settings.storage.reserve = 1 << 60);
    house.project("ada", "shop").file("a", "a");
    let answer = house.user("ada").post("/api/v1/exports", &crate::support::api::wanted("shop")).expect(507);
    assert_eq!(answer.code(), "INSUFFICIENT_STORAGE");
}
