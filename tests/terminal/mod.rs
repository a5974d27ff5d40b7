//! The command line as a person at a terminal, and a script, meet it.

mod completing;
mod creating;
mod doctor;
mod following;
mod listing;
mod manual;
mod shapes;

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::api::Api;

/// What a run came to.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }

    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }

    /// On standard output.
    #[track_caller]
    fn tells(self, words: &str) -> Self {
        assert!(self.out.contains(words), "{words:?} is not in\n{}\nbut\n{}", self.out, self.err);
        self
    }

    /// On standard error.
    #[track_caller]
    fn notes(self, words: &str) -> Self {
        assert!(self.err.contains(words), "{words:?} is not in\n{}", self.err);
        self
    }
}

/// Somebody with a folder, a server and a token.
struct Terminal {
    folder: TempDir,
    server: String,
    token: String,
}

impl Terminal {
    fn of(caller: &Api) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, server: caller.url(""), token: caller.token().to_owned() }
    }

    /// The same person, who asks another server.
    fn at(self, server: String) -> Self {
        Self { server, ..self }
    }

    /// Somebody whom nobody knows.
    fn stranger(self) -> Self {
        Self { token: String::new(), ..self }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
        command.args(words).current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("EXPORTD_SERVER", &self.server);
        if !self.token.is_empty() {
            command.env("EXPORTD_TOKEN", &self.token);
        }
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        ran(self.command(words))
    }

    fn export(&self, words: &[&str]) -> Ran {
        self.run(&[&["export"], words].concat())
    }

    /// Starts it and does not wait.
    fn begin(&self, words: &[&str]) -> Running {
        let child = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.expect("it starts");
        let err = BufReader::new(child.stderr.take().expect("a pipe"));
        Running { child: Some(child), err, told: String::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// A run under way; it does not outlive its test.
struct Running {
    child: Option<Child>,
    err: BufReader<ChildStderr>,
    told: String,
}

impl Running {
    /// Waits until it says so on standard error.
    #[track_caller]
    fn until(&mut self, words: &str) {
        while !self.told.contains(words) {
            assert_ne!(
                self.err.read_line(&mut self.told).expect("text"),
                0,
                "{words:?} is not in\n{}",
                self.told
            );
        }
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(self.child.as_ref().expect("it runs"));
        rustix::process::kill_process(pid, signal).expect("it runs");
    }

    fn ended(mut self) -> Ran {
        self.err.read_to_string(&mut self.told).expect("text");
        let output = self.child.take().expect("it runs").wait_with_output().expect("it ends");
        Ran { err: std::mem::take(&mut self.told), ..read(output) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ran(mut command: Command) -> Ran {
    read(command.output().expect("it starts"))
}

fn read(output: Output) -> Ran {
    Ran {
        code: output.status.code().expect("it exits by itself"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
