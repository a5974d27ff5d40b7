//! Whether nginx and exportd fit together.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::front::{Front, FrontArgs};
use super::installed::Installed;
use super::program;
use super::reach::{Obstacle, User, readable};
use super::trial;
use crate::app::{DownloadConfig, Mode};
use crate::cli::finding::{Finding, Verdict};
use crate::cli::outcome::{Exit, Failure};
use crate::cli::output;
use crate::config::Settings;

/// How to check.
#[derive(Debug, Clone, Default, Args)]
pub struct Checking {
    /// The nginx to try it with [default: the one on PATH or in /usr/sbin]
    #[arg(long, value_name = "FILE")]
    nginx: Option<PathBuf>,
    /// The main file that nginx is started with, if it is not its usual one
    #[arg(long, value_name = "FILE")]
    conf: Option<PathBuf>,
    /// For programs
    #[arg(long)]
    json: bool,
}

/// Looks at everything, and tells it.
///
/// # Errors
/// When the settings cannot be written down for nginx.
pub fn run(front: &FrontArgs, checking: &Checking, settings: &Settings) -> Result<Exit, Failure> {
    let findings = findings(front, checking, settings)?;
    if checking.json {
        output::json(&findings)?;
    } else {
        findings.iter().try_for_each(output::result)?;
    }
    let is_wrong = findings.iter().any(|finding| finding.verdict == Verdict::Wrong);
    Ok(if is_wrong { Exit::Failed } else { Exit::Done })
}

/// Whether that nginx is configured as a front of exportd's, as far as can be seen.
pub fn is_before_exportd(nginx: &Path) -> bool {
    Installed::read(nginx, None).is_ok_and(|installed| installed.has_front())
}

/// Looks at everything.
///
/// # Errors
/// When the settings cannot be written down for nginx.
pub fn findings(
    front: &FrontArgs,
    checking: &Checking,
    settings: &Settings,
) -> Result<Vec<Finding>, Failure> {
    let nginx = program::find(checking.nginx.as_deref());
    let version = nginx.as_deref().and_then(program::version);
    let front = front.of(settings, version.is_some_and(program::has_http2_directive))?;
    Ok(looked_at(&front, nginx.as_deref(), checking, settings))
}

fn looked_at(front: &Front, nginx: Option<&Path>, checking: &Checking, settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![mode(&settings.download), believed(front, settings), way_around(settings)];
    let Some(nginx) = nginx else {
        findings.push(Finding::wrong(
            "there is no nginx on PATH or in /usr/sbin",
            "`apt install nginx`, or say where it is with --nginx",
        ));
        return findings;
    };
    findings.push(supported(nginx));
    findings.push(trial::of(front, nginx));
    let installed = Installed::read(nginx, checking.conf.as_deref());
    match &installed {
        Ok(installed) => findings.extend(installed.compared(front)),
        Err(finding) => findings.push(finding.clone()),
    }
    if front.mode == Mode::Accel {
        let told = installed.as_ref().ok().and_then(Installed::user);
        let user = front.args.user.as_deref().or(told).unwrap_or("www-data");
        findings.push(reach(front, user));
    }
    findings
}

fn supported(nginx: &Path) -> Finding {
    let told = nginx.display();
    match program::version(nginx) {
        Some(version @ (major, minor, patch)) if version >= (1, 22, 0) => {
            Finding::ok(format!("{told} is nginx {major}.{minor}.{patch}"))
        }
        Some((major, minor, patch)) => Finding::note(
            format!("{told} is nginx {major}.{minor}.{patch}; exportd is tested with 1.22 and later"),
            "install a later one if something is not as it should be",
        ),
        None => Finding::note(
            format!("{told} does not say which version it is"),
            "exportd is tested with 1.22 and later",
        ),
    }
}

fn mode(download: &DownloadConfig) -> Finding {
    match (download.mode, download.total_rate_limit) {
        (Mode::Direct, _) => Finding::note(
            "download.mode is direct: exportd sends all bytes itself, through nginx",
            "set `download.mode = \"accel\"` for nginx to send packages, and restart exportd",
        ),
        (Mode::Accel, Some(_)) => Finding::note(
            "download.total_rate_limit is set: only exportd can share it fairly, so that nginx is handed nothing",
            "remove it for nginx to send packages; download.rate_limit goes with both",
        ),
        (Mode::Accel, None) => Finding::ok("download.mode is accel: nginx sends packages"),
    }
}

/// nginx is only believed, about clients' addresses and about itself, when it is a trusted proxy.
fn believed(front: &Front, settings: &Settings) -> Finding {
    // From the same machine a connection comes from the address that it goes to.
    let from: IpAddr = front.upstream.ip();
    if settings.server.trusted_proxies.iter().any(|network| network.contains(from)) {
        return Finding::ok(format!("server.trusted_proxies has {from}, from where nginx comes"));
    }
    let next =
        format!("add {from} to `server.trusted_proxies` (or nginx's address, if it is on another machine)");
    Finding::wrong(
        format!(
            "server.trusted_proxies does not have {from}, from where nginx comes: it is handed nothing, and all clients seem to be one"
        ),
        next,
    )
}

fn way_around(settings: &Settings) -> Finding {
    let listen = &settings.server.listen;
    let is_local = listen.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
    if is_local {
        return Finding::ok(format!("server.listen is {listen}: only this machine gets past nginx"));
    }
    Finding::note(
        format!("server.listen is {listen}: others may get past nginx, its limits and its TLS"),
        "set `server.listen = \"127.0.0.1:8080\"` if nginx is on this machine, or close the port to others",
    )
}

fn reach(front: &Front, name: &str) -> Finding {
    let Some(user) = User::named(name) else {
        return Finding::wrong(
            format!("nginx is to run as `{name}`, and there is no such user"),
            "name the one in nginx.conf with --user",
        );
    };
    let root = front.packages.display();
    match readable(&front.packages, &user) {
        Ok(()) => Finding::ok(format!("{name}, as whom nginx runs, can read the packages in {root}")),
        Err(Obstacle::Folder(folder)) => Finding::wrong(
            format!(
                "{name}, as whom nginx runs, cannot pass {}: exportd sends all packages itself",
                folder.display()
            ),
            format!(
                "`adduser {name} GROUP` with exportd's group, `chmod g+x` (or o+x) for that folder, then restart nginx"
            ),
        ),
        Err(Obstacle::Package(package)) => Finding::wrong(
            format!("{name}, as whom nginx runs, cannot read {}", package.display()),
            "it is older than `download.mode = \"accel\"`: `chmod -R g+rX` the folder of the packages",
        ),
        Err(Obstacle::Unseen(path, error)) if error.kind() == std::io::ErrorKind::NotFound => Finding::note(
            format!("{} is not there yet", path.display()),
            "start exportd once, then check again",
        ),
        Err(Obstacle::Unseen(path, error)) => {
            Finding::note(format!("{} cannot be looked at: {error}", path.display()), "run this as root")
        }
    }
}
