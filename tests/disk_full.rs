//! A disk that fills while packing: told as that, nothing is left, the server goes on.

use crate::support::disk::SmallDisk;
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::ProjectFolder;

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

/// What `exportd pack` says when it fails to pack `project` into `out.zip` on `disk`.
fn told_by_pack(site: &Site, disk: &SmallDisk, project: ProjectFolder) -> String {
    let (folder, package) = (project.path, disk.0.join("out.zip"));
    let ended = site.exportd(&["pack", "-o"]).arg(package).arg(folder).output().expect("it ends");
    assert_eq!(ended.status.code(), Some(1), "{ended:?}");
    String::from_utf8(ended.stderr).expect("text")
}

#[test]
fn packing_to_a_full_disk_says_so_and_leaves_what_was_there() {
    let site = Site::new(&[]);
    let disk = SmallDisk::mounted_at(&site.path().join("out"));
    let left = || {
        let files =
            std::fs::read_dir(&disk.0).expect("a folder").map(|file| file.expect("a file").file_name());
        let mut files: Vec<_> = files.map(|name| name.into_string().expect("text")).collect();
        files.sort();
        files
    };
    // Larger than the disk; larger than memory keeps of one file; and the disk to its last byte,
    // so that there is none for the manifest.
    let brimful = (4 << 20) - 100;
    for (id, size) in [("large", 6 << 20), ("huge", 20 << 20), ("brimful", brimful)] {
        let told = told_by_pack(&site, &disk, site.project("ada", id).noise("n", size));
        assert!(told.contains("full") || told.contains("No space left"), "{id}: {told}");
        assert!(left().is_empty(), "{id}: {:?}", left());
    }

    let small = site.project("ada", "small").noise("n", 1 << 20);
    let mut pack = site.exportd(&["pack", "-o", "out/out.zip"]);
    assert!(pack.arg(&small.path).status().expect("it ends").success());
    told_by_pack(&site, &disk, site.project("ada", "again").noise("n", 6 << 20));
    assert_eq!(left(), ["out.zip", "out.zip.manifest.json"], "the earlier package");
    assert!(site.exportd(&["verify", "out/out.zip"]).status().expect("it ends").success());
}
