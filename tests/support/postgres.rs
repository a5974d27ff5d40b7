//! PostgreSQL for tests: a cluster of this process's own, a database for each test.
//!
//! `EXPORTD_TEST_POSTGRES=postgres://…/postgres` uses a server that is there instead; its user
//! has to be allowed to create databases. `EXPORTD_TEST_STORE=postgres` puts the rows of every
//! house there.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Waits for its standard input to end, which happens when the test process does, however it
/// goes; then stops the server and leaves nothing.
const KEEPER: &str =
    r#"folder=$1; shift; "$@" & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$folder""#;

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
        // One that orders text as people do, as most servers out there have it.
        let people_s = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";
        psql(server(), &format!("CREATE DATABASE {name} {people_s}"));
        let url = format!("{}/{name}", server().rsplit_once('/').expect("a database in the URL").0);
        Self { name, url }
    }

    /// Makes one if this run keeps its rows in PostgreSQL.
    pub fn if_wanted() -> Option<Self> {
        match std::env::var("EXPORTD_TEST_STORE").as_deref() {
            Ok("postgres") => Some(Self::create()),
            Ok("sqlite") | Err(_) => None,
            Ok(other) => panic!("EXPORTD_TEST_STORE is {other:?}; it may be sqlite or postgres"),
        }
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            psql(server(), &format!("DROP DATABASE {} WITH (FORCE)", self.name));
        }
    }
}

/// Runs `statements` at `url` and gives what they print.
pub fn psql(url: &str, statements: &str) -> String {
    let ran = Command::new("psql")
        .args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
        .args(["--command", statements, url])
        .output()
        .expect("psql is installed");
    assert!(ran.status.success(), "{statements}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text")
}

/// The URL of the server's first database.
fn server() -> &'static str {
    static SERVER: OnceLock<String> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var("EXPORTD_TEST_POSTGRES").unwrap_or_else(|_| started()))
}

fn started() -> String {
    let programs = programs();
    let folder = tempfile::Builder::new().prefix("exportd-postgres-").tempdir().expect("a folder").keep();
    if is_root() {
        let owner = Command::new("chown").arg("postgres:").arg(&folder).status().expect("chown is there");
        assert!(owner.success());
    }
    let data = folder.join("data");
    let made = unprivileged(&programs.join("initdb"))
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "--no-instructions"])
        .arg("--pgdata")
        .arg(&data)
        .output()
        .expect("initdb is installed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let port =
        TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    keep(&folder, &mut server_command(&programs, &folder, &data, port));
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    super::api::eventually("PostgreSQL answers", || {
        let asked = Command::new("psql").args(["--no-psqlrc", "--command=SELECT 1", &url]).output();
        asked.expect("psql is installed").status.success().then_some(())
    });
    url
}

fn server_command(programs: &Path, folder: &Path, data: &Path, port: u16) -> Command {
    let mut command = unprivileged(&programs.join("postgres"));
    command.arg("-D").arg(data);
    let sockets = format!("unix_socket_directories={}", folder.display());
    let port = format!("port={port}");
    for setting in [
        "listen_addresses=127.0.0.1",
        &port,
        &sockets,
        // Nothing here has to survive a power cut.
        "fsync=off",
        "full_page_writes=off",
        // Nobody else is to touch what a test counts.
        "autovacuum=off",
        "max_connections=400",
        "shared_buffers=64MB",
    ] {
        command.args(["-c", setting]);
    }
    command
}

/// Starts `server`, which is gone with this process.
fn keep(folder: &Path, server: &mut Command) {
    let log = std::fs::File::create(folder.join("log")).expect("a file");
    let kept = Command::new("sh")
        .args(["-c", KEEPER, "sh"])
        .arg(folder)
        .arg(server.get_program())
        .args(server.get_args())
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

/// PostgreSQL refuses to run as root.
fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(program).current_dir("/");
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Where Debian keeps the newest PostgreSQL that is installed.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL is installed").flatten();
    let newest = versions.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).max();
    format!("/usr/lib/postgresql/{}/bin", newest.expect("PostgreSQL is installed")).into()
}
