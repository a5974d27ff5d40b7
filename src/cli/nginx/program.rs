//! The nginx of this machine.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where it may be when `PATH` does not say so: Debian keeps it out of users' ways.
const USUAL: [&str; 3] = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

/// Major, minor, patch.
pub type Version = (u32, u32, u32);

/// `told`, or the first nginx on `PATH` or where it usually is.
pub fn find(told: Option<&Path>) -> Option<PathBuf> {
    if let Some(told) = told {
        return told.is_file().then(|| told.to_owned());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(USUAL.map(PathBuf::from));
    folders.map(|folder| folder.join("nginx")).find(|program| program.is_file())
}

/// What it says when it is run with `arguments`: whether all was well, its output and its errors.
///
/// # Errors
/// When it cannot be started.
pub fn asked(nginx: &Path, arguments: &[&str]) -> std::io::Result<(bool, String, String)> {
    let ran = Command::new(nginx).args(arguments).output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((ran.status.success(), text(&ran.stdout), text(&ran.stderr)))
}

/// Which one it is.
pub fn version(nginx: &Path) -> Option<Version> {
    let (_, _, said) = asked(nginx, &["-v"]).ok()?;
    parse(&said)
}

/// Whether `http2 on;` is to be written and not `listen … http2`.
pub fn has_http2_directive(version: Version) -> bool {
    version >= (1, 25, 1)
}

/// `nginx version: nginx/1.22.1`, or the like of those who build upon it.
fn parse(said: &str) -> Option<Version> {
    let number = said.split_once('/')?.1;
    let end = number.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(number.len());
    let mut parts = number[..end].split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read_whoever_built_it() {
        assert_eq!(parse("nginx version: nginx/1.22.1\n"), Some((1, 22, 1)));
        assert_eq!(parse("nginx version: openresty/1.27.1.1"), Some((1, 27, 1)));
        assert_eq!(parse("nginx version: nginx/1.29.3 (Ubuntu)"), Some((1, 29, 3)));
        assert_eq!(parse("nonsense"), None);
        assert!(has_http2_directive((1, 25, 1)) && !has_http2_directive((1, 25, 0)));
    }
}
