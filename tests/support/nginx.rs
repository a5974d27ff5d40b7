//! The real nginx before a server, run with what `exportd nginx print` writes for it.

use std::cell::RefCell;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exportd::config::Settings;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::api::eventually;

/// A running nginx with a folder of its own. Dropping it stops it, and fails the test when it had
/// anything to complain of.
pub struct Nginx {
    master: Child,
    address: SocketAddr,
    folder: TempDir,
    flags: Vec<String>,
}

/// What `exportd nginx print` is to know of a server that listens at `address`, as `--set` has it.
pub fn told(settings: &Settings, address: SocketAddr) -> Vec<String> {
    let accel_log = settings.download.accel_log.clone();
    [
        Some(format!("server.listen={address}")),
        Some(format!("storage.root={}", settings.storage.root.display())),
        Some("download.mode=accel".to_owned()),
        Some(format!("download.accel_prefix={}", settings.download.accel_prefix)),
        accel_log.map(|path| format!("download.accel_log={}", path.display())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Nginx {
    /// nginx before what `settings` tell of, with more `flags` for `exportd nginx print`. Without
    /// `--tls-certificate` among them it goes without TLS.
    pub fn before(settings: &[String], flags: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        if !flags.iter().any(|flag| flag == "--tls-certificate") {
            flags.push("--plain".to_owned());
        }
        if rustix::process::geteuid().is_root() && !flags.iter().any(|flag| flag == "--user") {
            // A test's folders are its user's.
            flags.extend(["--user".to_owned(), "root".to_owned()]);
        }
        loop {
            let free =
                TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
            print(folder.path(), free, settings, &flags);
            if let Some(master) = started(folder.path()) {
                return Self { master, address: free, folder, flags };
            }
        }
    }

    /// The same with TLS, by a certificate that nobody trusts.
    pub fn with_tls(settings: &[String]) -> Self {
        let keys = tempfile::tempdir().expect("a folder");
        let (certificate, key) = certificate_in(keys.path());
        Self::before(settings, &["--tls-certificate", &certificate, "--tls-key", &key])
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Goes on before another server, without leaving its port.
    pub fn reload(&self, settings: &[String]) {
        let workers = self.workers();
        print(self.folder.path(), self.address, settings, &self.flags);
        self.signal(Signal::HUP);
        eventually("nginx has new workers", || {
            let now = self.workers();
            (!now.is_empty() && now.iter().all(|worker| !workers.contains(worker))).then_some(())
        });
    }

    /// Stops at once, whatever it sends, and starts again at the same place.
    pub fn restart(&mut self) {
        self.stop();
        self.master = started(self.folder.path()).expect("its port is still free");
    }

    /// Its access log, line by line.
    pub fn requests(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.folder.path().join("access.log")).unwrap_or_default();
        log.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// The line of the request that was called `correlation_id`, once it is over.
    pub fn request(&self, correlation_id: &str) -> Value {
        eventually("nginx has logged the request", || {
            self.requests().into_iter().find(|line| line["correlation_id"] == correlation_id)
        })
    }

    /// The line of a request to `uri`, as logged, once it is over.
    pub fn request_to(&self, uri: &str) -> Value {
        eventually("nginx has logged the request", || {
            self.requests().into_iter().find(|line| line["uri"] == uri)
        })
    }

    /// Whether nginx itself sent the answer to the request that was called `correlation_id`.
    pub fn sent(&self, correlation_id: &str) -> bool {
        self.request(correlation_id)["file"].as_str().is_some_and(|file| !file.is_empty())
    }

    /// All that it has written, about requests and about itself.
    pub fn logs(&self) -> String {
        let logs = ["access.log", "error.log"].map(|name| fs::read_to_string(self.folder.path().join(name)));
        logs.map(Result::unwrap_or_default).concat()
    }

    /// How many files and connections its workers hold open.
    pub fn open_files(&self) -> usize {
        let open = |worker: &u32| fs::read_dir(format!("/proc/{worker}/fd")).map_or(0, Iterator::count);
        self.workers().iter().map(open).sum()
    }

    /// Its processes that do the work.
    pub fn workers(&self) -> Vec<u32> {
        let master = self.master.id();
        let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children"));
        children.unwrap_or_default().split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.master), signal).expect("it runs");
    }

    fn stop(&mut self) {
        // Not `kill`: the workers have to be told.
        let _already_gone = kill_process(Pid::from_child(&self.master), Signal::TERM);
        let _ = self.master.wait();
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.stop();
        let log = fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default();
        let complaints: Vec<_> = log
            .lines()
            .filter(|line| ["[emerg]", "[alert]", "[crit]"].iter().any(|l| line.contains(l)))
            .collect();
        assert!(std::thread::panicking() || complaints.is_empty(), "{complaints:?}");
    }
}

/// A certificate for `localhost` and its key, made in `folder`.
pub fn certificate_in(folder: &Path) -> (String, String) {
    let [certificate, key] =
        ["certificate.pem", "key.pem"].map(|name| folder.join(name).display().to_string());
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-out", &certificate, "-keyout", &key])
        .output()
        .expect("openssl is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (certificate, key)
}

/// Where Debian keeps it, which is on nobody's `PATH` but root's.
pub fn program() -> PathBuf {
    let debian = PathBuf::from("/usr/sbin/nginx");
    if debian.exists() { debian } else { "nginx".into() }
}

/// Writes `nginx.conf` into `folder`.
fn print(folder: &Path, address: SocketAddr, settings: &[String], flags: &[String]) {
    let printed = Command::new(env!("CARGO_BIN_EXE_exportd"))
        .args(["nginx", "print", "--listen", &address.to_string(), "--complete"])
        .arg(folder)
        .args(flags)
        .args(settings.iter().flat_map(|setting| ["--set", setting]))
        .current_dir(folder)
        .output()
        .expect("exportd runs");
    assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
    fs::write(folder.join("nginx.conf"), printed.stdout).expect("written");
}

/// nginx, once it listens; `None` when somebody else has its port. Ends with the test's thread at
/// the latest.
fn started(folder: &Path) -> Option<Child> {
    let pid = folder.join("nginx.pid");
    let _not_there = fs::remove_file(&pid);
    let master = Command::new("setpriv")
        .args(["--pdeathsig", "TERM"])
        .arg(program())
        .args(["-g", "daemon off;", "-p"])
        .arg(folder)
        .arg("-e")
        .arg(folder.join("error.log"))
        .arg("-c")
        .arg(folder.join("nginx.conf"))
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx is installed");
    let master = RefCell::new(master);
    let listens = eventually("nginx listens", || {
        if let Some(ended) = master.borrow_mut().try_wait().expect("its state") {
            let log = fs::read_to_string(folder.join("error.log")).unwrap_or_default();
            assert!(log.contains("bind()"), "nginx ended, {ended}: {log}");
            fs::remove_file(folder.join("error.log")).expect("it is there");
            return Some(false);
        }
        // Written once it listens.
        fs::read_to_string(&pid).is_ok_and(|pid| !pid.is_empty()).then_some(true)
    });
    listens.then_some(master.into_inner())
}
