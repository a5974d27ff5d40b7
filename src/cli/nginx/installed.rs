//! What nginx is really run with.

use std::path::Path;

use super::front::Front;
use super::{program, text};
use crate::cli::finding::Finding;

/// The settings that nginx and exportd have to agree on.
const AGREED: [&str; 4] = ["server.listen", "storage.root", "download.accel_prefix", "download.accel_log"];

/// All of nginx's own configuration, as `nginx -T` tells it.
#[derive(Debug)]
pub struct Installed(String);

impl Installed {
    /// Reads what nginx starts with: its usual main file, or `conf`.
    ///
    /// # Errors
    /// Why it cannot be seen, as a finding.
    pub fn read(nginx: &Path, conf: Option<&Path>) -> Result<Self, Finding> {
        let conf = conf.map(|conf| conf.display().to_string());
        let mut arguments = vec!["-T", "-e", "stderr"];
        arguments.extend(conf.iter().flat_map(|conf| ["-c", conf]));
        match program::asked(nginx, &arguments) {
            Ok((true, dump, _)) => Ok(Self(dump)),
            Ok((false, _, said)) => {
                let first =
                    said.lines().find(|line| line.contains("[emerg]")).unwrap_or("it does not say why");
                let next = "put that right, or run this as root: nginx's configuration is root's";
                Err(Finding::note(format!("nginx's own configuration cannot be seen: {first}"), next))
            }
            Err(error) => Err(Finding::note(format!("nginx cannot be run: {error}"), "install nginx anew")),
        }
    }

    /// Who nginx's workers are, if it says so.
    pub fn user(&self) -> Option<&str> {
        let words = self.directives().find_map(|line| line.strip_prefix("user ")?.strip_suffix(';'))?;
        words.split_whitespace().next()
    }

    /// Whether it has a front of exportd's.
    pub fn has_front(&self) -> bool {
        self.directives().any(|line| line == "upstream exportd {")
    }

    /// Whether it has this front, and agrees with the settings.
    pub fn compared(&self, front: &Front) -> Finding {
        const PRINT: &str = "`exportd nginx print > /etc/nginx/conf.d/exportd.conf`, then `nginx -t && systemctl reload nginx`";
        if !self.has_front() {
            return Finding::note("nginx's configuration has no exportd in it yet", PRINT);
        }
        let other: Vec<_> = text::agreed(front, &AGREED)
            .into_iter()
            .filter(|(_, line)| !self.directives().any(|found| found == line))
            .map(|(name, line)| format!("{name} asks for `{line}`"))
            .collect();
        match other.as_slice() {
            [] => Finding::ok("nginx's configuration agrees with the settings"),
            other => {
                Finding::wrong(format!("nginx's configuration has other values: {}", other.join("; ")), PRINT)
            }
        }
    }

    /// The lines without their remarks.
    fn directives(&self) -> impl Iterator<Item = &str> {
        self.0.lines().map(|line| line.split_once(" #").map_or(line, |(code, _)| code).trim())
    }
}
