//! Repositories for tests, made by git itself.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A repository with a work tree.
#[derive(Debug, Clone)]
pub struct Repository {
    /// Its work tree.
    pub path: PathBuf,
}

impl Repository {
    /// An empty repository at `path`, on the branch `main`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self::with(path, &[])
    }

    /// The same, with more words for `git init`.
    pub fn with(path: impl Into<PathBuf>, options: &[&str]) -> Self {
        let path = path.into();
        fs::create_dir_all(&path).expect("a folder");
        let repository = Self { path };
        repository.git(&[&["init", "-q", "-b", "main"], options].concat());
        repository
    }

    /// Writes a file.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let file = self.path.join(path);
        fs::create_dir_all(file.parent().expect("inside")).expect("a folder");
        fs::write(file, content).expect("a file");
        self
    }

    /// Commits all that is there, and gives the commit's name.
    pub fn commit(&self, subject: &str) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    /// Runs git here, and gives what it said.
    pub fn git(&self, arguments: &[&str]) -> String {
        let said = self.bytes_of(arguments, b"");
        String::from_utf8(said).expect("text").trim_end().to_owned()
    }

    /// The name of the object that git makes of `content`, as it stands.
    pub fn object(&self, kind: &str, content: &[u8]) -> String {
        let arguments = ["hash-object", "-w", "-t", kind, "--literally", "--stdin"];
        String::from_utf8(self.bytes_of(&arguments, content)).expect("text").trim_end().to_owned()
    }

    /// The commit of a tree, given as git keeps it: `(mode, name, object)` each.
    pub fn commit_tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let tree = self.object("tree", &raw_tree(entries));
        self.git(&["commit-tree", "-m", "made by hand", &tree])
    }

    /// What `git` writes, byte by byte, when it reads `input`.
    pub fn bytes_of(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let mut git = Command::new("git");
        git.arg("-C").arg(&self.path).args(arguments);
        git.env_clear().env("PATH", std::env::var_os("PATH").expect("a PATH")).env("HOME", "/nonexistent");
        git.envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_AUTHOR_NAME", "Ada"), ("GIT_COMMITTER_NAME", "Ada")]);
        git.envs([("GIT_AUTHOR_EMAIL", "a@b.c"), ("GIT_COMMITTER_EMAIL", "a@b.c")]);
        // Each commit a second after the one before: git's clock has no finer hand.
        let date = format!("{} +0000", 1_700_000_000 + commits(&self.path));
        git.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        let mut child = git
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("git is installed");
        let mut stdin = child.stdin.take().expect("piped");
        let input = input.to_vec();
        let writer = std::thread::spawn(move || stdin.write_all(&input));
        let said = child.wait_with_output().expect("git ends");
        writer.join().expect("written").ok();
        assert!(said.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&said.stderr));
        said.stdout
    }

    /// The file of a loose object.
    pub fn loose(&self, id: &str) -> PathBuf {
        self.path.join(".git/objects").join(&id[..2]).join(&id[2..])
    }
}

/// A tree as git keeps it.
pub fn raw_tree(entries: &[(&str, &[u8], &str)]) -> Vec<u8> {
    let mut tree = Vec::new();
    for (mode, name, object) in entries {
        tree.extend_from_slice(format!("{mode} ").as_bytes());
        tree.extend_from_slice(name);
        tree.push(0);
        let pairs = object.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).expect("digits"));
        tree.extend(pairs.map(|pair| u8::from_str_radix(pair, 16).expect("digits")));
    }
    tree
}

/// How many commits were made here.
fn commits(path: &Path) -> usize {
    let log = fs::read_to_string(path.join(".git/logs/HEAD")).unwrap_or_default();
    log.lines().count()
}
