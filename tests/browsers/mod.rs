//! The browsers that people download with, cut off half way and sent on.
//!
//! A browser is started without a window, with a profile and a download folder of its own, and goes
//! with its test.

mod chromium;
mod firefox;
mod signed_in;

use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use crate::support::api::eventually;
use crate::support::story::Story;
pub use chromium::Chromium;
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

#[test]
fn chromium_resumes_by_itself_what_was_cut_half_way() {
    let story = Story::begin(2 * HALF, HALF);
    let mut browser = Chromium::open(story.folder());
    browser.go(&story.address());
    let ended = browser.download_ended();
    assert_eq!(ended["state"], "completed", "{ended}");
    assert_eq!(story.resumed().header("if-range"), story.tag());
    story.ends_well(&story.file());
}

#[test]
fn firefox_resumes_what_was_cut_half_way() {
    let story = Story::begin(2 * HALF, HALF);
    let mut browser = Firefox::open(story.folder());
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
    story.ends_well(&story.file());
}
