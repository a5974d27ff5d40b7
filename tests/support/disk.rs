//! A disk that is soon full.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A file system of its own, of four megabytes. Needs root, as the test script has it.
pub struct SmallDisk(pub PathBuf);

impl SmallDisk {
    /// One at `path`, which becomes a folder.
    pub fn mounted_at(path: &Path) -> Self {
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
