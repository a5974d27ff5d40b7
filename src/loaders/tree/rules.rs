//! What of a tree is exported.
//!
//! Globs have gitignore's meaning, at any depth and for whole names: `.env` is `apps/api/.env` too,
//! and `token` is not `tokenizer.rs`. The first rule that matches gives the reason.

use std::path::Path;

use crate::domain::ExportType;
use crate::packaging::{BadGlob, ExcludeReason, Globs};

/// Environment files, private keys, credentials. No option brings them in.
const SECRET: &[&str] = &[
    ".env",
    ".env.*",
    ".envrc",
    ".ssh/",
    ".gnupg/",
    ".aws/",
    ".npmrc",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".pgpass",
    ".htpasswd",
    ".git-credentials",
    ".dockercfg",
    ".docker/config.json",
    ".kube/config",
    "id_rsa",
    "id_rsa.*",
    "id_dsa",
    "id_dsa.*",
    "id_ecdsa",
    "id_ecdsa.*",
    "id_ed25519",
    "id_ed25519.*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "private*key",
    "private*key.txt",
    "token",
    "token.txt",
    "token.json",
    ".token",
    "*.token",
    "*.secret",
    "secret",
    "secret.txt",
    "secrets",
    "secrets.txt",
    "secrets.env",
    "secrets.json",
    "secrets.toml",
    "secrets.yaml",
    "secrets.yml",
    ".secret",
    ".secrets",
    "credentials",
    "credentials.json",
    "service-account*.json",
    "terraform.tfstate",
    "terraform.tfstate.*",
];

/// What others wrote and a package manager brings back.
const DEPENDENCY: &[&str] =
    &["node_modules/", "bower_components/", ".venv/", "venv/", ".tox/", ".gradle/", ".bundle/"];
/// What a build makes.
const BUILD_OUTPUT: &[&str] =
    &["dist/", "build/", "target/", ".next/", ".nuxt/", ".output/", ".svelte-kit/", "*.egg-info/"];
/// What makes the next run faster.
const CACHE: &[&str] = &[
    ".cache/",
    ".parcel-cache/",
    ".turbo/",
    "__pycache__/",
    ".pytest_cache/",
    ".mypy_cache/",
    ".ruff_cache/",
    ".nyc_output/",
    ".exportd/",
];
/// How it came to be. `.git` is a file in worktrees and submodules, and tells where the rest is.
const VERSION_CONTROL: &[&str] = &[".git", ".hg/", ".svn/", ".bzr/", "CVS/"];
/// What operating systems leave.
const OS_JUNK: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini", "._*", "*~", "*.swp"];

/// What of a tree is exported, decided path by path.
#[derive(Debug, Clone)]
pub struct TreeRules {
    excludes: Vec<(ExcludeReason, Globs)>,
    only: Globs,
    own: Vec<Vec<u8>>,
}

impl TreeRules {
    /// The rules for `export_type`. `only` takes paths that match one of it (all, when empty),
    /// `exclude` leaves out what it matches. Neither brings a secret in.
    ///
    /// # Errors
    /// [`BadGlob`].
    pub fn new(export_type: ExportType, only: &[String], exclude: &[String]) -> Result<Self, BadGlob> {
        let mut excludes = vec![(ExcludeReason::Secret, Globs::new(SECRET)?)];
        let left_by_machines: &[(ExcludeReason, &[&str])] = match export_type {
            ExportType::SourceCode => &[
                (ExcludeReason::Dependency, DEPENDENCY),
                (ExcludeReason::BuildOutput, BUILD_OUTPUT),
                (ExcludeReason::Cache, CACHE),
                (ExcludeReason::VersionControl, VERSION_CONTROL),
                (ExcludeReason::OsJunk, OS_JUNK),
            ],
            ExportType::FullProject => &[
                (ExcludeReason::Dependency, DEPENDENCY),
                (ExcludeReason::Cache, CACHE),
                (ExcludeReason::OsJunk, OS_JUNK),
            ],
        };
        for (reason, globs) in left_by_machines {
            excludes.push((*reason, Globs::new(globs)?));
        }
        excludes.push((ExcludeReason::Requested, Globs::new(exclude)?));
        Ok(Self { excludes, only: Globs::new(only)?, own: Vec::new() })
    }

