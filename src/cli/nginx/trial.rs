//! The configuration, tried by nginx itself.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use super::front::{Front, FrontArgs};
use super::{program, text};
use crate::cli::finding::Finding;

/// What nginx is known to complain of, and what to do about it.
const REMEDIES: [(&str, &str); 6] = [
    (
        "cannot load certificate key",
        "give the key of the certificate with --tls-key, and run this as root: nobody else may read keys",
    ),
    (
        "cannot load certificate",
        "give yours with --tls-certificate and --tls-key; `apt install ssl-cert` makes one to try with, --plain goes without",
    ),
    ("SSL_CTX_use_PrivateKey", "this key is another certificate's; give both of one pair"),
    ("ngx_http_v2_module", "this nginx was built without HTTP/2; install Debian's `nginx`"),
    ("ngx_http_ssl_module", "this nginx was built without TLS; install Debian's `nginx`"),
    ("\"aio threads\" is unsupported", "this nginx was built without threads; install Debian's `nginx`"),
];

/// What `nginx -t` says of `front`. It runs in a folder of its own and touches no port.
pub fn of(front: &Front, nginx: &Path) -> Finding {
    let tried = Folder::make().and_then(|folder| {
        let file = folder.0.join("nginx.conf");
        fs::write(&file, text::written(&within(front, &folder.0)))?;
        let (folder, file) = (folder.0.display().to_string(), file.display().to_string());
        program::asked(nginx, &["-t", "-e", "stderr", "-p", &folder, "-c", &file])
    });
    match tried {
        Err(error) => {
            Finding::wrong(format!("{} cannot be run: {error}", nginx.display()), "install nginx anew")
        }
        Ok((true, _, said)) => match complaints(&said).as_slice() {
            [] => Finding::ok("`nginx -t` finds nothing wrong with the configuration"),
            warnings => Finding::note(warnings.join("; "), "it works all the same"),
        },
        Ok((false, _, said)) => {
            let complaints = complaints(&said).join("; ");
            let known = REMEDIES.iter().find(|(words, _)| complaints.contains(words));
            let next = known.map_or("look at the line with `exportd nginx print`", |(_, next)| next);
            Finding::wrong(format!("nginx does not take the configuration: {complaints}"), next)
        }
    }
}

/// The same front with everything it would open below `folder`.
fn within(front: &Front, folder: &Path) -> Front {
    let args = FrontArgs {
        complete: Some(folder.to_owned()),
        listen: vec![format!("unix:{}", folder.join("socket").display())],
        access_log: None,
        user: None,
        ..front.args.clone()
    };
    Front { args, accel_log: folder.join("accel.log"), ..front.clone() }
}

/// nginx's words without time, level, process, file and verdict.
fn complaints(said: &str) -> Vec<String> {
    let words = said.lines().filter_map(|line| {
        let (before, words) = line.split_once("] ")?;
        before.contains('[').then(|| match words.split_once(": ") {
            Some((process, words)) if process.contains('#') => words,
            _ => words,
        })
    });
    words.map(|words| words.split_once(" in /").map_or(words, |(words, _)| words).to_owned()).collect()
}

/// A folder that nobody else looks into, gone when dropped.
struct Folder(PathBuf);

impl Folder {
    fn make() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("exportd-nginx-{}", uuid::Uuid::new_v4().simple()));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left there is a configuration and empty logs.
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_is_quoted_in_its_own_words_only() {
        let said = "nginx: [warn] low address bits of 1.2.3.4/8 are meaningless in /tmp/a/nginx.conf:1\n\
                    2026/11/21 13:43:55 [emerg] 9021#9021: unknown directive \"x\" in /tmp/a/nginx.conf:3\n\
                    nginx: configuration file /tmp/a/nginx.conf test failed\n";
        assert_eq!(
            complaints(said),
            ["low address bits of 1.2.3.4/8 are meaningless", "unknown directive \"x\""]
        );
    }
}
