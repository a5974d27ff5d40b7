//! MariaDB for tests: a server of this process's own, a database for each test.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::support::api::eventually;

/// Waits for its standard input to end, which happens when the test process does, however it
/// goes; then stops the server and leaves nothing.
const KEEPER: &str =
    r#"folder=$1; shift; "$@" & server=$!; read -r _; kill -KILL $server; wait $server; rm -rf "$folder""#;

/// A database of a test's own, empty at first. Dropping it drops the database.
#[derive(Debug)]
pub struct OwnDatabase {
    name: String,
    /// Where it is.
    pub url: String,
}

impl OwnDatabase {
    /// Makes one.
    pub fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("exportd_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        mariadb(server(), &format!("CREATE DATABASE {name}"));
        Self { url: format!("mysql://root@127.0.0.1:{}/{name}", server()), name }
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            mariadb(server(), &format!("DROP DATABASE {}", self.name));
        }
    }
}

fn mariadb(port: u16, statement: &str) {
    let ran = client(port).args(["--execute", statement]).output().expect("mariadb is installed");
    assert!(ran.status.success(), "{statement}: {}", String::from_utf8_lossy(&ran.stderr));
}

fn client(port: u16) -> Command {
    let mut command = Command::new("mariadb");
    command.args(["--no-defaults", "--user=root", "--protocol=tcp", "--host=127.0.0.1"]);
    command.arg(format!("--port={port}"));
    command
}

fn server() -> u16 {
    static SERVER: OnceLock<u16> = OnceLock::new();
    *SERVER.get_or_init(started)
}

fn started() -> u16 {
    let folder = tempfile::Builder::new().prefix("exportd-mariadb-").tempdir().expect("a folder").keep();
    let made = Command::new("mariadb-install-db")
        .args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user=root"])
        .arg(format!("--datadir={}", folder.join("data").display()))
        .output()
        .expect("mariadb-install-db is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let socket = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port");
    keep(&folder, socket.port());
    eventually("MariaDB answers", || {
        let asked = client(socket.port()).args(["--execute", "SELECT 1"]).output();
        asked.expect("mariadb is installed").status.success().then_some(())
    });
    socket.port()
}

/// Starts the server, which is gone with this process.
fn keep(folder: &Path, port: u16) {
    let log = std::fs::File::create(folder.join("log")).expect("a file");
    let kept = Command::new("sh")
        .args(["-c", KEEPER, "sh"])
        .arg(folder)
        .args(["mariadbd", "--no-defaults", "--user=root", "--bind-address=127.0.0.1"])
        .arg(format!("--datadir={}", folder.join("data").display()))
        .arg(format!("--socket={}", folder.join("socket").display()))
        .arg(format!("--pid-file={}", folder.join("pid").display()))
        .arg(format!("--port={port}"))
        // Nothing here has to survive a power cut.
        .args(["--innodb-flush-log-at-trx-commit=0", "--innodb-flush-method=nosync", "--skip-log-bin"])
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