    /// Leaves out these paths of the tree, which are the server's own.
    #[must_use]
    pub fn without(mut self, own: Vec<Vec<u8>>) -> Self {
        self.own = own;
        self
    }

    /// Why `path` is left out, if it is.
    pub(in crate::loaders) fn excluded(&self, path: &[u8], is_folder: bool) -> Option<ExcludeReason> {
        if self.own.iter().any(|own| own == path) {
            return Some(ExcludeReason::OwnData);
        }
        let path = as_path(path);
        self.excludes.iter().find(|(_, globs)| globs.match_path(path, is_folder)).map(|(reason, _)| *reason)
    }

    /// Whether a file was asked for.
    pub(in crate::loaders) fn is_wanted(&self, path: &[u8]) -> bool {
        self.only.is_empty() || self.only.match_within(as_path(path), false)
    }

    /// Whether everything was asked for.
    pub(in crate::loaders) fn wants_all(&self) -> bool {
        self.only.is_empty()
    }
}

fn as_path(path: &[u8]) -> &Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(path: &str, is_folder: bool) -> Option<ExcludeReason> {
        let rules = TreeRules::new(ExportType::SourceCode, &[], &[]).expect("our globs are globs");
        rules.excluded(path.as_bytes(), is_folder)
    }

    /// The earlier systems' lists shipped the first half of these and dropped the second.
    #[test]
    fn whole_names_at_any_depth_and_no_parts_of_names() {
        for secret in [
            ".env",
            "apps/api/.env",
            "apps/api/.env.production",
            "config/.npmrc",
            "a/b/server.KEY",
            "keys/id_rsa",
            "x/id_ed25519.pub",
            "deploy/cert.pem",
            "private_key",
            "conf/token",
            "Secrets.yml",
        ] {
            assert_eq!(reason(secret, false), Some(ExcludeReason::Secret), "{secret}");
        }
        assert_eq!(reason("deploy/.ssh", true), Some(ExcludeReason::Secret));
        assert!(reason("module/.git", false).is_some(), "a file in submodules and worktrees");
        for folder in ["sub/.git", "a/node_modules", "web/dist", "build", "x/.DS_Store"] {
            assert!(reason(folder, true).is_some(), "{folder}");
        }
        for kept in [
            "src/tokenizer.rs",
            "design-tokens.json",
            "src/secretary.ts",
            "rebuild/x",
            "environment.ts",
            "keyboard.rs",
            "src/env.ts",
            ".gitignore",
            ".github/workflows/ci.yml",
            "dist.md",
            "monkey",
            "a..b.txt",
            "secrets.rs",
        ] {
            assert_eq!(reason(kept, false), None, "{kept}");
        }
    }

    #[test]
    fn a_full_project_keeps_builds_and_history_but_no_secret() {
        let rules = TreeRules::new(ExportType::FullProject, &[], &["*.log".to_owned()]).expect("globs");
        assert_eq!(rules.excluded(b".git", true), None);
        assert_eq!(rules.excluded(b"dist", true), None);
        assert_eq!(rules.excluded(b"a/.env", false), Some(ExcludeReason::Secret));
        assert_eq!(rules.excluded(b"a/x.log", false), Some(ExcludeReason::Requested));
    }

    #[test]
    fn a_wish_cannot_bring_a_secret_in() {
        let only = ["!.env".to_owned(), ".env".to_owned(), "src/**".to_owned()];
        let rules = TreeRules::new(ExportType::FullProject, &only, &["!.env".to_owned()]).expect("globs");
        assert_eq!(rules.excluded(b".env", false), Some(ExcludeReason::Secret));
        assert!(rules.is_wanted(b"src/a/b.rs") && !rules.is_wanted(b"docs/a.md"));
    }
}
