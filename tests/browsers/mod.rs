//! The browsers that people download with, cut off half way and sent on.
//!
//! A browser is started without a window, with a profile and a download folder of its own, and goes
//! with its test.

mod chromium;
mod firefox;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use tempfile::TempDir;

use crate::support::api::{ExportHandle, eventually};
use crate::support::house::House;
use crate::support::proxy::{Asked, Proxy};
use crate::support::sha256;
use chromium::Chromium;
use firefox::Firefox;

/// A browser's processes: the one that was started leads their group, and all go with it.
struct Processes(Child);

impl Processes {
    fn start(command: &mut Command) -> Self {
        Self(command.process_group(0).spawn().expect("it is installed"))
    }

    fn is_gone(&mut self) -> bool {
        self.0.try_wait().expect("it is ours").is_some()
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        let group = rustix::process::Pid::from_child(&self.0);
        // They may have ended by themselves.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.0.wait();
    }
}

/// Half of a package, about; more than the system's buffers hold, so that the server has not yet sent
/// the other half when the line is cut.
const HALF: usize = 12_000_000;

/// An export whose first download breaks off half way, and the address that a person would click on.
struct Story {
    house: House,
    export: ExportHandle,
    proxy: Proxy,
    folder: TempDir,
}

impl Story {
    fn begin() -> Self {
        let house = House::open();
        house.project("ada", "shop").noise("noise.bin", 2 * HALF);
        let export = house.user("ada").request("shop");
        export.completed();
        let proxy = Proxy::to(export.api.address())
            .adding(format!("Authorization: Bearer {}", export.api.token()))
            .cutting(1, HALF);
        let folder = tempfile::tempdir().expect("a folder");
        Self { house, export, proxy, folder }
    }

    /// What a browser is sent to: an address that needs nothing beside it.
    fn address(&self) -> String {
        self.proxy.url(&self.export.path("/download"))
    }

    /// Where the finished package is to be, by the server's own name for it.
    fn file(&self) -> PathBuf {
        self.folder.path().join(self.export.show()["fileName"].as_str().expect("a name"))
    }

    fn is_whole(&self) {
        let bytes = std::fs::read(self.file()).expect("it is there under its own name");
        assert_eq!(self.export.show()["checksum"], sha256(&bytes));
        assert_eq!(files(self.folder.path()).len(), 1, "and nothing is left beside it");
        let counted = self.export.until("it is counted", |export| export["downloadCount"] != 0);
        assert_eq!(counted["downloadCount"], 1, "cut and resumed is one download");
    }

    /// The request that went on, which says where it goes on and of what.
    fn resumed(&self) -> Asked {
        let gets = self.proxy.gets();
        let packages: Vec<_> = gets.iter().filter(|asked| asked.path.contains("/download")).collect();
        assert_eq!(packages.len(), 2, "{packages:#?}");
        assert_eq!(packages[0].header("range"), "");
        let at = packages[1].first_byte().expect("a range");
        assert!(at > 0 && at <= HALF as u64, "it goes on at {at}");
        packages[1].clone()
    }

    fn tag(&self) -> String {
        self.export.api.head(&self.export.path("/download"), &[]).expect(200).header("etag")
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file").path()).collect()
}

#[test]
fn chromium_resumes_by_itself_what_was_cut_half_way() {
    let story = Story::begin();
    let mut browser = Chromium::open(story.folder.path());
    browser.go(&story.address());
    let ended = browser.download_ended();
    assert_eq!(ended["state"], "completed", "{ended}");
    assert_eq!(story.resumed().header("if-range"), story.tag());
    story.is_whole();
    drop(browser);
    drop(story.house);
}

#[test]
fn firefox_resumes_what_was_cut_half_way() {
    let story = Story::begin();
    let mut browser = Firefox::open(story.folder.path());
    browser.go(&story.address());
    let cut = eventually("the download breaks off", || {
        let download = browser.download()?;
        assert_ne!(download["succeeded"], true, "the line was cut: {download}");
        Some(download).filter(|download| download["stopped"] == true)
    });
    assert_eq!(cut["hasPartialData"], true, "{cut}");
    browser.resume();
    let whole =
        eventually("the download ends", || browser.download().filter(|download| download["stopped"] == true));
    assert_eq!(whole["succeeded"], true, "{whole}");
    assert_eq!(story.resumed().header("if-match"), story.tag());
    story.is_whole();
    drop(browser);
    drop(story.house);
}
