//! The names that are left out without anybody asking.

use crate::domain::ExportType;
use crate::packaging::ExcludeReason;

/// Files that hold secrets, by their names. No option brings them in.
///
/// `.env.example` and its like are among them: by the name alone nobody knows whether its values
/// are examples, a template costs its reader one question, and a leak costs an account.
pub const SECRET_FILES: &[&str] = &[
    // environments
    ".env*",
    "*.env",
    // private keys and the stores they are kept in
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "ssh_host_*_key",
    "*.pem",
    "*.key",
    "*.ppk",
    "*.p8",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdb",
    "*.kdbx",
    "*.agekey",
    "private*key",
    "private*key.txt",
    "secring.*",
    // words that say what is inside
    "token",
    "token.txt",
    "token.json",
    ".token",
    "*.token",
    "secret",
    "secret.txt",
    ".secret",
    "*.secret",
    "secrets",
    "secrets.txt",
    "secrets.json",
    "secrets.toml",
    "secrets.yaml",
    "secrets.yml",
    ".secrets",
    "credentials",
    "credentials.csv",
    "credentials.db",
    "credentials.ini",
    "credentials.json",
    "credentials.toml",
    "credentials.xml",
    "credentials.yaml",
    "credentials.yml",
    "passwords.txt",
    ".passwd",
    // what package managers and version control sign in with
    ".npmrc",
    ".pypirc",
    ".netrc",
    "_netrc",
    ".git-credentials",
    ".composer/auth.json",
    ".m2/settings.xml",
    "settings-security.xml",
    "*.git/config",
    "*.git/config.worktree",
    ".git/modules/*/config",
    ".git/modules/*/*/config",
    ".git/worktrees/*/config.worktree",
    ".hg/hgrc",
    ".svn/auth/*/*",
    // databases
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    ".mylogin.cnf",
    ".htpasswd",
    // clusters and clouds
    ".dockercfg",
    ".dockerconfigjson",
    ".docker/config.json",
    "containers/auth.json",
    "kubeconfig",
    "kubeconfig.*",
    "*.kubeconfig",
    ".vault-token",
    ".vault_pass*",
    ".vault-pass*",
    "vault_pass.txt",
    "service-account*.json",
    "service_account*.json",
    "serviceaccount*.json",
    "*-service-account.json",
    "*firebase-adminsdk*.json",
    "application_default_credentials.json",
    "client_secret*.json",
    "*.tfstate",
    "*.tfstate.*",
    "*.tfrc.json",
    ".terraformrc",
    ".boto",
    ".s3cfg",
    "rclone.conf",
    ".databrickscfg",
    ".sentryclirc",
    ".clasprc.json",
    // what tools that copy to servers remember, and shells of what was typed
    "sftp-config.json",
    ".ftpconfig",
    ".vscode/sftp.json",
    ".remote-sync.json",
    "sitemanager.xml",
    "recentservers.xml",
    ".bash_history",
    ".zsh_history",
    ".mysql_history",
    ".psql_history",
];

/// Folders of which everything is a secret.
pub const SECRET_FOLDERS: &[&str] = &[
    ".env/",
    ".envs/",
    ".ssh/",
    ".gnupg/",
    ".aws/",
    ".azure/",
    ".kube/",
    ".oci/",
    "gcloud/legacy_credentials/",
    ".secret/",
    ".secrets/",
];

/// What belongs to who keeps the projects.
pub const OWN_DATA: &[&str] = &[".exportd/", ".sheenapps-project/"];

/// What others wrote and a package manager brings back.
const DEPENDENCY: &[&str] = &[
    "node_modules/",
    "bower_components/",
    "jspm_packages/",
    ".pnpm-store/",
    ".venv/",
    "venv/",
    ".tox/",
    ".nox/",
    ".eggs/",
    "site-packages/",
    "__pypackages__/",
    ".gradle/",
    ".bundle/",
    "Pods/",
    "elm-stuff/",
    ".terraform/",
];

/// What a build makes.
const BUILD_OUTPUT: &[&str] = &[
    "dist/",
    "build/",
    "target/",
    ".next/",
    ".nuxt/",
    ".output/",
    ".svelte-kit/",
    ".serverless/",
    ".aws-sam/",
    ".docusaurus/",
    ".dart_tool/",
    "DerivedData/",
    "*.egg-info/",
    "*.tsbuildinfo",
];

/// What makes the next run faster.
const CACHE: &[&str] = &[
    ".cache/",
    ".parcel-cache/",
    ".sass-cache/",
    ".turbo/",
    ".vite/",
    ".angular/",
    ".nx/cache/",
    ".swc/",
    ".expo/",
    ".eslintcache",
    ".stylelintcache",
    "__pycache__/",
    "*.pyc",
    ".pytest_cache/",
    ".mypy_cache/",
    ".ruff_cache/",
    ".hypothesis/",
    ".ipynb_checkpoints/",
    ".nyc_output/",
];

/// How it came to be. `.git` is a file in worktrees and submodules, and tells where the rest is.
const VERSION_CONTROL: &[&str] = &[".git", ".hg/", ".svn/", ".bzr/", ".jj/", "_darcs/", "CVS/"];

/// What operating systems and editors leave.
const OS_JUNK: &[&str] = &[
    ".DS_Store",
    ".Spotlight-V100/",
    ".Trashes/",
    ".fseventsd/",
    "._*",
    "Thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "$RECYCLE.BIN/",
    ".directory",
    ".nfs*",
    "*~",
    "*.swp",
    "*.swo",
];

/// What is left out of an `export_type` unless the project itself brings it back.
pub const fn defaults(export_type: ExportType) -> &'static [(ExcludeReason, &'static [&'static str])] {
    match export_type {
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
    }
}
