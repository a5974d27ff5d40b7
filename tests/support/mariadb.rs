//! MariaDB for tests: a server of this process's own, a database for each test.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Waits for its standard input to end, which happens when the test process does, however it
/// goes; then stops the server and leaves nothing.
const KEEPER: &str =
    r#"folder=$1; shift; "$@" & server=$!; read -r _; kill -KILL $server; wait $server; rm -rf "$folder""#;

/// A database of a test's own, empty at first. Dropping it drops the database.
#[derive(Debug)]
pub struct OwnSchema {
    name: String,
    /// Where it is.
    pub url: String,
}

impl OwnSchema {
    /// Makes one.
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("exportd_test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let url = format!("mysql://root@127.0.0.1:{}/{name}", server());
        mariadb("mysql", &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"));
        Self { name, url }
    }

    /// Runs `statements` there and gives what they print.
    pub fn run(&self, statements: &str) -> String {
        mariadb(&self.name, statements)
    }
}

impl Drop for OwnSchema {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            mariadb("mysql", &format!("DROP DATABASE {}", self.name));
        }
    }
}

fn mariadb(database: &str, statements: &str) -> String {
    let ran = Command::new("mariadb")
        .args(["--no-defaults", "--host=127.0.0.1", "--user=root", "--batch", "--skip-column-names"])
        .args(["--default-character-set=utf8mb4", &format!("--port={}", server())])
        .args(["--execute", statements, database])
        .output()
        .expect("mariadb is installed");
    assert!(ran.status.success(), "{statements}: {}", String::from_utf8_lossy(&ran.stderr));
    // What is told of bytes need not be text.
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// The server's port.
fn server() -> u16 {
    static SERVER: OnceLock<u16> = OnceLock::new();
    *SERVER.get_or_init(started)
}

fn started() -> u16 {
    let folder = tempfile::Builder::new().prefix("exportd-mariadb-").tempdir().expect("a folder").keep();
    let data = format!("--datadir={}", folder.join("data").display());
    // It refuses to run as root.
    let user = if rustix::process::geteuid().is_root() {
        let owner = Command::new("chown").arg("mysql:").arg(&folder).status().expect("chown is there");
        assert!(owner.success());
        &["--user=mysql"][..]
    } else {
        &[]
    };
    let made = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", &data])
        .args(user)
        .output()
        .expect("mariadb-install-db is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    keep(&folder, &[&data], user, port);
    super::api::eventually("MariaDB answers", || {
        let asked = Command::new("mariadb-admin")
            .args(["--no-defaults", "--host=127.0.0.1", "--user=root", &format!("--port={port}"), "ping"])
            .output();
        asked.expect("mariadb-admin is installed").status.success().then_some(())
    });
    port
}

/// Starts the server, which is gone with this process.
fn keep(folder: &Path, data: &[&str], user: &[&str], port: u16) {
    let log = std::fs::File::create(folder.join("log")).expect("a file");
    let kept = Command::new("sh")
        .args(["-c", KEEPER, "sh"])
        .arg(folder)
        .args([
            "/usr/sbin/mariadbd",
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--innodb-flush-log-at-trx-commit=0",
        ])
        .args(["--skip-log-bin", "--max-connections=200", &format!("--port={port}")])
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .args(data)
        .args(user)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(log)
        // An interrupt from the terminal is for the tests; this one sees their end.
        .process_group(0)
        .spawn()
        .expect("sh is there");
    // Its input stays open until the process ends.
    std::mem::forget(kept);
}
