//! Whether nginx fits, where there is one in front.

use crate::app::Mode;
use crate::cli::finding::Finding;
use crate::cli::nginx::{Checking, FrontArgs, findings, installed, is_before_exportd};
use crate::config::Settings;

/// What `exportd nginx check` finds; nothing where nobody wants an nginx.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let is_wanted = settings.download.mode == Mode::Accel;
    let nginx = installed(None);
    if nginx.is_none() && is_wanted {
        let next =
            "right if it is on another machine, or in another container: run `exportd nginx check` there";
        return vec![Finding::note("download.mode is accel, and this machine has no nginx", next)];
    }
    // An nginx that is here for something else is none of ours.
    if !is_wanted && !nginx.is_some_and(|nginx| is_before_exportd(&nginx)) {
        return Vec::new();
    }
    // Which certificate it has is its own business here.
    let front = FrontArgs { plain: true, ..FrontArgs::default() };
    match findings(&front, &Checking::default(), settings) {
        Ok(found) => found,
        Err(failure) => vec![Finding::wrong(failure.to_string(), "`exportd nginx check` tells more")],
    }
}
