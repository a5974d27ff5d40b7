//! Whether secrets are secret.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use crate::cli::finding::Finding;
use crate::security::Secret;

/// Fewer different characters than this nobody drew at random.
const FEWEST: usize = 10;

/// Whether anybody else can read the files that secrets stand in.
pub fn files(files: &[(&'static str, PathBuf)]) -> Vec<Finding> {
    files.iter().map(|(setting, path)| file(setting, path)).collect()
}

/// Whether anybody else can read the file at `path`, which holds `setting`.
pub fn file(setting: &str, path: &std::path::Path) -> Finding {
    let shown = path.display();
    let there = match fs::metadata(path) {
        Ok(there) => there,
        Err(error) => {
            let next = "let the user that exportd runs as read it";
            return Finding::wrong(
                format!("{shown}, which holds {setting}, cannot be looked at: {error}"),
                next,
            );
        }
    };
    let mode = there.permissions().mode() & 0o777;
    if mode & 0o007 != 0 {
        let next = format!("`chmod 640 {shown}`, or 600; what others may have read is no secret any more");
        return Finding::wrong(
            format!("{shown}, which holds {setting}, is open to everybody ({mode:o})"),
            next,
        );
    }
    if mode & 0o070 != 0 {
        let next = format!("right if that group is exportd's own; else `chmod 600 {shown}`");
        return Finding::note(
            format!("{shown}, which holds {setting}, is open to group {} ({mode:o})", there.gid()),
            next,
        );
    }
    Finding::ok(format!("{shown}, which holds {setting}, is its owner's alone"))
}

/// Whether somebody could think of the secret that tokens are signed with. Its length was looked at
/// with the settings.
pub fn guessable(secret: Option<&Secret>) -> Vec<Finding> {
    let Some(secret) = secret else { return Vec::new() };
    let text = secret.expose().to_ascii_lowercase();
    let different: BTreeSet<char> = text.chars().collect();
    let is_phrase =
        ["change", "secret", "password", "example", "12345678"].iter().any(|word| text.contains(word));
    let next =
        "`openssl rand -hex 32` makes one that nobody guesses; tokens signed with the old one end with it";
    vec![match (different.len() < FEWEST, is_phrase) {
        (true, _) => Finding::wrong("auth.jwt.secret has next to no different characters", next),
        (_, true) => Finding::note("auth.jwt.secret looks like one out of an example", next),
        _ => Finding::ok("auth.jwt.secret is long enough, and looks random"),
    }]
}
