//! exportd as a process of its own, that a test may kill.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use tempfile::TempDir;

use super::api::Api;
use super::postgres::OwnDatabase;
use super::project::{ProjectFolder, stored_files};

const SECRET: &str = "a secret for tests of thirty-two bytes or more";

/// Where a server lives, whether it runs or not.
pub struct Site {
    folder: TempDir,
    database: Option<OwnDatabase>,
    settings: Vec<(String, String)>,
}

/// A running server.
pub struct Server {
    child: Child,
    address: SocketAddr,
    exportd: PathBuf,
    folder: PathBuf,
}

impl Site {
    /// A site with these settings (`EXPORTD__…` without the prefix) beside the usual ones.
    pub fn new(settings: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir(folder.path().join("projects")).expect("a folder");
        let settings =
            settings.iter().map(|(key, value)| (format!("EXPORTD__{key}"), (*value).to_owned())).collect();
        Self { folder, database: OwnDatabase::if_wanted(), settings }
    }

    /// More of its environment, by whole names.
    pub fn environment(&mut self, variables: &[(&str, &str)]) {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        self.settings.extend(variables);
    }

    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where its rows are, if in PostgreSQL.
    pub fn database(&self) -> Option<&OwnDatabase> {
        self.database.as_ref()
    }

    /// An empty project.
    pub fn project(&self, user: &str, id: &str) -> ProjectFolder {
        ProjectFolder::new(&self.path().join("projects"), user, id)
    }

    /// exportd with this site's settings and these arguments.
    pub fn exportd(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("EXPORTD__SERVER__LISTEN", "127.0.0.1:0")
            .env("EXPORTD__SERVER__OPS_LISTEN", "off")
            .env("EXPORTD__STORAGE__RESERVE", "0B")
            .env("EXPORTD__LIMITS__EXPORTS_PER_HOUR", "none")
            .env("EXPORTD__LIMITS__EXPORTS_PER_DAY", "none")
            .env("EXPORTD__LIMITS__DOWNLOADS_PER_MINUTE", "none")
            .env("EXPORTD__AUTH__JWT__SECRET", SECRET)
            .envs(self.database.as_ref().map(|database| ("EXPORTD__DATABASE__URL", &database.url)))
            .envs(self.database.as_ref().and_then(|database| {
                database.owner_url.as_ref().map(|url| ("EXPORTD__DATABASE__MIGRATE_URL", url))
            }))
            .envs(self.settings.iter().map(|(key, value)| (key, value)));
        command
    }

    /// Starts the server and waits for its ready line.
    pub fn serve(&self) -> Server {
        self.serve_at("127.0.0.1:0")
    }

    /// Starts the server at `listen` and waits for its ready line.
    pub fn serve_at(&self, listen: &str) -> Server {
        let log =
            std::fs::File::options().create(true).append(true).open(self.path().join("log")).expect("a log");
        let mut child = self
            .exportd(&["serve"])
            .env("EXPORTD__SERVER__LISTEN", listen)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("exportd starts");
        let mut line = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        out.read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on http://").map(str::parse);
        let Some(Ok(address)) = address else { panic!("not ready: {line:?}\n{}", self.log()) };
        let exportd = env!("CARGO_BIN_EXE_exportd").into();
        Server { child, address, exportd, folder: self.path().to_owned() }
    }

    /// What all its servers have logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.path().join("log")).unwrap_or_default()
    }

    /// Every file of packages, finished or not.
    pub fn stored_files(&self) -> Vec<PathBuf> {
        stored_files(&self.path().join("packages"))
    }
}

impl Server {
    /// A user's way in.
    pub fn user(&self, name: &str) -> Api {
        let token = Command::new(&self.exportd)
            .args(["token", "--user", name])
            .current_dir(&self.folder)
            .env("EXPORTD__AUTH__JWT__SECRET", SECRET)
            .output()
            .expect("a token");
        assert!(token.status.success(), "{}", String::from_utf8_lossy(&token.stderr));
        Api::new(self.address, Some(String::from_utf8(token.stdout).expect("text").trim().to_owned()))
    }

    /// Kills it at once: SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("it ran");
        self.child.wait().expect("it is dead");
    }

    /// Asks it to close: SIGTERM.
    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).expect("it runs");
    }

    /// Waits until it is gone.
    pub fn gone(mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How many files it holds open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).expect("it runs").count()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone is what `gone` and `kill` leave.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
