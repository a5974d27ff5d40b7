//! PostgreSQL for tests: a cluster of this process's own, a database for each test.
//!
//! `EXPORTD_TEST_POSTGRES=postgres://…/postgres` uses a server that is there instead; its user
//! has to be allowed to create databases and roles. `EXPORTD_TEST_STORE=postgres` puts the rows of every
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

/// One that orders text as people do, as most servers out there have it.
const PEOPLE_S: &str = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'";

/// A database of a test's own, empty at first. Dropping it drops the database and its roles.
#[derive(Debug)]
pub struct OwnDatabase {
    name: String,
    roles: Vec<String>,
    /// Where it is, as the server knows it.
    pub url: String,
    /// And as whoever owns it does, when that is another role.
    pub owner_url: Option<String>,
}

impl OwnDatabase {
    /// Makes one.
    pub fn create() -> Self {
        let name = new_name();
        psql(server(), &format!("CREATE DATABASE {name} {PEOPLE_S}"));
        let url = format!("{}/{name}", server().rsplit_once('/').expect("a database in the URL").0);
        Self { name, roles: Vec::new(), url, owner_url: None }
    }

    /// Makes one with the two roles that `docs/postgres.md` makes, by the statements it shows: the
    /// server's role owns nothing.
    pub fn with_roles() -> Self {
        let name = new_name();
        let (owner, of_server) = (format!("{name}_owner"), format!("{name}_server"));
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/postgres.md"));
        let page = page.expect("the page");
        let shown =
            page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("statements");
        let shown = shown.replace("exportd_owner", &owner).replace("exportd_server", &of_server);
        let shown = shown.replace("DATABASE exports", &format!("DATABASE {name}"));
        // One statement at a time: a database is made in no transaction.
        for statement in shown.split(';').map(str::trim).filter(|statement| !statement.is_empty()) {
            let made = statement.starts_with("CREATE DATABASE");
            psql(server(), &if made { format!("{statement} {PEOPLE_S}") } else { statement.to_owned() });
        }
        let url = |role| as_role(role, &name);
        Self { url: url(&of_server), owner_url: Some(url(&owner)), name, roles: vec![of_server, owner] }
    }

    /// The settings of a server that keeps its rows there.
    pub fn config(&self) -> exportd::db::Config {
        let (url, migrate_url) = (self.url.clone(), self.owner_url.clone());
        exportd::db::Config { url, migrate_url, ..exportd::db::Config::default() }
    }

    /// Where it is for a superuser, whom no policy binds.
    pub fn superuser_url(&self) -> String {
        format!("{}/{}", server().rsplit_once('/').expect("a database in the URL").0, self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes one if this run keeps its rows in PostgreSQL; there the server is a role of its own.
    pub fn if_wanted() -> Option<Self> {
        match std::env::var("EXPORTD_TEST_STORE").as_deref() {
            Ok("postgres") => Some(Self::with_roles()),
            Ok("sqlite") | Err(_) => None,
            Ok(other) => panic!("EXPORTD_TEST_STORE is {other:?}; it may be sqlite or postgres"),
        }
    }
}

impl Drop for OwnDatabase {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            psql(server(), &format!("DROP DATABASE {} WITH (FORCE)", self.name));
            for role in &self.roles {
                psql(server(), &format!("DROP ROLE {role}"));
            }
        }
    }
}

fn new_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("exportd_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// The address of `database` for `role`, whose password is the one that the page shows.
fn as_role(role: &str, database: &str) -> String {
    let (_, place) = server().rsplit_once('@').expect("a user in the URL");
    let (place, _) = place.rsplit_once('/').expect("a database in the URL");
    let password = if role.ends_with("_owner") { "one-of-its-own" } else { "another" };
    format!("postgres://{role}:{password}@{place}/{database}")
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
