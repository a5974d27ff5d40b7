//! `exportd get`, as people and scripts use it.

mod broken;
mod other_servers;
mod refused;
mod strangers;
mod whole;

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::api::{ExportHandle, eventually};
use crate::support::house::House;
use crate::support::project::noise;
use crate::support::sha256;

/// What a run came to.
struct Ran {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Ran {
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", String::from_utf8_lossy(&self.out), self.err);
        self
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.err))
    }

    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words:?} is not in\n{}", self.err);
        self
    }
}

/// Somebody with a folder and a token.
struct Getter {
    folder: TempDir,
    server: String,
    token: String,
}

impl Getter {
    fn of(export: &ExportHandle) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, server: export.api.url(""), token: export.api.token().to_owned() }
    }

    /// Somebody whom nobody knows.
    fn stranger() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, server: "http://127.0.0.1:1".to_owned(), token: String::new() }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
        command.arg("get").args(words).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("EXPORTD_SERVER", &self.server).env("EXPORTD_TOKEN", &self.token);
        command
    }

    fn get(&self, words: &[&str]) -> Ran {
        ran(self.command(words))
    }

    /// Starts it and does not wait.
    fn begin(&self, words: &[&str]) -> Running {
        let child = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        Running(Some(child.expect("exportd starts")))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name))
            .unwrap_or_else(|error| panic!("{name}: {error}; there are {:?}", self.files()))
    }

    fn files(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.folder.path()).expect("a folder");
        let mut names: Vec<_> =
            files.map(|file| file.expect("a file").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }

    /// Waits until the state beside `name` says that some of it is there, and gives what is missing.
    fn some_of(&self, name: &str, size: u64) -> u64 {
        eventually("some of it is there", || {
            let state = std::fs::read(self.path(&format!("{name}.part.json"))).ok()?;
            let missing = missing(&serde_json::from_slice(&state).ok()?);
            Some(missing).filter(|missing| *missing < size)
        })
    }
}

/// What a state says is still to come.
fn missing(state: &Value) -> u64 {
    let ranges = state["missing"].as_array().expect("ranges");
    let length =
        |range: &Value| range["end"].as_u64().expect("a number") - range["start"].as_u64().expect("one");
    ranges.iter().map(length).sum()
}

fn ran(mut command: Command) -> Ran {
    read(command.output().expect("exportd starts"))
}

fn read(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("it exits by itself"),
        out: output.stdout,
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A run under way; it does not outlive its test.
struct Running(Option<Child>);

impl Running {
    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.0.as_ref().expect("it runs"));
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    /// Kills it at once.
    fn kill(mut self) {
        let mut child = self.0.take().expect("it runs");
        child.kill().expect("it ran");
        child.wait().expect("it is dead");
    }

    fn is_over(&mut self) -> bool {
        self.0.as_mut().expect("it was started").try_wait().expect("it is ours").is_some()
    }

    /// Waits until it says so on standard error.
    fn told(&mut self, words: &str) {
        let child = self.0.as_mut().expect("it was started");
        let mut err = BufReader::new(child.stderr.take().expect("a pipe"));
        let mut told = String::new();
        while !told.contains(words) {
            assert_ne!(err.read_line(&mut told).expect("text"), 0, "{words:?} is not in\n{told}");
        }
        // Whoever writes to a closed pipe may not survive it.
        child.stderr = Some(err.into_inner());
    }

    fn ended(mut self) -> Ran {
        read(self.0.take().expect("it was started").wait_with_output().expect("it ends"))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An export of `size` bytes, about, that nothing compresses; each project's are others.
fn packed(house: &House, project: &str, size: usize) -> ExportHandle {
    house.project("ada", project).file("noise.bin", [project.as_bytes(), &noise(size)].concat());
    let export = house.user("ada").request(project);
    export.completed();
    export
}

fn size(export: &ExportHandle) -> u64 {
    export.show()["fileSize"].as_u64().expect("a size")
}

#[track_caller]
fn is_the_package(bytes: &[u8], export: &ExportHandle) {
    assert_eq!(export.show()["checksum"], sha256(bytes));
}
