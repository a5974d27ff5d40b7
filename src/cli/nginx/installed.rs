//! What nginx is really run with.

use std::path::Path;

use super::blocks::{Directive, of_dump, parse};
use super::front::Front;
use super::{guards, program, text};
use crate::cli::finding::Finding;

/// The settings that nginx and exportd have to agree on.
const AGREED: [&str; 4] = ["server.listen", "storage.root", "download.accel_prefix", "download.accel_log"];

/// How to have what `nginx print` writes.
const PRINT: &str =
    "`exportd nginx print > /etc/nginx/conf.d/exportd.conf`, then `nginx -t && systemctl reload nginx`";

/// All of nginx's own configuration, as `nginx -T` tells it.
#[derive(Debug)]
pub struct Installed(Vec<Directive>);

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
            Ok((true, dump, _)) => Ok(Self(of_dump(&dump))),
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
        self.0.iter().find(|line| line.is("user")).map(Directive::value)
    }

    /// Whether it has a front of exportd's.
    pub fn has_front(&self) -> bool {
        self.has(&["upstream", "exportd"])
    }

    /// Whether it has this front, agrees with the settings, and keeps what has to be kept.
    pub fn compared(&self, front: &Front) -> Vec<Finding> {
        let mut findings = Vec::new();
        let serving = guards::serving(front, &self.0);
        if !serving.is_empty() {
            let next =
                "no location but exportd's own, which is `internal`, may lead to the folder of the packages";
            findings.push(Finding::wrong(told("nginx gives away packages: ", serving), next));
        }
        findings.push(self.agreeing(front));
        findings
    }

    fn agreeing(&self, front: &Front) -> Finding {
        if !self.has_front() {
            return Finding::note("nginx's configuration has no exportd in it yet", PRINT);
        }
        let lines = text::agreed(front, &AGREED).into_iter();
        let other = lines.filter(|(_, line)| !parse(line).iter().all(|wanted| self.has(&wanted.words)));
        let other: Vec<_> = other.map(|(name, line)| format!("{name} asks for `{line}`")).collect();
        if !other.is_empty() {
            return Finding::wrong(told("nginx's configuration has other values: ", other), PRINT);
        }
        let lacking = guards::lacking(front, &self.0);
        match lacking.is_empty() {
            true => Finding::ok("nginx's configuration agrees with the settings"),
            false => {
                Finding::wrong(told("nginx's configuration is not what exportd relies on: ", lacking), PRINT)
            }
        }
    }

    /// Whether there is such a directive anywhere.
    fn has<W: PartialEq<String>>(&self, words: &[W]) -> bool {
        fn is_in<W: PartialEq<String>>(words: &[W], block: &[Directive]) -> bool {
            block.iter().any(|line| words == line.words || is_in(words, &line.block))
        }
        is_in(words, &self.0)
    }
}

fn told(what: &str, faults: impl IntoIterator<Item = String>) -> String {
    what.to_owned() + &faults.into_iter().collect::<Vec<_>>().join("; ")
}
